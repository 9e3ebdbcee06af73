"""Which articles are nearly the same: a fingerprint of 128 bits whose bits agree as far as sentences do. Pure.

The fingerprint is a SimHash (Charikar 2002) over sentences, each weighing as much as it has letters: two texts
that share a part *s* of themselves differ in about 128 · arccos(s) / π bits, two that share nothing in half of all.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

from publisher.model import Block, BlockKind

_BITS, _BYTES = 128, 16
_LANE = 3
"""Bytes of a counter, of which there is one for each bit."""
_HALF = 1 << (8 * _LANE - 1)
_MOST = _HALF // 2
"""Letters that are looked at."""
_FEWEST = 4
"""Sentences of a text that can be told from others by a fingerprint."""
_BRIEF = 2
"""Words of what is no sentence."""
_ENDS = "!?…\n"
"""Of sentences, beside the full stop."""
_SENTENCE = re.compile(rf"[^.{_ENDS}]+")
_BANDS, _WIDTH = 12, 10
_LAST = 64
_Newest = partial(deque[tuple[int, str]], maxlen=_LAST)
_FEW = 5
_MASK = (1 << _WIDTH) - 1
_SPREAD = tuple(b"".join(bytes([byte >> bit & 1, 0, 0]) for bit in range(8)) for byte in range(256))
"""A byte with each of its bits in a counter of its own."""
_ONES = int.from_bytes(b"\1\0\0" * _BITS, "little")
_SIGNS = bytes(b"01"[byte >> 7] for byte in range(256))
"""The highest bit of a byte as a digit."""


def fingerprint(blocks: Iterable[Block]) -> int:
    """The fingerprint of an article's text; 0 where it is too short to have one."""
    sums = whole = count = 0
    # No sentence goes beyond a line.
    for said, weight in _sentences("\n".join([b.text for b in blocks if b.kind is not BlockKind.IMAGE])):
        if whole + weight > _MOST:
            continue
        digest = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=_BYTES).digest()
        sums += weight * int.from_bytes(b"".join(map(_SPREAD.__getitem__, digest)), "little")
        whole, count = whole + weight, count + 1
    if count < _FEWEST:
        return 0
    # Counters above half of all letters get their highest bit.
    sums += _ONES * (_HALF - 1 - whole // 2)
    signs = sums.to_bytes(_LANE * _BITS, "little")[_LANE - 1 :: _LANE]
    return int(signs.translate(_SIGNS), 2) or 1


def _sentences(text: str) -> Iterator[tuple[str, int]]:
    """The sentences of three words and more, in small letters with single blanks, and how long they are as written."""
    folded = text.casefold()
    # As most are: no blank but the plain one can be printed, and none stands beside another. Then all goes at once.
    if len(folded) == len(text) and text.replace("\n", " ").isprintable() and "  " not in text:
        for end in _ENDS:
            folded = folded.replace(end, ".")
        for sentence in folded.split("."):  # a third of what the expression costs
            said = sentence.strip()
            if said.count(" ") >= _BRIEF:
                yield said, len(sentence)
        return
    for sentence in _SENTENCE.findall(text):
        words = sentence.casefold().split()
        if len(words) > _BRIEF:
            yield " ".join(words), len(sentence)


class Alikes:
    """Finds articles that share at least the part `share` of their text, from 0.5 to 1; nothing where it is 0.

    What is like something that was added needs not be added itself: its likeness leads there. Of each band the
    last few that have the same bits are looked at: of all that was added, about the last 65,000. So an article costs
    the same however many there are.
    """

    def __init__(self, share: float) -> None:
        self._most = int(_BITS * math.acos(min(share, 1.0)) / math.pi) if share else -1
        self._bands: list[defaultdict[int, deque[tuple[int, str]]]] = [
            defaultdict(_Newest) for _ in range(_BANDS)
        ]

    def add(self, name: str, print_: int) -> None:
        """Remember an article by its fingerprint."""
        if print_ and self._most >= 0:
            for number, band in enumerate(self._bands):
                band[print_ >> (_WIDTH * number) & _MASK].append((print_, name))

    def near(self, prints: Mapping[str, int], looked_for: Collection[int]) -> Mapping[str, int]:
        """Of `prints` by name those that need adding to find what is like any of `looked_for`."""
        if len(looked_for) > _FEW:
            return prints
        most = self._most
        # Where few are looked for, going through all once costs a twentieth of putting them into bands.
        return {
            name: print_
            for name, print_ in prints.items()
            if any((print_ ^ other).bit_count() <= most for other in looked_for)
        }

    def nearest(self, print_: int) -> tuple[str, float] | None:
        """The article that is most alike among those that were added, and the part that is shared."""
        found: set[tuple[int, str]] = set()
        for number, band in enumerate(self._bands) if print_ and self._most >= 0 else ():
            for other, name in band.get(print_ >> (_WIDTH * number) & _MASK, ()):
                if (distance := (print_ ^ other).bit_count()) <= self._most:
                    found.add((distance, name))
        if not found:
            return None
        distance, name = min(found)
        return name, math.cos(math.pi * distance / _BITS)
