"""What holds for any text."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from publisher.config import Keywords, Topic
from publisher.keywords import Matcher, compile_rules, fold, key, slugify, sort_key, unique_slug
from publisher.model import Block, BlockKind

VIETNAMESE = st.text(
    "aăâeêoôơuưyđÐĐqhnHOÀoàảạỷỳýỹUỶ\u0300\u0301\u0309\u0323\u030cJİΣς .-–\u00a0\u200b", max_size=20
)
TEXT = st.one_of(st.text(max_size=30), VIETNAMESE)
WORD = st.sampled_from(["an", "ninh", "mạng", "bão", "số", "a"])
PHRASE = st.lists(WORD, min_size=1, max_size=3).map(" ".join)


@given(TEXT)
def test_fold(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert len(folded) == len(unicodedata.normalize("NFC", text))
    assert folded == fold(unicodedata.normalize("NFD", text))


@given(TEXT)
def test_key_is_its_own_key(text: str) -> None:
    assert key(key(text)) == key(text)


@given(TEXT, st.integers(1, 90))
def test_slug(text: str, limit: int) -> None:
    slug = slugify(text, limit)
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug)
    assert len(slug) <= limit and slugify(slug, limit) == slug


@given(st.lists(TEXT, max_size=12))
def test_unique_slugs(labels: list[str]) -> None:
    taken: set[str] = set()
    for label in labels:
        slug = unique_slug(label, taken)
        assert slug and slug not in taken
        taken.add(slug)


@given(TEXT, TEXT)
def test_order_is_total(one: str, other: str) -> None:
    assert (sort_key(one) < sort_key(other)) + (sort_key(other) < sort_key(one)) == (
        sort_key(one) != sort_key(other)
    )


@given(st.lists(PHRASE, max_size=6, unique=True), st.lists(WORD, max_size=15).map(" ".join))
def test_matcher_agrees_with_a_naive_one(phrases: list[str], text: str) -> None:
    hits = Matcher([Topic(name=phrase) for phrase in phrases], True).match("", text)
    assert {hit.label: hit.score for hit in hits} == naive(phrases, text)


@given(st.lists(PHRASE, max_size=6, unique=True), st.lists(WORD, max_size=15).map(" ".join), st.randoms())
def test_phrases_that_come_in_any_order_are_found_alike(phrases: list[str], text: str, rng: Random) -> None:
    """What finds them is made anew whenever they change: it depends on which they are, and on nothing before."""
    again = list(phrases)
    rng.shuffle(again)
    first, second = (
        Matcher([Topic(name=phrase) for phrase in some], True).match("", text) for some in (phrases, again)
    )
    assert {hit.label: hit.score for hit in first} == {hit.label: hit.score for hit in second}


@given(
    st.lists(st.tuples(PHRASE, PHRASE, PHRASE, st.booleans()), min_size=1, max_size=6),
    st.lists(WORD, max_size=15).map(" ".join),
    st.booleans(),
)
def test_what_was_kept_equals_what_is_made_anew(
    given: list[tuple[str, str, str, bool]], text: str, fold: bool
) -> None:
    topics = [
        Topic(name=f"{number}", any=(one,), none=(other,), bare=(third,) if plain else ())
        for number, (one, other, third, plain) in enumerate(given)
    ]
    with TemporaryDirectory() as folder, patch("publisher.keywords.kept.WORTH_IT", 0):
        file = Path(folder, "topics")
        anew = Matcher(topics, fold, file, keep=True).match(text, text)
        assert file.is_file()
        with patch("publisher.keywords.kept.compile_topics", side_effect=AssertionError("made anew")):
            assert Matcher(topics, fold, file).match(text, text) == anew
        # One phrase more, and nothing of the old ones is believed.
        more = [*topics, Topic(name="một")]
        assert Matcher(more, fold, file).match(text, text) == Matcher(more, fold).match(text, text)


def naive(phrases: list[str], text: str) -> dict[str, float]:
    places = [
        (-len(one), found.start(), one)
        for one in phrases
        for found in re.finditer(rf"(?<!\w)(?={re.escape(one)}(?!\w))", text)
    ]
    taken: set[int] = set()
    counts: dict[str, float] = {}
    for length, start, phrase in sorted(places):
        span = set(range(start, start - length))
        if taken.isdisjoint(span):
            taken |= span
            counts[phrase] = counts.get(phrase, 0.0) + 1
    return counts


@given(
    st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=4), TEXT, TEXT, st.booleans(), st.lists(TEXT, max_size=3)
)
def test_nothing_raises(
    topics: list[tuple[str, str, str]], title: str, body: str, fold: bool, declared: list[str]
) -> None:
    config = tuple(Topic(name=name or "x", any=(one,), none=(other,)) for name, one, other in topics)
    rules = compile_rules(Keywords(topic=config, fold=fold))
    blocks = [Block(BlockKind.PARAGRAPH, body)]
    for language in ("vi", "en", ""):
        subjects = rules.subjects(title, "", blocks, declared, language)
        keys = [rules.key_of(one.label) for one in subjects]
        assert len(keys) == len(set(keys)) and "" not in keys
        assert all(len(one.label) <= 60 for one in subjects if one.label not in rules.names.values())
