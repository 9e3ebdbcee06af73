"""Runs of units that a text holds twice or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from publisher.keywords.clauses import Wording
from publisher.keywords.units import NAME, NUMBER, STOP, WEAK, WORD, Unit

LONGEST = 8
"""Words of the longest phrase."""
_LEAST = 2
_DIGITS = 3
"""Of a number that belongs to a phrase: "quốc lộ 5"."""
_LINKS = frozenset(("và", "tỉnh", "of", "the", "for", "de", "du", "del", "la", "von", "van"))
"""Stop words that may stand within a phrase."""
_EMPTY = frozenset((WEAK, NUMBER, STOP))
"""What alone makes no phrase."""


class Hit(NamedTuple):
    """A place of a phrase: its words from `start` to before `end`, its units from `first` to before `last`."""

    start: int
    end: int
    first: int
    last: int


def recurring(text: Wording, parts: Sequence[Unit], known: bool) -> dict[str, list[Hit]]:
    """The runs of units that recur, folded, with their places in order.

    They grow word by word: what does not recur cannot be a part of what does. Where the language's stop words are
    not `known`, only names make phrases.
    """
    folded = text.folded
    closing = {unit.end: number for number, unit in enumerate(parts, 1)}
    barred = _barred(text, parts)
    found: dict[str, list[Hit]] = {}
    grown = _beginnings(text, parts)
    for size in range(1, LONGEST + 1):
        longer: dict[str, list[tuple[int, int]]] = {}
        for run, places in grown.items():
            if len(places) < _LEAST:
                continue
            hits = _hits(text, parts, closing, places, size)
            if len(hits) >= _LEAST and (known or _are_names(parts, hits)):
                found[run] = hits
            for place in places:
                end = place[0] + size
                if end not in barred:
                    longer.setdefault(f"{run} {folded[end]}", []).append(place)
        grown = longer
    return found


def _beginnings(text: Wording, parts: Sequence[Unit]) -> dict[str, list[tuple[int, int]]]:
    """The words with which phrases may begin, with the word and the unit of each place."""
    places: dict[str, list[tuple[int, int]]] = {}
    for first, (start, _, kind) in enumerate(parts):
        if kind is not STOP and kind is not NUMBER:
            places.setdefault(text.folded[start], []).append((start, first))
    return places


def _barred(text: Wording, parts: Sequence[Unit]) -> set[int]:
    """Where words begin with which no phrase goes on."""
    stops = {unit.start for unit in parts if unit.kind is STOP and text.folded[unit.start] not in _LINKS}
    return stops | text.clauses | {len(text.words)}


def _hits(
    text: Wording,
    parts: Sequence[Unit],
    closing: Mapping[int, int],
    places: Sequence[tuple[int, int]],
    size: int,
) -> list[Hit]:
    """The places that end where a unit ends, and can be phrases by what their units are."""
    hits = []
    for start, first in places:
        last = closing.get(start + size)
        if last and _can_be_phrase(text, parts[first:last]):
            hits.append(Hit(start, start + size, first, last))
    return hits


def _can_be_phrase(text: Wording, run: Sequence[Unit]) -> bool:
    start, end, kind = run[-1]
    if len(run) == 1:
        return kind is WORD or (kind is NAME and (end - start > 1 or len(text.words[start]) > 1))
    if kind is STOP or (kind is WEAK and run[-2].kind is NAME):
        return False
    if kind is NUMBER and len(text.words[start]) > _DIGITS:
        return False
    return not all(unit.kind in _EMPTY for unit in run)


def _are_names(parts: Sequence[Unit], hits: Sequence[Hit]) -> bool:
    return all(unit.kind is NAME for hit in hits for unit in parts[hit.first : hit.last])
