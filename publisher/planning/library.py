"""The articles that are out, in order, and by keyword. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from publisher import addresses
from publisher.model import Keyword, KeywordCount, Listing, Totals
from publisher.planning.deserving import Bar


class Library:
    """The articles that are out, newest first, and under each keyword; `listed` are those that have a page.

    `totals` are given where it holds some of the articles only.
    """

    def __init__(
        self,
        live: Sequence[Listing],
        keywords: Mapping[str, Keyword],
        bar: Bar,
        totals: Totals | None = None,
    ) -> None:
        self.live = sorted(live, key=lambda listing: listing.order, reverse=True)
        self.keywords = keywords
        self.under: dict[str, list[Listing]] = {}
        for listing in self.live:
            for slug in listing.keywords:
                self.under.setdefault(slug, []).append(listing)
        totals = totals or self._totals()
        self.size, self.sizes = totals.live, totals.under
        self.listed = bar.listed(totals, keywords)
        self.by_id = {listing.id: listing for listing in self.live}

    @cached_property
    def left(self) -> Mapping[str, list[str]]:
        """The folders that keywords left, by the folder where each is now."""
        now = {keyword.key: addresses.keyword(keyword.slug) for keyword in self.keywords.values()}
        found: dict[str, list[str]] = {}
        for keyword in self.keywords.values():
            if keyword.leads_to in now:
                found.setdefault(now[keyword.leads_to], []).append(addresses.keyword(keyword.slug))
        return found

    def _totals(self) -> Totals:
        given = Counter(slug for listing in self.live if not listing.found for slug in listing.keywords)
        return Totals(len(self.live), {slug: len(some) for slug, some in self.under.items()}, given)

    def counts(self) -> tuple[KeywordCount, ...]:
        """The keywords that have pages, the fullest first."""
        counts = [KeywordCount(self.keywords[slug], self.sizes[slug]) for slug in self.listed]
        return tuple(sorted(counts, key=lambda count: (-count.count, count.keyword.slug)))
