"""Counts of n-grams → the list of Vietnamese words that `publisher.keywords.segments` reads.

`python -m publisher.keywords.learning COUNTS > publisher/keywords/data/vi_words.txt.gz` learns it anew; the same
counts give the same bytes. COUNTS is a gzipped table of runs of one to four syllables, each with the number of
news articles that hold it, out of 50,000; the list in the package was learned from such counts alone, and no
other list of words went into it.

A run is a candidate where its parts stand together more often than chance would have it. Many candidates are
still the end of one word and the beginning of the next ("an phường" of "công an phường"). They show by what they
need: nearly all of their occurrences lie in longer runs where the neighbour, too, forms a word with the syllable
next to it. The neediest goes first, since without it others need less.
"""

from __future__ import annotations

import gzip
import math
import sys
from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush
from pathlib import Path

Run = tuple[str, ...]

_ARTICLES = 50_000
_RAREST = 20
"""Articles of a syllable that the counts leave out."""
_PAIR, _LONG = 0.12, 0.45
"""The least normalised closeness of two syllables, and of the parts of three or four."""
_BOUND = 0.5
"""The least share of a part's occurrences that lie in the longer word, for it to be a word and no phrase."""
_NEEDY = 0.4
"""The share of a pair's occurrences that lie between the parts of other words, above which it is none."""
_SCALE = 10
_JOINING = """
và của những các với đã sẽ đang cũng rất nhưng thì mà là ở khi nếu vì rằng được này đó ấy theo vẫn trong trên dưới
tại bị do để từ ra vào lên xuống một hai ba bốn năm ông bà không có cho đến về
"""
_JOINING_NEXT = "vụ mỗi giữa nhiều nhằm"
_JOINING_LAST = "mỗi giữa nhiều nhằm hôm vừa từng tôi khoảng"
_ALONE = frozenset(_JOINING.split())
"""Syllables that join words; a pair with one of them is a word only where it is very close."""
_NEVER_FIRST, _NEVER_LAST = frozenset(_JOINING_NEXT.split()), frozenset(_JOINING_LAST.split())
"""Those that join words on one side only."""
_ALONE_PAIR = 0.42
_LETTERS = "yôáảýẩuùữ"
"""Vowels that are words or syllables by themselves."""


class Counts:
    """How many articles hold a run, and how closely its parts stand together."""

    def __init__(self, articles: Mapping[Run, int]) -> None:
        # An article holds a common run more than once: occurrences, where they fall by chance (Poisson).
        self._each = {
            run: -math.log(1 - min(count, _ARTICLES - 1) / _ARTICLES) for run, count in articles.items()
        }
        self._rare = _RAREST / _ARTICLES
        self._all = sum(rate for run, rate in self._each.items() if len(run) == 1)
        self._around: dict[Run, float] = {}
        for run, rate in self._each.items():
            for part in (run[:-1], run[1:]):
                self._around[part] = max(rate, self._around.get(part, 0.0))

    def occurrences(self, run: Run) -> float:
        """How often an article holds a run, on average."""
        return self._each.get(run, self._rare)

    def longest_around(self, run: Run) -> float:
        """The occurrences of the commonest run that is longer by one syllable and holds this one."""
        return self._around.get(run, 0.0)

    def closeness(self, run: Run) -> float:
        """How much likelier the run is than its syllables one by one, as a natural logarithm."""
        alone = sum(math.log(self.occurrences((one,)) / self._all) for one in run)
        return math.log(self.occurrences(run) / self._all) - alone

    def normalised(self, run: Run, at: int) -> float:
        """Pointwise mutual information of the two parts of a run, from 0 (chance) to 1 (never apart)."""
        first, rest = self.occurrences(run[:at]), self.occurrences(run[at:])
        together = self.occurrences(run)
        return math.log(together * self._all / (first * rest)) / -math.log(together / self._all)

    def runs(self, length: int) -> list[Run]:
        """The runs of that many syllables, sorted."""
        return sorted(run for run in self._each if len(run) == length)


def learn(articles: Mapping[Run, int]) -> dict[str, int]:
    """The words of several syllables, each with its closeness (tenths of a natural logarithm, at least 1)."""
    counts = Counts(articles)
    pairs = _without_needy(counts, set(_pairs(counts)))
    long = (run for run in counts.runs(3) if not _joins(run) and _is_bound(counts, run))
    return {" ".join(run): _closeness(counts, run) for run in (*pairs, *long)}


def _closeness(counts: Counts, run: Run) -> int:
    return max(1, round(_SCALE * counts.closeness(run)))


def _pairs(counts: Counts) -> Iterator[Run]:
    for run in counts.runs(2):
        least = _ALONE_PAIR if _joins(run) else _PAIR
        if all(len(one) > 1 or one in _LETTERS for one in run) and counts.normalised(run, 1) >= least:
            yield run


def _joins(run: Run) -> bool:
    return not _ALONE.isdisjoint(run) or run[0] in _NEVER_FIRST or run[-1] in _NEVER_LAST


def _without_needy(counts: Counts, pairs: set[Run]) -> list[Run]:
    """The pairs that are left when the neediest has been taken away, again and again: of two alike the rarer."""
    before: dict[Run, list[Run]] = {}
    after: dict[Run, list[Run]] = {}
    for run in counts.runs(3):
        if run[:-1] in pairs and run[1:] in pairs:
            after.setdefault(run[:-1], []).append(run)
            before.setdefault(run[1:], []).append(run)

    def need(pair: Run) -> float:
        right = sum(counts.occurrences(run) for run in after.get(pair, ()) if run[1:] in pairs)
        left = sum(counts.occurrences(run) for run in before.get(pair, ()) if run[:-1] in pairs)
        # Articles that hold several of the runs count more than once, so the share may pass 1.
        return min(1.0, max(left, right) / counts.occurrences(pair))

    waiting = [(-need(pair), counts.occurrences(pair), pair) for pair in pairs]
    heapify(waiting)
    while waiting and -waiting[0][0] >= _NEEDY:
        known, often, pair = heappop(waiting)
        now = need(pair)
        if now < -known:  # a competitor has gone meanwhile
            heappush(waiting, (-now, often, pair))
        else:
            pairs.remove(pair)
    return sorted(pairs)


def _is_bound(counts: Counts, run: Run) -> bool:
    """Whether a longer run is one word: its parts are close, and at least one hardly occurs without the rest."""
    splits = range(1, len(run))
    if min(counts.normalised(run, at) for at in splits) < _LONG:
        return False
    together, longer = counts.occurrences(run), counts.longest_around(run)
    parts = [run[:-1], run[1:]]
    return longer < _BOUND * together and all(together >= _BOUND * counts.occurrences(part) for part in parts)


def read(file: Path) -> dict[Run, int]:
    """The table of counts: a run of syllables, a tab, a number in each line; lines of `#` say what it is."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in lines if not line.startswith("#"))
        return {tuple(run.split(" ")): int(count) for run, count in rows}


def packed(words: Mapping[str, int]) -> bytes:
    """The list as it is shipped: for each closeness a line with its words."""
    lines: dict[int, list[str]] = {}
    for word in sorted(words):
        lines.setdefault(words[word], []).append(word)
    text = "".join(f"{closeness}\t{'|'.join(lines[closeness])}\n" for closeness in sorted(lines))
    return gzip.compress(text.encode("utf-8"), mtime=0)


if __name__ == "__main__":
    sys.stdout.buffer.write(packed(learn(read(Path(sys.argv[1])))))
