"""Topics in texts: pitfalls of real Vietnamese articles."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher.config import Keywords, Topic
from publisher.keywords import Matcher, compile_rules
from publisher.reading import Options, read


def labels(topics: list[Topic], body: str, title: str = "", fold: bool = True) -> list[str]:
    return [hit.label for hit in Matcher(topics, fold).match(title, body)]


def found(phrase: str, body: str, fold: bool = True) -> bool:
    return labels([Topic(name=phrase)], body, fold=fold) == [phrase]


def test_torn_name_is_no_hit() -> None:
    assert not found("an ninh", "Công an Ninh Bình đang xác minh")
    assert found("an Ninh", "Công an Ninh Bình đang xác minh")
    assert found("kiến an", "quận Kiến An")


def test_longest_phrase_wins_over_all_topics() -> None:
    topics = [Topic(name="An ninh trật tự", any=("an ninh",)), Topic(name="An ninh mạng")]
    assert labels(topics, "Luật An ninh mạng có hiệu lực") == ["An ninh mạng"]
    assert labels(topics, "an ninh; An ninh mạng") == ["An ninh trật tự", "An ninh mạng"]


def test_longest_phrase_wins_over_an_earlier_one() -> None:
    topics = [Topic(name="một hai"), Topic(name="hai ba bốn"), Topic(name="một")]
    assert labels(topics, "một hai ba bốn") == ["hai ba bốn", "một"]


def test_none_phrase_covers() -> None:
    topic = Topic(name="An ninh", any=("an ninh",), none=("an ninh mạng",))
    assert labels([topic], "Luật An ninh mạng có hiệu lực") == []
    assert labels([topic], "An ninh mạng và an ninh trật tự") == ["An ninh"]


def test_longer_phrase_beyond_a_boundary_does_not_hide_the_shorter() -> None:
    assert labels([Topic(name="bão", any=("bão", "bão số 1"))], "Bão số 12 vào bờ") == ["bão"]


@pytest.mark.parametrize("text", ["ca sĩ", "56 ca nhiễm", "Ca nhiễm", "CAQ", "CA1"])
def test_acronym_is_no_syllable(text: str) -> None:
    assert not found("CA", text)


def test_acronym_as_written() -> None:
    assert found("CA", "tin từ CA quận")
    assert not found("CA", "ca\u0301")


@pytest.mark.parametrize("text", ["TP.HCM", "TP. HCM", "TP HCM", "TPHCM", "TP-HCM"])
def test_separators_of_acronyms(text: str) -> None:
    assert found("TP.HCM", f"ở {text}.")
    assert found("TP HCM", f"ở {text}.")


def test_decomposed_text() -> None:
    assert found("An ninh trật tự", unicodedata.normalize("NFD", "giữ gìn an ninh trật tự"))


@pytest.mark.parametrize("text", ["cấp uỷ Đảng", "cấp ủy, chính quyền", "CẤP UỶ", "cấp\u00a0 uỷ", "cấp-ủy"])
def test_spellings_are_one(text: str) -> None:
    assert found("cấp ủy", text)
    assert found("cấp uỷ", text)


@pytest.mark.parametrize("text", ["Đà Nẵng", "\u00d0à Nẵng", "đà nẵng"])
def test_d_with_stroke(text: str) -> None:
    assert found("Đà Nẵng", text)


@pytest.mark.parametrize(("phrase", "text"), [("bản thân", "bán thân"), ("báo động", "bạo động")])
def test_tones_differ(phrase: str, text: str) -> None:
    assert not found(phrase, text)


def test_no_phrase_crosses_a_line() -> None:
    assert not found("an ninh", "công an\nninh thuận")


def test_without_folding() -> None:
    assert found("Kiến An", unicodedata.normalize("NFD", "quận Kiến  An"), fold=False)
    assert not found("Kiến An", "quận kiến an", fold=False)
    assert not found("uỷ", "ủy", fold=False)


def test_any_and_all_and_zones() -> None:
    topic = Topic(name="T", any=("một", "hai"), all=("ba",))
    assert labels([topic], "một ba") == ["T"] == labels([topic], "ba", title="hai")
    assert labels([topic], "một hai") == [] == labels([topic], "ba")
    assert labels([Topic(name="T", any=("một",), where=("title",))], "một") == []
    assert labels([Topic(name="T", all=("một", "ba"))], "ba một") == ["T"]


def test_score_and_position() -> None:
    hits = Matcher([Topic(name="không"), Topic(name="một")], True).match("Một", "một một")
    assert [(hit.score, hit.position) for hit in hits] == [(5.0, 1)]


def test_signs_in_phrases() -> None:
    assert found("C++", "viết bằng C++.")
    assert found(".NET", "dùng .NET ở đây")
    assert not found("...", "chờ ... đã")


def test_the_seed_lands_under_both() -> None:
    seed = next((Path(__file__).parents[2] / "seeds").glob("*.txt"))
    title, _, body = seed.read_text("utf-8").partition("\n")
    topics = [Topic(name="An ninh trật tự", any=("ANTT", "ANTQ")), Topic(name="Kiến An")]
    assert labels(topics, body, title) == ["An ninh trật tự", "Kiến An"]


SEED = Path(__file__).parents[3] / "shared" / "seeds"


@pytest.mark.skipif(
    not (SEED / "expected.json").exists(), reason="the shared seed is not beside this checkout"
)
def test_the_seed_lands_under_the_subjects_that_topics_can_reach() -> None:
    expected = json.loads((SEED / "expected.json").read_text(encoding="utf-8"))
    raw = (SEED / expected["source_file"]).read_bytes()
    draft = read(raw, expected["source_file"], Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi"))
    topics = [
        Topic(name=name, any=tuple(hit["aliases_hit"]))
        for name, hit in expected["expected_group_matches"].items()
    ]
    wrong = [
        Topic(name=name) for name in expected["must_not_be_keywords"] if name not in ("hội nghị", "thực hiện")
    ]
    table = Keywords(found=0, topic=(*topics, *wrong))
    rules = compile_rules(table)
    subjects = rules.subjects(draft.title, draft.summary, draft.blocks, draft.keywords, "vi")
    spoken = {
        "tình hình mới",
        "giai đoạn 2013 - 2023",
    }  # they stand in the text, and are no topics of anybody
    assert {one.label for one in subjects} - spoken == {topic.name for topic in topics}
    places = Counter(place.phrase for place in rules.places(draft.title, draft.summary, draft.blocks))
    for hit in expected["expected_group_matches"].values():
        assert {phrase: places[phrase] for phrase in hit["aliases_hit"]} == hit["aliases_hit"]
