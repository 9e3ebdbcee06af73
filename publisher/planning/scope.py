"""How far a change reaches: the articles, feeds and documents that a run decides about. Pure.

Where the rules stand and the output is as it was left, a change of some seeds concerns their articles, the feeds
that carry these or did, and the pages that list feeds. All else would be decided as it was before, so it is not
looked at, and not even loaded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher import addresses
from publisher.model import ArticleChange, Edition, Listing, Totals


class TooWide(Exception):
    """That a change reaches so far that everything must be looked at; never leaves a run."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The articles that change, come out or go, and the slugs of the keywords under which they stand or stood."""

    touched: frozenset[str]
    slugs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is decided about; `reach` is none where it is everything.

    `before` and `after` count all articles where only some are known.
    """

    reach: Reach | None = None
    before: Totals | None = None
    after: Totals | None = None
    combined: bool = False

    def holds(self, article: str) -> bool:
        """Whether an article is in it."""
        return self.reach is None or article in self.reach.touched

    def holds_feed(self, folder: str) -> bool:
        """Whether a feed is in it: that of the site is where anything is."""
        if self.reach is None:
            return True
        if not self.reach.touched:
            return False
        if folder.startswith(addresses.KEYWORDS):
            return folder.split("/")[1] in self.reach.slugs
        return not folder or self.combined

    def holds_edition(self, edition: Edition) -> bool:
        """Whether an edition names an article that is in it."""
        return self.reach is None or not self.reach.touched.isdisjoint(edition.named)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to decide about documents."""
        return self.reach is not None and not self.reach.touched


EVERYTHING = Scope()


def reach_of(
    changes: Sequence[ArticleChange],
    withdrawn: Sequence[Listing],
    out: Iterable[Listing],
    old: Mapping[str, Listing],
) -> Reach:
    """The reach of changes; `out` are articles whose date has come, `old` all that are known of these."""
    now = {item.id: item for item in [*out, *withdrawn, *(change.listing for change in changes)]}
    both = [*now.values(), *(old[key] for key in now if key in old)]
    return Reach(frozenset(now), frozenset(slug for item in both for slug in item.keywords))


def counted(
    totals: Totals, old: Iterable[Listing | None], new: Iterable[Listing | None], now: datetime
) -> Totals:
    """Totals without `old` articles and with `new` ones, as far as these are out at `now`."""
    live, under, given = totals.live, dict(totals.under), dict(totals.given)
    for items, step in ((old, -1), (new, 1)):
        for item in items:
            if item and not item.withdrawn and item.published <= now:
                live += step
                for slug in item.keywords:
                    under[slug] = under.get(slug, 0) + step
                    if not item.found:
                        given[slug] = given.get(slug, 0) + step
    return Totals(
        live,
        {slug: number for slug, number in under.items() if number},
        {slug: number for slug, number in given.items() if number},
    )


def widened(reach: Reach, others: Iterable[Listing]) -> Reach:
    """The reach with other articles that are shown in another way now."""
    more = list(others)
    slugs = (slug for item in more for slug in item.keywords)
    return Reach(reach.touched.union(item.id for item in more), reach.slugs.union(slugs))


def refuse_relabelling(changed: Iterable[str], known: Collection[str]) -> None:
    """`TooWide` where a keyword is called by another label, for every article under it shows that."""
    if any(slug in known for slug in changed):
        raise TooWide("a keyword has another label")
