"""Finds many phrases in one pass over a text (Aho and Corasick 1975), overlapping ones too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

_GAP = "gap"  # blanks or a hyphen between two words
_JOINT = "joint"  # the same, or nothing: TP.HCM, TP HCM, TPHCM
_BLANK = "blank"  # blanks alone
_SPELLINGS = {_GAP: (" ",), _BLANK: (" ",), _JOINT: ("", " ", ".", ". ")}
"""How what stands between two words may be spelled in a text that is `spread` and `unhyphenated`."""
_MOST_JOINTS = 4
"""Parts of an acronym that may each be apart in their own way; in one with more, all are alike."""
_SEPARATORS = re.compile(r"([\s.\-]+)")
# A line's end is a paragraph's end, which no phrase crosses.
_BLANKS = re.compile(r"[^\S\n]{2,}|[^\S\n ]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a phrase may stand: the number of the phrase, and where it starts and ends."""

    phrase: int
    start: int
    end: int


def spread(text: str) -> str:
    """The text with one blank between words."""
    return _BLANKS.sub(" ", text)


def unhyphenated(text: str) -> str:
    """The text with blanks for hyphens; as long as before."""
    return text.replace("-", " ")


def exact_tokens(phrase: str) -> tuple[str, ...]:
    """A phrase as it is written, but for the width of its blanks."""
    return _tokens(re.split(r"(\s+)", phrase.strip()), lambda _: _BLANK)


def loose_tokens(phrase: str, acronym: bool) -> tuple[str, ...]:
    """A phrase whose words may be apart by blanks or a hyphen; an acronym's parts by nothing at all."""
    parts = _SEPARATORS.split(phrase.strip().rstrip(".-"))
    return _tokens(parts, lambda gap: _JOINT if acronym or "." in gap else _GAP)


def is_capital(phrase: str) -> bool:
    """Whether all of its letters are capitals."""
    return phrase.isupper()


def spellings(phrases: Mapping[int, tuple[str, ...]]) -> dict[str, list[int]]:
    """Every way in which phrases, given as tokens by number, may stand in a text, with the numbers of those."""
    numbers: dict[str, list[int]] = {}
    for number, tokens in phrases.items():
        for spelling in _spellings(tokens):
            numbers.setdefault(spelling, []).append(number)
    return numbers


class Scanner:
    """Finds every phrase of a set between characters that are no letters or digits.

    The phrases are given by their `spellings`, each with the numbers of those that it stands for.
    """

    def __init__(self, spellings: Mapping[str, Sequence[int]]) -> None:
        self._automaton = _automaton(spellings) if spellings else None

    def spellings(self) -> dict[str, Sequence[int]]:
        """What it was made from."""
        if self._automaton is None:
            return {}
        return {spelling: numbers for spelling, (_, numbers) in self._automaton.items()}

    def __bool__(self) -> bool:
        return self._automaton is not None

    def scan(self, text: str) -> Iterator[Candidate]:
        """All places of all phrases in a text that is `spread`, and `unhyphenated` where its phrases are loose."""
        if self._automaton is None:
            return
        for last, (length, numbers) in self._automaton.iter(text):
            start, end = last + 1 - length, last + 1
            if not (text[start - 1 : start].isalnum() or _goes_on(text[end : end + 1])):
                for number in numbers:
                    yield Candidate(number, start, end)


def _automaton(numbers: Mapping[str, Sequence[int]]) -> Any:
    import ahocorasick  # loaded where there is a topic

    made = ahocorasick.Automaton()
    for spelling, those in numbers.items():
        made.add_word(spelling, (len(spelling), those))
    made.make_automaton()
    return made


def _goes_on(character: str) -> bool:
    """Whether a word that stands before a character does not end there."""
    return character.isalnum() or "\u0300" <= character <= "\u036f"


def _spellings(tokens: tuple[str, ...]) -> Iterator[str]:
    """Every way in which a phrase may stand in a text."""
    if not tokens:
        return
    joints = tokens.count(_JOINT)
    ways = _SPELLINGS[_JOINT]
    each = product(ways, repeat=joints) if joints <= _MOST_JOINTS else ((way,) * joints for way in ways)
    for chosen in each:
        left = iter(chosen)
        parts = (next(left) if token == _JOINT else _SPELLINGS.get(token, (token,))[0] for token in tokens)
        yield "".join(parts)


def _tokens(parts: list[str], gap: Callable[[str], str]) -> tuple[str, ...]:
    tokens: list[str] = []
    for position, part in enumerate(parts):
        # Odd parts are separators; one at the very start (".NET") belongs to the name.
        if position % 2 and tokens:
            tokens.append(gap(part))
        elif part:
            tokens.append(part)
    return tuple(tokens)
