"""Bytes become the text that was meant, or nothing: nobody guesses."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from documented import ROOT
from hypothesis import given
from hypothesis import strategies as st
from oldbytes import OLD

from publisher.errors import SeedError
from publisher.reading.encodings import ENCODINGS, decode
from publisher.reading.encodings.syllables import evidence, is_syllable

TEXT = """Phường Kiến An gỡ nút thắt giờ tan trường trên đường Trần Nhân Tông

17:26 30/05/2023

Từ thứ Hai tuần tới, xe máy của phụ huynh được xếp thành hai làn riêng trước cổng trường, lực lượng dân
phòng hướng dẫn từ 16 giờ 15 phút. “Chúng tôi kỳ vọng thời gian ùn tắc giảm từ bốn mươi xuống còn mười lăm
phút”, ông Vũ Quý Khoẻ nói – và mời người dân góp ý.
"""
ARTICLES = sorted((ROOT.parent / "shared" / "articles").glob("vi_*.txt"))


def alike(text: str, name: str) -> str:
    """What is left of a text in an encoding: TCVN3 has no capitals with tones."""
    return text.lower() if name == "tcvn3" else text


@pytest.mark.parametrize("name", OLD)
def test_old_bytes_are_told_apart_by_their_text(name: str) -> None:
    read = decode(OLD[name](TEXT))
    assert alike(read, name) == alike(TEXT, name)
    assert unicodedata.is_normalized("NFC", read)


@pytest.mark.parametrize("name", OLD)
def test_a_text_in_an_old_font_that_was_saved_as_utf8_is_read_as_meant(name: str) -> None:
    copied = OLD[name](TEXT).decode("cp1252").encode()
    assert alike(decode(copied), name) == alike(TEXT, name)


def test_utf8_that_was_taken_for_windows_1252_and_saved_again_is_read_as_meant() -> None:
    text = "Các đồng chí cán bộ, công chức và nhân dân địa phương cùng tham gia ký cam kết"
    assert decode(text.encode().decode("cp1252").encode()) == text


@pytest.mark.parametrize("file", ARTICLES, ids=lambda file: file.name)
@pytest.mark.parametrize("name", OLD)
def test_real_articles_come_back_from_old_bytes(file: Path, name: str) -> None:
    text = unicodedata.normalize("NFC", file.read_text(encoding="utf-8")).replace("×", "x").replace("–", "-")
    assert alike(decode(OLD[name](text)), name) == alike(text, name)


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_of_the_byte_order_decides(mark: str) -> None:
    assert decode(TEXT.encode(mark)) == TEXT


@pytest.mark.parametrize("wide", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_told_by_its_nuls(wide: str) -> None:
    assert decode(TEXT.encode(wide)) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "Après l’été, les élèves de première année ont retrouvé leur école à Évreux, où tout a été refait à neuf.",
        "Über die Straße gehen die Mädchen täglich zur Schule; schöne Grüße aus Köln, Nürnberg und Zürich.",
        "El niño pidió más información sobre la situación económica de la región, según explicó su compañía.",
        "Città, perché, però, più, virtù, lunedì, così: la libertà è già là.",
    ],
)
@pytest.mark.parametrize("encoding", ["latin-1", "cp1250", "cp850"])
def test_what_is_not_vietnamese_is_refused_and_not_made_so(text: str, encoding: str) -> None:
    with pytest.raises(SeedError, match="not UTF-8") as refused:
        decode(text.replace("’", "'").encode(encoding, "replace"))
    assert "encoding" in refused.value.hint


def test_good_utf8_in_other_languages_stays_as_it_is() -> None:
    text = (
        "Après l'été, les élèves de première année ont retrouvé leur école à Évreux, où tout a été refait. "
        * 5
    )
    assert decode(text.encode()) == text


def test_a_text_too_short_to_be_sure_is_refused_with_the_candidates() -> None:
    with pytest.raises(SeedError, match="not surely windows-1258"):
        decode(OLD["windows-1258"]("Ôtô trúng sét hai lần"))


@pytest.mark.parametrize("name", OLD)
def test_an_owner_may_say_which_encoding_it_is(name: str) -> None:
    short = "cà"
    assert decode(OLD[name](short), name) == short


def test_an_encoding_that_was_said_and_is_not_it_is_refused() -> None:
    with pytest.raises(SeedError, match="not windows-1258, as"):
        decode(b"\xd2\x81\x8d", "windows-1258")
    with pytest.raises(SeedError, match="not UTF-8"):
        decode(OLD["vni"](TEXT), "utf-8")


@given(st.binary(max_size=400), st.sampled_from(ENCODINGS))
def test_any_bytes_are_a_text_without_nul_or_a_reason(raw: bytes, encoding: str) -> None:
    try:
        text = decode(raw, encoding)
    except SeedError as fault:
        assert fault.reason
        return
    assert "\0" not in text


@pytest.mark.parametrize(
    "word", ["rượu", "nghiêng", "Kiến", "KIẾN", "khuỷu", "quý", "gìn", "uỷ", "ủy", "yêu"]
)
def test_a_word_can_be_vietnamese(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["été", "trât", "tôc", "Kiến" * 2, "kIến", "ñö", "các" + "h̀"])
def test_a_word_cannot_be_vietnamese(word: str) -> None:
    assert not is_syllable(word)


def test_evidence_counts_marked_words_alone() -> None:
    found = evidence("Kiến An và école")
    assert (found.marked, found.possible) == (3, 2)
