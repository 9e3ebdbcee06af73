"""How the benchmark counts keywords that are right, nearly right, or cut a word."""

from __future__ import annotations

import pytest

from benchmarks.found import TOP, cutting, precision
from benchmarks.tags import OWN, tagged

LINES = [["Cô dâu chú rể", "và", "thanh niên"], ["cổ vũ", "thanh niên", "tình nguyện", "."]]


@pytest.mark.parametrize(("keyword", "cuts"), [
    ("thanh niên", False),
    ("cổ vũ thanh niên", False),
    ("cổ vũ thanh", True),
    ("dâu chú rể", True),
    ("niên tình nguyện", True),
    ("nowhere", False),
])  # fmt: skip
def test_a_phrase_cuts_a_word_where_it_begins_or_ends_within_one(keyword: str, cuts: bool) -> None:
    assert cutting([keyword], LINES) == ([keyword] if cuts else [])


def test_precision_counts_spellings_as_one_and_near_misses_apart() -> None:
    tags = ["hoà giải", "Công an phường Tràng Minh"]
    assert precision(["Hòa giải", "Tràng Minh", "Công an"], tags, near=False) == 1 / TOP
    # "Công an" is three words short of the tag, "phường Tràng Minh" two.
    assert precision(["Hòa giải", "phường Tràng Minh", "Công an"], tags, near=True) == 2 / TOP
    assert precision(["x"] * TOP + ["hòa giải"], tags, near=True) == 0


def test_every_tagged_article_is_read_with_its_lead() -> None:
    articles = tagged(OWN)
    assert len(articles) == 20
    assert all(each.title and each.lead and each.body and each.tags for each in articles)
    assert not any(each.lead in each.body for each in articles)
