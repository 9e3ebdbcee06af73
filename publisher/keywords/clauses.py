"""Texts → their words, as written and folded, and where clauses begin: no phrase goes on over a mark of punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from publisher.keywords.folding import fold, visible

_WORD = re.compile(r"\d+(?:[.,]\d+)+(?![^\W_])|[^\W_]+(?:[-/&'’][^\W_]+)*")
"""Numbers, and words, with hyphens and the like inside."""
_MARK = re.compile(r"[^\w ]")
"""Whatever may end a clause."""
_HYPHENS, _POINTS = frozenset("-/&'’"), frozenset(".,")
_SHORTENED = re.compile(r"(T[PpXx])\.[^\S\n]?(?=[A-ZĐ])")
"""What stands before a name, and whose point ends nothing: TP. HCM."""
_JOINER = str.maketrans("_", " ")
_SENTENCE_END = frozenset('.!?…\n:“"')
_OWNERS = ("'s", "’s")
_OWNER = re.compile(r"(?<=\w)['’]s(?!\w)")
"""What somebody owns is another matter: "Mexico's" is Mexico."""
_SHORT = 4
"""Words below which a line in capitals may be an acronym with its neighbours."""


class Wording(NamedTuple):
    """Words as written; the same folded; what each counts for; at which of them clauses and sentences begin."""

    words: list[str]
    folded: list[str]
    weights: list[float]
    clauses: set[int]
    sentences: set[int]


def wording(zones: Iterable[tuple[str, float]]) -> Wording:
    """The words of texts, each with what its words count for.

    Clauses in capitals are left out: they tell no names from other words.
    """
    words: list[str] = []
    weights: list[float] = []
    clauses: set[int] = set()
    sentences: set[int] = set()
    for text, weight in zones:
        for clause, opens in _clauses(_plain(text)):
            clauses.add(len(words))
            if opens:
                sentences.add(len(words))
            words += clause
            weights += [weight] * len(clause)
    return Wording(words, fold("\n".join(words)).split("\n") if words else [], weights, clauses, sentences)


def _plain(text: str) -> str:
    shown = _SHORTENED.sub(r"\1 ", visible(text).translate(_JOINER))
    return _OWNER.sub("", shown) if any(owner in shown for owner in _OWNERS) else shown


def _clauses(text: str) -> Iterable[tuple[list[str], bool]]:
    start, opens = 0, True
    text += "\n"
    for found in _MARK.finditer(text):
        mark, at = found[0], found.start()
        if not _ends_clause(text, mark, at):
            continue
        words = _WORD.findall(text, start, at)
        start = at + 1
        if words:
            if len(words) < _SHORT or not all(map(str.isupper, words)):
                yield words, opens
            opens = False
        opens = opens or mark in _SENTENCE_END


def _ends_clause(text: str, mark: str, at: int) -> bool:
    """Whether it is punctuation: no other blank, nothing within a number, no hyphen within a word."""
    if mark.isspace():
        return mark == "\n"
    # The text ends with the end of a line, so there is always something behind.
    if mark in _POINTS:
        return not (text[at - 1 : at].isdigit() and text[at + 1].isdigit())
    return mark not in _HYPHENS or text[at - 1 : at].isspace() or text[at + 1].isspace()
