"""Which of the configured topics an article is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.config import Topic
from publisher.keywords.folding import fold as fold_text
from publisher.keywords.folding import plain, visible
from publisher.keywords.phrases import Candidate, Scanner, exact_tokens, is_capital, loose_tokens

_WEIGHTS = {"title": 3, "body": 1}
_ACRONYM_LETTERS = 5
_SYLLABLE = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class TopicHit:
    """A topic that an article is about; `position` is its place in the configuration."""

    label: str
    score: float
    position: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What one spelling means: its wording and the topics that it counts for."""

    text: str
    topics: tuple[int, ...]
    inner_capital: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The numbers of a topic's phrases."""

    any: frozenset[int]
    all: frozenset[int]


class Matcher:
    """Finds topics in articles. The longest phrase of all topics wins where several overlap."""

    def __init__(self, topics: Sequence[Topic], fold: bool) -> None:
        self._topics = tuple(topics)
        self._fold = fold
        self._phrases = tuple(_phrases(topics))
        ids = {phrase.text: number for number, phrase in enumerate(self._phrases)}
        self._wanted = tuple(_Wanted(_numbers(ids, _any(one)), _numbers(ids, one.all)) for one in topics)
        cased = {n: p for n, p in enumerate(self._phrases) if not fold or _is_acronym(p.text)}
        self._cased = Scanner({n: _cased(p.text) if fold else exact_tokens(p.text) for n, p in cased.items()})
        self._folded = Scanner({n: _folded(p.text) for n, p in enumerate(self._phrases) if n not in cased})

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
        found = self._longest(visible(text))
        return Counter((topic, one.phrase) for one in found for topic in self._phrases[one.phrase].topics)

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
        yield from self._cased.scan(plain(text) if self._fold else text)
        if self._fold:
            for one in self._folded.scan(fold_text(text)):
                if self._phrases[one.phrase].inner_capital or not _is_torn(text[one.start : one.end]):
                    yield one

    def _judge(self, position: int, zones: dict[str, Counter[tuple[int, int]]]) -> TopicHit | None:
        topic, wanted = self._topics[position], self._wanted[position]
        counts = {
            phrase: sum(_WEIGHTS[zone] * zones[zone][position, phrase] for zone in topic.where)
            for phrase in wanted.any | wanted.all
        }
        seen = {phrase for phrase, count in counts.items() if count}
        if not seen >= wanted.all or (wanted.any and not seen & wanted.any):
            return None
        return TopicHit(topic.name, float(sum(counts.values())), position)


def _numbers(ids: Mapping[str, int], phrases: Sequence[str]) -> frozenset[int]:
    return frozenset(ids[visible(phrase)] for phrase in phrases)


def _any(topic: Topic) -> tuple[str, ...]:
    return topic.any if topic.any or topic.all else (topic.name,)


def _phrases(topics: Sequence[Topic]) -> Iterator[_Phrase]:
    """Every wording once. Those of `none` count for no topic: all they do is cover what they are found in."""
    users: dict[str, list[int]] = {}
    for position, topic in enumerate(topics):
        for phrase in map(visible, (*_any(topic), *topic.all)):
            if position not in users.setdefault(phrase, []):
                users[phrase].append(position)
        for phrase in map(visible, topic.none):
            users.setdefault(phrase, [])
    for text, numbers in users.items():
        yield _Phrase(text, tuple(numbers), any(map(_starts_upper, _SYLLABLE.findall(text)[1:])))


def _cased(phrase: str) -> tuple[str, ...]:
    return loose_tokens(plain(phrase), acronym=True)


def _folded(phrase: str) -> tuple[str, ...]:
    return loose_tokens(fold_text(phrase), acronym=False)


def _is_acronym(phrase: str) -> bool:
    return is_capital(phrase) and sum(map(str.isalpha, phrase)) <= _ACRONYM_LETTERS


def _starts_upper(syllable: str) -> bool:
    return syllable[0].isupper()


def _is_torn(text: str) -> bool:
    """Whether it is the end of one name and the start of another, as in "Công an Ninh Bình"."""
    first, *others = _SYLLABLE.findall(text) or ["-"]
    return first[0].islower() and any(map(_starts_upper, others))
