"""What an article is filed under: declared, topics, found."""

from __future__ import annotations

from dataclasses import replace

from publisher.config import Keywords, Topic
from publisher.keywords import compile_rules
from publisher.keywords.found import found
from publisher.model import Block, BlockKind, KeywordSource

CONFIG = Keywords(topic=(Topic(name="An ninh trật tự", any=("ANTT", "ANTQ")), Topic(name="Cấp ủy")))


def paragraph(text: str) -> Block:
    return Block(BlockKind.PARAGRAPH, text)


def test_declared_then_topics_by_score() -> None:
    subjects = compile_rules(CONFIG).subjects(
        "Cấp ủy họp", "", [paragraph("ANTT")], ["Kiến  An", "kiến-an", ""], "vi"
    )
    assert [(one.label, one.source) for one in subjects] == [
        ("Kiến An", KeywordSource.DECLARED),
        ("Cấp ủy", KeywordSource.TOPIC),
        ("An ninh trật tự", KeywordSource.TOPIC),
    ]


def test_declared_alias_becomes_the_topic() -> None:
    subjects = compile_rules(CONFIG).subjects("", "", [paragraph("ANTT")], ["antq", "cấp uỷ"], "vi")
    assert [one.label for one in subjects] == ["An ninh trật tự", "Cấp ủy"]
    assert {one.source for one in subjects} == {KeywordSource.DECLARED}


def test_code_is_not_read_but_the_lead_is() -> None:
    rules = compile_rules(CONFIG)
    assert rules.subjects("", "", [Block(BlockKind.CODE, "ANTT")], [], "vi") == []
    assert [one.score for one in rules.subjects("", "ANTT", [], [], "vi")] == [1.0]
    assert [one.score for one in rules.subjects("", "Về ANTT.", [paragraph("Về ANTT.")], [], "vi")] == [1.0]


def test_found_only_without_others() -> None:
    rules = compile_rules(CONFIG)
    text = [paragraph("Ở Hải Phòng có mưa. Tại Hải Phòng có gió.")]
    assert [one.label for one in rules.subjects("", "", text, [], "vi")] == ["Hải Phòng"]
    assert [one.label for one in rules.subjects("", "", text, ["Mưa"], "vi")] == ["Mưa"]
    assert compile_rules(replace(CONFIG, found=0)).subjects("", "", text, [], "vi") == []


def test_long_labels_are_cut_between_words() -> None:
    [subject] = compile_rules(CONFIG).subjects("", "", [], ["từ " * 40], "vi")
    assert len(subject.label) <= 60 and subject.label.endswith("từ")


def test_fingerprint_and_keys() -> None:
    rules, exact = compile_rules(CONFIG), compile_rules(replace(CONFIG, fold=False))
    assert rules.fingerprint == compile_rules(CONFIG).fingerprint != exact.fingerprint
    assert rules.fingerprint != compile_rules(replace(CONFIG, topic=())).fingerprint
    assert rules.key_of("Cấp-uỷ") == rules.key_of("cấp ủy")
    assert exact.key_of("Cấp uỷ") != exact.key_of("cấp ủy")
    assert exact.key_of("Cấp u\u0309y") == exact.key_of(" Cấp  ủy")


def test_found_in_english_and_unknown_languages() -> None:
    text = "the Bank of England said. He left the bird strike, a bird strike and one bird strike. In Paris we"
    assert [label for label, _ in found("", "", text, 5, "en")] == ["bird strike"]
    assert found("", "", "und so weiter und so weiter und so weiter", 5, "de") == []
    assert [one for one, _ in found("", "", "Die NATO in New York. Der NATO nach New York", 5, "de")] == [
        "New York",
        "NATO",
    ]


def labels(table: Keywords, declared: list[str], body: str = "") -> list[str]:
    return [one.label for one in compile_rules(table).subjects("", "", [paragraph(body)], declared, "vi")]


def test_an_alias_is_the_keyword_that_it_stands_for() -> None:
    table = Keywords(aliases={"PCCC": "Phòng cháy chữa cháy", "TP HP": "Hải Phòng"})
    assert labels(table, ["pccc", "phòng cháy chữa cháy", "TP. HP"]) == ["Phòng cháy chữa cháy", "Hải Phòng"]


def test_an_alias_may_lead_to_a_topic_by_any_of_its_phrases() -> None:
    table = replace(CONFIG, aliases={"an ninh": "ANTT"})
    assert labels(table, ["An Ninh"]) == ["An ninh trật tự"]


def test_an_alias_of_an_alias_leads_to_its_end_and_a_circle_stops() -> None:
    assert labels(Keywords(aliases={"A1": "A2", "A2": "A3"}), ["a1"]) == ["A3"]
    assert len(labels(Keywords(aliases={"A1": "A2", "A2": "A1"}), ["A1"])) == 1


def test_what_is_ignored_is_no_keyword_by_any_spelling() -> None:
    table = Keywords(ignore=("Tin nóng",), aliases={"Hot": "tin nóng"})
    assert labels(table, ["TIN  NÓNG", "hot", "Kiến An"]) == ["Kiến An"]


def test_what_is_found_goes_by_aliases_and_is_ignored_too() -> None:
    body = "Cầu Niệm thông xe. Người dân qua cầu Niệm. Cầu Niệm dài 300 mét. Cầu Niệm đẹp."
    (first, *_) = labels(Keywords(found=3), [], body)
    assert first == "Cầu Niệm"
    assert labels(Keywords(found=3, aliases={"Cầu Niệm": "Cầu Niệm mới"}), [], body)[0] == "Cầu Niệm mới"
    assert "Cầu Niệm" not in labels(Keywords(found=3, ignore=("cầu niệm",)), [], body)


def test_a_bare_phrase_is_found_whatever_its_marks() -> None:
    table = Keywords(
        found=0, topic=(Topic(name="Công an", bare=("cong an",)), Topic(name="Quận", any=("quan",)))
    )
    assert labels(table, [], "Tin tu cong an quận") == ["Công an"]
    assert labels(table, [], "tin từ CÔNG AN") == ["Công an"]
    assert labels(table, [], "tin từ công nhân") == []


def test_aliases_and_what_is_ignored_file_articles_anew() -> None:
    prints = {
        compile_rules(table).fingerprint
        for table in (Keywords(), Keywords(aliases={"a": "b"}), Keywords(ignore=("a",)))
    }
    assert len(prints) == 3
