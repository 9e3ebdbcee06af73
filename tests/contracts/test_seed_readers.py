"""What every reader owes: the same article, whatever the file is written in."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from publisher.errors import SeedError
from publisher.reading import READERS, Options, read

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OPTIONS = Options(zone=ZONE, language="vi")
TEXT = "Tin một\n\n17:26 30/05/2023\n\nLời dẫn của bài.\n\nĐoạn hai của bài.\n\nKC\n\nTừ khóa: Kiến An, An ninh\n"
MARKDOWN = (
    "---\ntitle: Tin một\ndate: 2023-05-30 17:26\nauthor: KC\nkeywords: [Kiến An, An ninh]\n---\n\n"
    "Lời dẫn của bài.\n\nĐoạn hai của bài.\n"
)
SOURCES = {".txt": TEXT, ".md": MARKDOWN, ".markdown": MARKDOWN}


def test_every_reader_is_held_to_this() -> None:
    assert set(SOURCES) == set(READERS)


@pytest.mark.parametrize("suffix", READERS)
def test_a_reader_finds_all_of_an_article(suffix: str) -> None:
    draft = read(SOURCES[suffix].encode(), f"a{suffix}", OPTIONS)
    assert draft.title == "Tin một"
    assert draft.published == datetime(2023, 5, 30, 17, 26, tzinfo=ZONE)
    assert draft.authors == ("KC",)
    assert draft.keywords == ("Kiến An", "An ninh")
    assert draft.summary == "Lời dẫn của bài."
    assert [block.text for block in draft.blocks] == ["Lời dẫn của bài.", "Đoạn hai của bài."]
    assert draft.language == "vi"


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("raw", [b"", b"   \n", b"\x00\x01\x02", b"\xff\xfe\x00", b"only one line"])
def test_a_reader_says_why_it_cannot(suffix: str, raw: bytes) -> None:
    with pytest.raises(SeedError):
        read(raw, f"a{suffix}", OPTIONS)
