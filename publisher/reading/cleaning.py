"""Text without what nobody can see and XML cannot carry."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from publisher.characters import FORBIDDEN, TURNING, any_of

_MARKS_IN_A_ROW = 30
"""As in the Stream-Safe Text Format (UAX #15, section 13): no language needs more."""

_CROWD = _MARKS_IN_A_ROW + 1
_BEYOND = re.compile(f"[\U00010000-\U0010ffff]{{{_CROWD},}}")
_ENDS = "\r\x0b\x0c\x85\u2028\u2029"
_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Soft hyphens, zero width spaces and byte order marks too.
_UNWANTED = any_of(f"{FORBIDDEN}{TURNING}\u00ad\u200b\ufeff")


def clean(text: str) -> str:
    r"""`text` as NFC with newlines as ``\n``, and without invisible characters; doing it twice is doing it once."""
    if not text.replace("\n", " ").isprintable():  # nothing that is can be unwanted, and it is told at once
        if any(end in text for end in _ENDS):
            text = _NEWLINE.sub("\n", text)
        text = _UNWANTED.sub("", text)
    if text.isascii():
        return text
    # Long runs of marks would make normalisation quadratic; it may also lengthen them.
    thin = _thin(text)
    made = unicodedata.normalize("NFC", thin)
    return made if made == thin else _thin(made)


def clean_line(text: str) -> str:
    """`text` cleaned, on one line and with single blanks."""
    return " ".join(clean(text).split())


def _thin(text: str) -> str:
    if not any(
        map(unicodedata.combining, text[_MARKS_IN_A_ROW::_CROWD])
    ):  # every crowd has a mark in one of these
        return text
    if len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text):  # not of the first plane alone
        text = _BEYOND.sub(_thinned, text)
    return _crowd().sub(_thinned, text)


@lru_cache(maxsize=1)
def _crowd() -> re.Pattern[str]:
    """Too many marks of the first plane in a row: of one plane alone, a set is a table, and quick.

    Made when there is something to read, for it takes a look at every character.
    """
    marks = "".join(filter(unicodedata.combining, map(chr, range(0x300, 0x10000))))
    return re.compile(f"[{marks}]{{{_CROWD},}}")


def _thinned(crowd: re.Match[str]) -> str:
    kept: list[str] = []
    row = 0
    for character in crowd[0]:
        row = row + 1 if unicodedata.combining(character) else 0
        if row <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)
