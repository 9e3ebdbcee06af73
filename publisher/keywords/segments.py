"""Vietnamese text → words of one or several syllables, by a list of words and how closely each holds together.

Vietnamese puts a blank between syllables, not between words. Of all ways to cut a run of syllables the one is
taken whose words hold together most closely (Viterbi's algorithm over the list). The list is learned from counts
of n-grams by `publisher.keywords.learning`.
"""

from __future__ import annotations

import gzip
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

_FILE = "vi_words.txt.gz"


@dataclass(frozen=True, slots=True)
class Words:
    """Words of two syllables and more, folded, with the closeness of each (a whole number above 0).

    `longer` are the first two syllables of those that have more, and `longest` is the most that one has.
    """

    closeness: Mapping[str, int]
    longer: frozenset[str]
    longest: int

    @classmethod
    def of(cls, closeness: Mapping[str, int]) -> Words:
        """Make ready for cutting."""
        split = [word.split(" ") for word in closeness if word.count(" ") > 1]
        return cls(
            closeness, frozenset(" ".join(each[:2]) for each in split), max(map(len, split), default=2)
        )


@lru_cache(maxsize=1)
def word_list() -> Mapping[str, int]:
    """The Vietnamese words of several syllables, folded (`publisher.keywords.fold`), and the closeness of each."""
    packed = files("publisher.keywords").joinpath("data", _FILE).read_bytes()
    words: dict[str, int] = {}
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        closeness, _, listed = line.partition("\t")
        words.update(dict.fromkeys(listed.split("|"), int(closeness)))
    return words


def segment(syllables: Sequence[str], words: Words, begins: Container[int] = ()) -> list[int]:
    """Where each word begins among folded syllables, and at last how many syllables there are.

    At the places in `begins` a word must begin. The same syllables give the same words always; a word of the list
    is never cut by others that are less close together.
    """
    length = len(syllables)
    best, back = [0] * (length + 1), list(range(-1, length))
    ending = _ending(syllables, words, begins)
    highest = 0
    for end in range(1, length + 1):
        if end in ending:
            for start, closeness in ending[end]:
                if best[start] + closeness > highest:
                    highest, back[end] = best[start] + closeness, start
        best[end] = highest
    starts = [length]
    while starts[-1] > 0:
        starts.append(back[starts[-1]])
    return starts[::-1] if length else [0]


def _ending(
    syllables: Sequence[str], words: Words, begins: Container[int]
) -> dict[int, list[tuple[int, int]]]:
    """The words of the list that stand among the syllables, by where they end: their beginning and closeness."""
    ending: dict[int, list[tuple[int, int]]] = {}
    pairs = list(map(" ".join, pairwise(syllables)))
    known = enumerate(map(words.closeness.get, pairs))
    for start, closeness in [(start, closeness) for start, closeness in known if closeness]:
        if start + 1 not in begins:
            ending[start + 2] = [(start, closeness)]
    for start in [start for start, pair in enumerate(pairs) if pair in words.longer]:
        for end in range(start + 3, min(start + words.longest, len(syllables)) + 1):
            found = words.closeness.get(" ".join(syllables[start:end]))
            if found and not any(place in begins for place in range(start + 1, end)):
                ending.setdefault(end, []).append((start, found))
    return ending
