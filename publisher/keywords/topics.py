"""Which of the configured topics an article is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from publisher.config import Topic
from publisher.keywords.compiled import SYLLABLE, Compiled, starts_upper
from publisher.keywords.folding import bare, lowered, plain, visible
from publisher.keywords.kept import compiled
from publisher.keywords.phrases import Candidate, spread, unhyphenated

_WEIGHTS = {"title": 3, "body": 1}


@dataclass(frozen=True, slots=True)
class TopicHit:
    """A topic that an article is about; `position` is its place in the configuration."""

    label: str
    score: float
    position: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a phrase of a topic stands: from `start` to `end` in the `text` of a `zone`, ``title`` or ``body``."""

    label: str
    phrase: str
    zone: str
    text: str
    start: int
    end: int


class Matcher:
    """Finds topics in articles. The longest phrase of all topics wins where several overlap.

    Many topics are taken from the file `kept` if it has them, which is written only where one may `keep`.
    """

    def __init__(
        self, topics: Sequence[Topic], fold: bool, kept: Path | None = None, *, keep: bool = False
    ) -> None:
        self._topics = tuple(topics)
        self._fold, self._kept, self._keep = fold, kept, keep

    @cached_property
    def _made(self) -> Compiled:
        """Made for the first text: of tens of thousands of phrases it takes a second, and most runs read none."""
        return compiled(self._topics, self._fold, self._kept, write=self._keep)

    def match(self, title: str, body: str) -> list[TopicHit]:
        """The topics of an article, in the order of the configuration."""
        if not self._topics:
            return []
        zones = {"title": self._count(title), "body": self._count(body)}
        touched = sorted({topic for counts in zones.values() for topic, _ in counts})
        hits = (self._judge(position, zones) for position in touched)
        return [hit for hit in hits if hit is not None]

    def _count(self, text: str) -> Counter[tuple[int, int]]:
        """How often each phrase counts for each topic."""
        found = self._longest(spread(visible(text)))
        return Counter(
            (topic, one.phrase) for one in found for topic in self._made.phrases[one.phrase].topics
        )

    def _longest(self, text: str) -> Iterator[Candidate]:
        covered = bytearray(len(text))
        by_length = sorted(self._candidates(text), key=lambda one: (one.start - one.end, one.start))
        last: Candidate | None = None
        for one in by_length:
            # Two phrases may be spelt so that both stand in the very same place: both count.
            same = last is not None and (one.start, one.end) == (last.start, last.end)
            if same or covered.find(1, one.start, one.end) < 0:
                covered[one.start : one.end] = b"\1" * (one.end - one.start)
                last = one
                yield one

    def _candidates(self, text: str) -> Iterator[Candidate]:
        level = plain(text)
        yield from self._made.cased.scan(unhyphenated(level) if self._fold else text)
        small = unhyphenated(lowered(level)) if self._made.folded or self._made.unmarked else ""
        yield from (one for one in self._made.folded.scan(small) if self._is_whole(one, text))
        if self._made.unmarked:
            yield from (one for one in self._made.unmarked.scan(bare(small)) if self._is_whole(one, text))

    def _is_whole(self, one: Candidate, text: str) -> bool:
        return self._made.phrases[one.phrase].inner_capital or not _is_torn(text[one.start : one.end])

    def places(self, title: str, body: str) -> Iterator[Place]:
        """Where the phrases of topics stand that count, in the order of the text."""
        for zone, text in (("title", spread(visible(title))), ("body", spread(visible(body)))):
            for one in sorted(self._longest(text), key=lambda one: one.start):
                phrase = self._made.phrases[one.phrase]
                for topic in phrase.topics:
                    if zone in self._topics[topic].where:
                        yield Place(self._topics[topic].name, phrase.text, zone, text, one.start, one.end)

    def _judge(self, position: int, zones: dict[str, Counter[tuple[int, int]]]) -> TopicHit | None:
        topic, wanted = self._topics[position], self._made.wanted[position]
        counts = {
            phrase: sum(_WEIGHTS[zone] * zones[zone][position, phrase] for zone in topic.where)
            for phrase in (*wanted.any, *wanted.all)
        }
        seen = {phrase for phrase, count in counts.items() if count}
        if not seen.issuperset(wanted.all) or (wanted.any and seen.isdisjoint(wanted.any)):
            return None
        return TopicHit(topic.name, float(sum(counts.values())), position)


def _is_torn(text: str) -> bool:
    """Whether it is the end of one name and the start of another, as in "Công an Ninh Bình"."""
    first, *others = SYLLABLE.findall(text) or ["-"]
    return first[0].islower() and any(map(starts_upper, others))
