"""Keywords that other articles were given, by declaration or as a topic: in a text, these go before the rest.

A text is searched for keywords where its article declares none and is about no topic. Of what is found in it, what
people already use as a keyword describes it better than anything else. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from publisher.keywords import Rules
from publisher.model import Keyword, KeywordSource, Listing, Subject


class Vocabulary:
    """The keys of given keywords; `before` tells how many articles are given each, by slug."""

    def __init__(self, before: Mapping[str, int], keywords: Mapping[str, Keyword]) -> None:
        self._keywords = keywords
        self._before = Counter({keywords[slug].key: number for slug, number in before.items()})
        self._after = Counter(self._before)

    def leave(self, listing: Listing | None) -> None:
        """An article goes, or is filed anew: what it was given, it is given no more."""
        if listing and not listing.withdrawn and not listing.found:
            self._after.subtract(self._keywords[slug].key for slug in listing.keywords)

    def come(self, subjects: Iterable[Subject], rules: Rules) -> None:
        """An article is filed under its subjects; of what was found in its text nothing is given."""
        given = (one for one in subjects if one.source is not KeywordSource.FOUND)
        self._after.update(rules.key_of(one.label) for one in given)

    @property
    def shift(self) -> set[str]:
        """The keys that became given keywords, or are none any more."""
        keys = self._before.keys() | self._after.keys()
        return {key for key in keys if (self._before[key] > 0) != (self._after[key] > 0)}

    def holds(self, key: str) -> bool:
        """Whether any article is given a keyword."""
        return self._after[key] > 0

    def chosen(self, subjects: Sequence[Subject], rules: Rules) -> list[Subject]:
        """The subjects under which an article is filed: of what was found, the first few, known ones before others."""
        if not subjects or subjects[0].source is not KeywordSource.FOUND:
            return list(subjects)
        known = [one for one in subjects if self.holds(rules.key_of(one.label))]
        return [*known, *(one for one in subjects if one not in known)][: rules.limit]


def given_by(listings: Iterable[Listing]) -> Counter[str]:
    """How many living articles are given each keyword, by slug."""
    living = (item for item in listings if not item.withdrawn and not item.found)
    return Counter(slug for item in living for slug in item.keywords)
