"""What stands around the entries of a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Pieces = tuple[bytes, ...]
"""An entry serialised: its bytes in order, in as many pieces as suit, so that formats can share the largest."""


class Frame(NamedTuple):
    """A document without its entries: the bytes before, between and after them."""

    before: bytes
    between: bytes
    after: bytes

    def around(self, entries: Sequence[Pieces]) -> bytes:
        """The whole document."""
        parts = [self.before]
        for number, pieces in enumerate(entries):
            if number:
                parts.append(self.between)
            parts += pieces
        parts.append(self.after)
        return b"".join(parts)
