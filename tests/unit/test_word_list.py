"""Vietnamese words: the list, how text is cut by it, and how it is learned."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import pytest
from documented import ROOT

from publisher.keywords import learning
from publisher.keywords.folding import fold
from publisher.keywords.segments import Words, segment, word_list

COUNTS = ROOT.parent / "shared" / "text" / "vi_ngrams.tsv.gz"
LIST = ROOT / "publisher" / "keywords" / "data" / "vi_words.txt.gz"


def cut(text: str) -> list[str]:
    syllables = text.split()
    starts = segment(syllables, Words.of(word_list()))
    return [" ".join(syllables[start:end]) for start, end in pairwise(starts)]


@pytest.mark.parametrize("text", [
    "công an|xác minh",
    "thanh niên|tình nguyện",
    "đề nghị|xử lý|nghiêm",
    "tai nạn|giao thông",
])  # fmt: skip
def test_words_are_told_from_syllables(text: str) -> None:
    assert cut(text.replace("|", " ")) == text.split("|")


def test_the_list_is_small_and_folded() -> None:
    assert 8_000 < len(word_list()) < 15_000 and LIST.stat().st_size < 100_000
    assert all(fold(word) == word and 2 <= len(word.split(" ")) <= 3 for word in word_list())
    assert min(word_list().values()) >= 1


def test_a_word_does_not_go_on_where_one_must_begin() -> None:
    words = Words.of({"a b": 9, "b c": 5})
    assert segment(["a", "b", "c"], words) == [0, 2, 3]
    assert segment(["a", "b", "c"], words, {1}) == [0, 1, 3]
    assert segment([], words) == [0]


def test_the_closest_words_win_over_the_first() -> None:
    assert segment(["a", "b", "c"], Words.of({"a b": 5, "b c": 9})) == [0, 1, 3]
    assert segment(["a", "b", "c", "d"], Words.of({"a b": 5, "b c": 9, "c d": 5})) == [0, 2, 4]


def counts() -> dict[learning.Run, int]:
    # Of 50,000 articles: "cô dâu" stands together, "dâu đi" does so by chance.
    runs = {"cô": 900, "dâu": 600, "đi": 40_000, "và": 48_000, "rể": 500, "chú": 900}
    runs |= {"cô dâu": 550, "chú rể": 480, "dâu đi": 60, "dâu và": 570, "dâu chú": 200}
    runs |= {"cô dâu chú": 190, "dâu chú rể": 190, "cô dâu và": 300}
    return {tuple(run.split()): count for run, count in runs.items()}


def test_words_are_learned_from_what_stands_together() -> None:
    learned = learning.learn(counts())
    assert set(learned) == {"cô dâu", "chú rể"}  # "dâu chú" is but an end and a beginning


def test_the_same_counts_give_the_same_bytes(tmp_path: Path) -> None:
    file = tmp_path / "counts.gz"
    lines = [f"{' '.join(run)}\t{count}\n" for run, count in counts().items()]
    file.write_bytes(gzip.compress(("# what it is\n" + "".join(lines)).encode()))
    packed = learning.packed(learning.learn(learning.read(file)))
    assert packed == learning.packed(learning.learn(counts()))
    assert b"c\xc3\xb4 d\xc3\xa2u" in gzip.decompress(packed)


def test_the_list_is_what_the_counts_teach() -> None:
    if not COUNTS.exists():
        pytest.skip("no shared counts beside this checkout")
    assert learning.packed(learning.learn(learning.read(COUNTS))) == LIST.read_bytes()
