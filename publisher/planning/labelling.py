"""Spellings that articles have → the label of each keyword: the most frequent of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

Spelled = tuple[str, str]
"""The key of a keyword, and how an article spells it."""


def labels_of(
    standing: Mapping[str, Mapping[str, int]], leaving: Iterable[Spelled], coming: Iterable[Spelled]
) -> dict[str, str]:
    """The labels of keywords by key, as they are after articles left and came; none that no article has.

    `standing` counts the living articles of each spelling by key. Where two are as frequent, one that is not all
    capitals goes first, and then by the order of their code points: it is the same in whatever order articles came.
    """
    counts = {key: Counter(spellings) for key, spellings in standing.items()}
    for spelled, step in ((leaving, -1), (coming, 1)):
        for key, spelling in spelled:
            counts.setdefault(key, Counter())[spelling] += step
    found: dict[str, str] = {}
    for key, spellings in counts.items():
        some = [
            (-number, spelling.isupper(), spelling) for spelling, number in spellings.items() if number > 0
        ]
        if some:
            found[key] = min(some)[2]
    return found
