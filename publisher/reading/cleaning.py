"""Text without what nobody can see and XML cannot carry."""

from __future__ import annotations

import re
import unicodedata

from publisher.characters import FORBIDDEN, TURNING, any_of

_MARKS_IN_A_ROW = 30
"""As in the Stream-Safe Text Format (UAX #15, section 13): no language needs more."""

_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Soft hyphens, zero width spaces and byte order marks too.
_UNWANTED = any_of(f"{FORBIDDEN}{TURNING}\u00ad\u200b\ufeff")
_CROWD = re.compile(rf"[^\w\s\x00-\x7f]{{{_MARKS_IN_A_ROW + 1},}}")


def clean(text: str) -> str:
    r"""`text` as NFC with newlines as ``\n``, and without invisible characters; doing it twice is doing it once."""
    text = _UNWANTED.sub("", _NEWLINE.sub("\n", text))
    if text.isascii():
        return text
    # Long runs of marks would make normalisation quadratic; it may also lengthen them.
    return _thin(unicodedata.normalize("NFC", _thin(text)))


def clean_line(text: str) -> str:
    """`text` cleaned, on one line and with single blanks."""
    return " ".join(clean(text).split())


def _thin(text: str) -> str:
    return _CROWD.sub(_thinned, text)


def _thinned(crowd: re.Match[str]) -> str:
    kept: list[str] = []
    row = 0
    for character in crowd[0]:
        row = row + 1 if unicodedata.combining(character) else 0
        if row <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)
