"""Automatic keywords for articles that have no others: few, and rather none than half a phrase."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from publisher.keywords.folding import fold, key, visible
from publisher.keywords.stopwords import STOPWORDS

_TITLE, _LEAD, _BODY = 3.0, 2.0, 1.0
_LONGEST = 4
_REPEATS = 3
_NAME_REPEATS = 2
_ABOUT_THE_SAME = 0.7
_WORD = re.compile(r"[^\W_]+(?:[-/&'’][^\W_]+)*")
# Whatever stands between two words of one phrase is blank; a dash between blanks is punctuation.
_BREAK = re.compile(r"[^\w\s\-/&'’]|_|\n|\s[-/&'’]+\s|(?<=\s)[-'’]|[-'’](?=\s)")
_SENTENCE_END = frozenset('.!?…\n:“"')


@dataclass(slots=True)
class _Phrase:
    """A phrase that may become a keyword, and how often it occurs."""

    words: tuple[str, ...]
    name: bool = False
    hits: int = 0
    score: float = 0.0
    forms: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Segment:
    """Words between two punctuation marks; `opens` where a sentence begins with them."""

    words: tuple[str, ...]
    opens: bool


def found(title: str, lead: str, body: str, limit: int, language: str) -> list[tuple[str, float]]:
    """Up to `limit` keywords with their scores, the best first."""
    if limit <= 0:
        return []
    stop = STOPWORDS.get(language.lower().partition("-")[0])
    phrases: dict[tuple[str, ...], _Phrase] = {}
    for text, weight in ((title, _TITLE), (lead, _LEAD), (body, _BODY)):
        for segment in _segments(visible(text)):
            _note(segment, weight, stop, phrases)
    worthy = [one for one in phrases.values() if _is_worthy(one)]
    chosen = _choose(_without_parts(worthy), limit)
    return [(_label(one), round(one.score, 3)) for one in chosen]


def _segments(text: str) -> Iterator[_Segment]:
    start, opens = 0, True
    for mark in _BREAK.finditer(text + "\n"):
        words = tuple(_WORD.findall(text[start : mark.start()]))
        if words:
            # A line in capitals tells no names from other words.
            if len(words) < _LONGEST or not all(word.isupper() for word in words):
                yield _Segment(words, opens)
            opens = False
        opens = opens or mark[0] in _SENTENCE_END
        start = mark.end()


def _note(
    segment: _Segment, weight: float, stop: frozenset[str] | None, phrases: dict[tuple[str, ...], _Phrase]
) -> None:
    folded = tuple(map(fold, segment.words))
    names = set(_names(segment, folded, stop or frozenset()))
    for start, end in _spans(segment, folded, stop, names):
        phrase = phrases.setdefault(folded[start:end], _Phrase(folded[start:end]))
        phrase.name = phrase.name or (start, end) in names
        phrase.hits += 1
        phrase.score += weight
        phrase.forms[" ".join(segment.words[start:end])] += 1
        phrase.before[folded[start - 1] if start and folded[start - 1] not in (stop or ()) else ""] += 1
        phrase.after[folded[end] if end < len(folded) and folded[end] not in (stop or ()) else ""] += 1


def _spans(
    segment: _Segment, folded: tuple[str, ...], stop: frozenset[str] | None, names: set[tuple[int, int]]
) -> Iterable[tuple[int, int]]:
    spans = set(names)
    if stop is not None:  # without a stop list every second phrase would be junk
        edges = [word not in stop and not any(map(str.isdigit, word)) for word in folded]
        for start in range(len(folded)):
            for end in range(start + 2, min(start + _LONGEST, len(folded)) + 1):
                if edges[start] and edges[end - 1]:
                    spans.add((start, end))
    return sorted(spans)


def _names(segment: _Segment, folded: tuple[str, ...], stop: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, and acronyms."""
    start = 0
    for position, word in enumerate((*segment.words, "")):
        if _is_acronym(word):
            yield position, position + 1
        if not word[:1].isupper():
            yield from _run(start, position, segment, folded, stop)
            start = position + 1


def _run(
    start: int, end: int, segment: _Segment, folded: tuple[str, ...], stop: frozenset[str]
) -> Iterator[tuple[int, int]]:
    # A sentence's first word is capital for its place: what follows it may be the whole name.
    starts = [start, start + 1] if start == 0 and segment.opens else [start]
    for first in starts:
        last = end
        while first < last and folded[first] in stop:
            first += 1
        while first < last and folded[last - 1] in stop:
            last -= 1
        if 2 <= last - first <= _LONGEST and not all(map(_is_acronym, segment.words[first:last])):
            yield first, last


def _is_acronym(word: str) -> bool:
    return 2 <= len(word) <= 6 and word.isalpha() and word.isupper()


def _is_worthy(phrase: _Phrase) -> bool:
    if phrase.hits < (_NAME_REPEATS if phrase.name else _REPEATS):
        return False
    # Nearly always with the same neighbour: it is a part of a longer phrase, cut in the middle.
    return not any(_is_tied(side, phrase.hits) for side in (phrase.before, phrase.after))


def _is_tied(neighbours: Counter[str], hits: int) -> bool:
    return any(word and count >= max(2, _ABOUT_THE_SAME * hits) for word, count in neighbours.items())


def _without_parts(phrases: list[_Phrase]) -> list[_Phrase]:
    return [
        one
        for one in phrases
        if not any(
            other.hits >= _ABOUT_THE_SAME * one.hits and _contains(other.words, one.words)
            for other in phrases
        )
    ]


def _choose(phrases: list[_Phrase], limit: int) -> list[_Phrase]:
    chosen: list[_Phrase] = []
    for one in sorted(phrases, key=lambda one: (-one.score, not one.name, -len(one.words), one.words)):
        if len(chosen) == limit:
            break
        if not any(_is_alike(one, other) for other in chosen):
            chosen.append(one)
    return chosen


def _is_alike(one: _Phrase, other: _Phrase) -> bool:
    if _contains(one.words, other.words) or _contains(other.words, one.words):
        return True
    return key(_label(one)) == key(_label(other))


def _contains(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    gap = len(longer) - len(shorter)
    return gap > 0 and any(longer[at : at + len(shorter)] == shorter for at in range(gap + 1))


def _label(phrase: _Phrase) -> str:
    return min(phrase.forms, key=lambda form: (-phrase.forms[form], form.swapcase()))
