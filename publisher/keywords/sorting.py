"""The order of the Vietnamese alphabet: no locale of the machine is asked."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from publisher.keywords.folding import plain

SortKey = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], str]
_RANKS = {letter: rank for rank, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_FOREIGN_MARK = 6
_CLASS = 0x200000  # more than any code point, so that classes never mix
_BLANK, _SIGN, _DIGIT, _LETTER, _FOREIGN = (_CLASS * n for n in range(5))


def sort_key(text: str) -> SortKey:
    """Orders by the letters of the whole text, then by tones, then small before capital."""
    composed = plain(text)
    weights = [_weigh(one) for one in composed]
    return (
        tuple(letter for letter, _, _ in weights),
        tuple(tone for _, tone, _ in weights),
        tuple(case for _, _, case in weights),
        composed,
    )


@lru_cache(maxsize=4096)
def _weigh(character: str) -> tuple[int, int, int]:
    """The weights of one character: letter, tone, case."""
    parts = unicodedata.normalize("NFD", character)
    tone = max((_TONES.get(mark, 0) for mark in parts[1:]), default=0)
    letter = unicodedata.normalize("NFC", "".join(one for one in parts if one not in _TONES)).lower()
    case = int(character.isupper())
    if letter in _RANKS:
        return _LETTER + _RANKS[letter], tone, case
    if parts[0].lower() in _RANKS:
        return _LETTER + _RANKS[parts[0].lower()], _FOREIGN_MARK + tone, case
    return _other(character), 0, case


def _other(character: str) -> int:
    if character.isspace():
        return _BLANK
    if character.isdecimal():
        return _DIGIT + unicodedata.decimal(character)
    return (_FOREIGN if character.isalpha() else _SIGN) + ord(character.lower()[0])
