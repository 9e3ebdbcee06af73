"""What Unicode and XML forbid, as the insides of sets in patterns."""

from __future__ import annotations

_PLANE_ENDS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))

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
