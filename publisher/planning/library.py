"""The articles that are out, in order, and by keyword. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from publisher.model import Keyword, KeywordCount, Listing, Totals


class Library:
    """The articles that are out, newest first, and under each keyword; `listed` keywords have a page.

    `totals` are given where it holds some of the articles only.
    """

    def __init__(
        self,
        live: Sequence[Listing],
        keywords: Mapping[str, Keyword],
        min_articles: int,
        totals: Totals | None = None,
    ) -> None:
        self.live = sorted(live, key=lambda listing: listing.order, reverse=True)
        self.keywords = keywords
        self.under: dict[str, list[Listing]] = {}
        for listing in self.live:
            for slug in listing.keywords:
                self.under.setdefault(slug, []).append(listing)
        self.size = totals.live if totals else len(self.live)
        self.sizes = totals.under if totals else {slug: len(found) for slug, found in self.under.items()}
        self.listed = {slug for slug, size in self.sizes.items() if size >= min_articles}
        self.by_id = {listing.id: listing for listing in self.live}

    def counts(self) -> tuple[KeywordCount, ...]:
        """The keywords that have pages, the fullest first."""
        counts = [KeywordCount(self.keywords[slug], self.sizes[slug]) for slug in self.listed]
        return tuple(sorted(counts, key=lambda count: (-count.count, count.keyword.slug)))
