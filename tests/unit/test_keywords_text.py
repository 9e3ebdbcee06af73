"""Folding, slugs and the order of the alphabet."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from publisher.keywords import fold, key, slugify, sort_key, unique_slug


@pytest.mark.parametrize(
    ("old", "new"),
    [("hoà", "hòa"), ("khoẻ", "khỏe"), ("uỷ", "ủy"), ("thuý", "thúy"), ("Uỷ ban", "ủy ban"), ("HOÀ", "hòa")],
)
def test_old_tone_placement_is_the_new_one(old: str, new: str) -> None:
    assert fold(old) == new
    assert fold(unicodedata.normalize("NFD", old)) == new


@pytest.mark.parametrize("word", ["quý", "quỹ", "hoàn", "ngoài", "khuỷu", "toán", "hòa"])
def test_right_tone_placement_stays(word: str) -> None:
    assert fold(word) == word


def test_three_ds_are_one() -> None:
    assert key("Đà Nẵng") == key("\u00d0à Nẵng") == key("đà nẵng") == key("\u0189à Nẵng")


def test_key_ignores_hyphens_dots_and_blanks() -> None:
    assert key(" Covid\u201319\u00a0 ") == key("covid 19") == "covid 19"
    assert key("TP.HCM") == key("TPHCM")


@pytest.mark.parametrize(("one", "other"), [("bản thân", "bán thân"), ("hội họp", "hồi hộp")])
def test_tones_tell_words_apart(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_slug_of_the_seed() -> None:
    seed = next((Path(__file__).parents[2] / "seeds").glob("*.txt"))
    title = seed.read_text("utf-8").splitlines()[0]
    assert slugify(title) == "quan-kien-an-bieu-duong-22-tap-the-ca-nhan-co-thanh-tich-xuat-sac-trong-10-nam"


@pytest.mark.parametrize(
    ("text", "slug"), [("Đà Nẵng", "da-nang"), ("1,4 tỷ", "1-4-ty"), ("日本", ""), ("a" * 90, "a" * 80)]
)
def test_slugs(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_slug_collision_gets_a_number() -> None:
    assert unique_slug("hồi hộp", {"hoi-hop"}) == "hoi-hop-2"
    assert unique_slug("hồi hộp", {"hoi-hop", "hoi-hop-2"}) == "hoi-hop-3"


def test_slug_is_never_empty_nor_reserved() -> None:
    assert unique_slug("日本", ()).startswith("k-") and len(unique_slug("日本", ())) == 10
    assert unique_slug("日本", ()) != unique_slug("中国", ())
    assert unique_slug("Côn", ()) == "k-con"


def test_vietnamese_order() -> None:
    assert sorted(["Đà Nẵng", "zalo", "Á hậu", "an ninh"], key=sort_key) == [
        "Á hậu",
        "an ninh",
        "Đà Nẵng",
        "zalo",
    ]
    words = ["ma", "Ma", "mà", "mả", "mã", "má", "mạ", "ma túy", "mai", "măng", "mâm"]
    backwards = words[::-1]
    assert sorted(backwards, key=sort_key) == words
