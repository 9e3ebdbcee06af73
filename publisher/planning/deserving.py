"""Which keywords deserve a page and a feed of their own. Pure.

What people gave an article, or the configuration's topics, does with `min_articles`. What was found in texts is a
stopgap: once there are enough texts to tell, it must be a subject to which the site comes back, and neither
something that only one article says nor what stands in so many that it tells nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from publisher.config import Keywords
from publisher.keywords import sort_key
from publisher.model import Frequencies, Keyword, KeywordSource, Totals

TELLING = 100
"""Texts from which on frequencies tell anything."""
_GIVEN = (KeywordSource.DECLARED.value, KeywordSource.TOPIC.value)
COMMON = 0.25
"""The share of texts from which on a phrase tells nothing: the site's own name, a heading of every page."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What keywords must have; `frequencies` are those of the phrases that are keywords."""

    least: int = 1
    found: int = 1
    frequencies: Frequencies = field(default_factory=Frequencies)

    @classmethod
    def of(cls, table: Keywords, frequencies: Frequencies) -> Bar:
        """The bar of a configuration."""
        return cls(table.min_articles, table.found_articles, frequencies)

    def listed(self, totals: Totals, keywords: Mapping[str, Keyword]) -> set[str]:
        """The slugs of the keywords that deserve a page."""
        enough = {slug for slug, number in totals.under.items() if number >= self.least}
        if self.frequencies.texts < TELLING:
            return enough
        return {slug for slug in enough if slug in totals.given or self._tells(keywords[slug].key)}

    def _tells(self, key: str) -> bool:
        articles = self.frequencies.articles.get(key, 0)
        return self.found <= articles < COMMON * self.frequencies.texts


def deserving(
    table: Keywords, sources: Iterable[tuple[Keyword, Mapping[str, int]]], frequencies: Frequencies
) -> list[tuple[Keyword, int]]:
    """The keywords that deserve a page with their articles, in the order of `sources`: their articles by source."""
    every = [(keyword, sum(by.values()), dict(by)) for keyword, by in sources]
    given = {keyword.slug: sum(by.get(source, 0) for source in _GIVEN) for keyword, _, by in every}
    totals = Totals(
        under={keyword.slug: number for keyword, number, _ in every},
        given={slug: number for slug, number in given.items() if number},
    )
    keywords = {keyword.slug: keyword for keyword, _, _ in every}
    listed = Bar.of(table, frequencies).listed(totals, keywords)
    return [(keyword, number) for keyword, number, _ in every if keyword.slug in listed]


def fullest_first(
    sources: Iterable[tuple[Keyword, Mapping[str, int]]],
) -> list[tuple[Keyword, Mapping[str, int]]]:
    """Keywords with their articles by source, for people: those that are as full by the alphabet."""
    return sorted(sources, key=lambda pair: (-sum(pair[1].values()), sort_key(pair[0].label)))


def shifted(
    known: Frequencies, before: Iterable[str], after: Iterable[str], keys: Collection[str]
) -> Frequencies:
    """Frequencies of the phrases that are `keys`, when texts hold what is in `after` and no longer what was `before`.

    Each has a key in each line; a text in which nothing was found does not count.
    """
    texts, articles = known.texts, Counter(known.articles)
    for phrases, step in ((before, -1), (after, 1)):
        for some in filter(None, phrases):
            texts += step
            for key in some.split("\n"):
                if key in keys:
                    articles[key] += step
    return Frequencies(texts, {key: number for key, number in articles.items() if number})
