"""Texts that share most of their sentences have fingerprints that differ in few bits."""

from __future__ import annotations

from random import Random

import pytest
from sentences import text

from publisher.model import Block, BlockKind
from publisher.planning.likeness import Alikes, fingerprint


def blocks(sentences: list[str]) -> list[Block]:
    return [
        Block(BlockKind.PARAGRAPH, " ".join(sentences[at : at + 3])) for at in range(0, len(sentences), 3)
    ]


def bits(one: list[str], other: list[str]) -> int:
    return (fingerprint(blocks(one)) ^ fingerprint(blocks(other))).bit_count()


def test_the_same_text_has_the_same_fingerprint_however_it_is_cut_and_written() -> None:
    sentences = text(1)
    whole = [
        Block(BlockKind.PARAGRAPH, " ".join(sentences).upper()),
        Block(BlockKind.IMAGE, "Ảnh cũ. Ảnh mới."),
    ]
    assert fingerprint(whole) == fingerprint(blocks(sentences)) != 0


def test_texts_that_share_nothing_differ_in_about_half_of_all_bits() -> None:
    distances = [bits(text(seed), text(seed + 1)) for seed in range(0, 200, 2)]
    assert min(distances) > 40
    assert 58 < sum(distances) / len(distances) < 70


@pytest.mark.parametrize(("changed", "most"), [(1, 24), (2, 32), (4, 44)])
def test_texts_differ_by_as_much_as_was_changed(changed: int, most: int) -> None:
    for seed in range(50):
        assert bits(text(seed), text(seed + 500)[:changed] + text(seed)[changed:]) <= most


def test_a_text_too_short_has_none_and_is_like_no_other() -> None:
    assert fingerprint(blocks(text(1, 3))) == 0
    alikes = Alikes(0.5)
    alikes.add("a", 0)
    assert alikes.nearest(0) is None


def test_the_nearest_is_found_with_the_share_of_what_both_say() -> None:
    alikes = Alikes(0.85)
    for seed in range(300):
        alikes.add(str(seed), fingerprint(blocks(text(seed))))
    found = alikes.nearest(fingerprint(blocks([*text(7)[:-1], "Một câu mới ở cuối bài."])))
    assert found is not None
    assert found[0] == "7"
    assert 0.85 < found[1] < 1
    assert alikes.nearest(fingerprint(blocks(text(1000)))) is None


def test_nothing_is_alike_where_nobody_asks() -> None:
    alikes = Alikes(0)
    alikes.add("a", 5)
    assert alikes.nearest(5) is None


def test_what_an_article_costs_does_not_grow_with_what_was_added() -> None:
    rng, alikes = Random(1), Alikes(0.9)
    first = rng.getrandbits(128)
    alikes.add("first", first)
    for number in range(300):
        # All of one band: the same last ten bits, and the others any.
        alikes.add(f"{number}", rng.getrandbits(128) >> 10 << 10 | first & 1023)
    looked_at = alikes._bands[0][first & 1023]
    assert [name for _, name in looked_at] == [str(number) for number in range(236, 300)]
    assert alikes.nearest(first) == ("first", 1.0)
