"""Articles, each beside the keywords that are found in it, and those that must not be."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from documented import ROOT

from publisher.keywords.found import found
from publisher.keywords.stopwords import language_of, stopwords, weak_words

CASES = ROOT / "tests" / "cases" / "keywords-found"
SEED = ROOT / "tests" / "cases" / "reading" / "kien_an.txt"
NEVER_IN_SEED = {
    *("Bình luận của bạn về bài viết", "captcha", "Bản tin Pháp luật", "Video clip", "Phóng sự ảnh"),
    *("An toàn giao thông", "KC", "hội nghị", "thực hiện", "tình hình mới", "giai đoạn 2013 - 2023"),
}


@pytest.mark.parametrize("case", sorted(CASES.glob("*.expected.json")), ids=lambda path: path.name)
def test_keywords_are_found_as_expected(case: Path) -> None:
    expected = json.loads(case.read_text(encoding="utf-8"))
    text = case.with_name(case.name.replace(".expected.json", ".txt")).read_text(encoding="utf-8")
    title, lead, body = text.split("\n\n", 2)
    labels = [label for label, _ in found(title, lead, body, expected["limit"], expected["language"])]
    assert labels == expected["found"]
    every = {label for label, _ in found(title, lead, body, 100, expected["language"])}
    assert every.isdisjoint(expected["never"])


def test_the_form_of_unicode_makes_no_difference() -> None:
    title, lead, body = (CASES / "half_words.txt").read_text(encoding="utf-8").split("\n\n", 2)
    decomposed = (unicodedata.normalize("NFD", text) for text in (title, lead, body))
    assert found(*decomposed, 9, "vi") == found(title, lead, body, 9, "vi")


def test_no_keyword_of_the_seed_is_a_fragment() -> None:
    title, _, rest = SEED.read_text(encoding="utf-8").partition("\n")
    labels = [label for label, _ in found(title, "", rest.split("Từ khóa")[0], 5, "vi")]
    assert labels == [
        *("phong trào Toàn dân bảo vệ ANTQ", "quận Kiến An", "ANTT", "phong trào bảo vệ ANTQ"),
        "biểu dương",
    ]
    assert NEVER_IN_SEED.isdisjoint(label for label, _ in found(title, "", rest, 100, "vi"))


def test_fewer_are_the_best_of_more() -> None:
    title, lead, body = (CASES / "half_words.txt").read_text(encoding="utf-8").split("\n\n", 2)
    every = found(title, lead, body, 100, "vi")
    assert len(every) > 3 and found(title, lead, body, 3, "vi") == every[:3]
    assert found(title, lead, body, 0, "vi") == []


def test_the_title_counts_for_more_than_the_body() -> None:
    body = "Ở Hải Phòng có mưa. Tại Hải Phòng có gió. Ở Nam Định có nắng. Tại Nam Định có gió."
    assert found("Nắng ở Nam Định", "", body, 1, "vi")[0][0] == "Nam Định"
    assert found("Mưa ở Hải Phòng", "", body, 1, "vi")[0][0] == "Hải Phòng"


@pytest.mark.parametrize(("said", "text", "language"), [
    ("vi-VN", "Cô dâu chú rể và đoàn rước dâu đi qua cầu", "vi"),
    ("vi", "The barrier will close during a storm and it is not paid for by the town", "en"),
    ("en", "Người dân đã được đưa đến nơi an toàn trong đêm và không có ai bị thương", "vi"),
    ("de", "Die Stadt und der Fluss", "de"),
    ("vi", "", "vi"),
])  # fmt: skip
def test_a_text_in_another_language_than_it_says_is_read_in_its_own(
    said: str, text: str, language: str
) -> None:
    assert language_of(text, said) == language


def test_lists_hold_folded_words_and_languages_without_lists_have_none() -> None:
    assert {"và", "thực hiện"} <= stopwords("vi-VN") and "the" in stopwords("EN")
    assert {"hội nghị", "cơ quan"} <= weak_words("vi") and weak_words("vi").isdisjoint(stopwords("vi"))
    assert weak_words("en").isdisjoint(stopwords("en"))
    assert stopwords("xx") == stopwords("") == stopwords("../vi") == weak_words("de") == frozenset()
    assert not any(
        "," in word or word != word.strip() or not word for word in stopwords("vi") | weak_words("vi")
    )


def test_a_book_is_judged_by_its_beginning() -> None:
    begun, gone_on = "Ở Hải Phòng có mưa. Tại Hải Phòng có gió. ", "Ở Nam Định có mưa. Tại Nam Định có gió. "
    assert [label for label, _ in found("", "", begun + gone_on, 5, "vi")] == ["Hải Phòng", "Nam Định"]
    long = begun + "Trời xanh. " * 4_000 + gone_on * 1_000
    assert "Nam Định" not in {label for label, _ in found("", "", long, 100, "vi")}
