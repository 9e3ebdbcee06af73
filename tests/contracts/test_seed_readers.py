"""What every reader owes: the same article, whatever the file is written in."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher.errors import SeedError
from publisher.model import Draft, SeedFile
from publisher.reading import READERS, Options, parts_of, read
from publisher.reading.many import MANY

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OPTIONS = Options(zone=ZONE, language="vi")
TEXT = "Tin một\n\n17:26 30/05/2023\n\nLời dẫn của bài.\n\nĐoạn hai của bài.\n\nKC\n\nTừ khóa: Kiến An, An ninh\n"
MARKDOWN = (
    "---\ntitle: Tin một\ndate: 2023-05-30 17:26\nauthor: KC\nkeywords: [Kiến An, An ninh]\n---\n\n"
    "Lời dẫn của bài.\n\nĐoạn hai của bài.\n"
)
HTML = """<html lang="vi"><head><title>Tin một</title><meta name="author" content="KC">
<meta name="keywords" content="Kiến An, An ninh"><meta name="date" content="2023-05-30T17:26:00+07:00"></head>
<body><nav>Trang chủ</nav><article><h1>Tin một</h1><p>Lời dẫn của bài.</p><p>Đoạn hai của bài.</p></article></body>"""
SOURCES = {".txt": TEXT, ".md": MARKDOWN, ".markdown": MARKDOWN, ".html": HTML, ".htm": HTML}
RECORD = {
    "title": "Tin một",
    "date": "2023-05-30 17:26",
    "author": "KC",
    "tags": ["Kiến An", "An ninh"],
    "body": "Lời dẫn của bài.\n\nĐoạn hai của bài.",
}
JSON = json.dumps(RECORD)
RSS = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title><language>vi</language>
<item><title>Tin một</title><pubDate>Tue, 30 May 2023 17:26:00 +0700</pubDate><dc:creator>KC</dc:creator>
<category>Kiến An</category><category>An ninh</category><guid>x</guid>
<description>&lt;p&gt;Lời dẫn của bài.&lt;/p&gt;&lt;p&gt;Đoạn hai của bài.&lt;/p&gt;</description></item>
</channel></rss>"""
FILES = {".jsonl": JSON, ".ndjson": JSON, ".json": JSON, ".rss": RSS, ".xml": RSS, ".atom": RSS}
"""Files that may hold many articles, here with one."""


def test_every_reader_is_held_to_this() -> None:
    assert set(SOURCES) == set(READERS)
    assert set(FILES) == set(MANY)


def holds_all(draft: Draft | SeedError) -> None:
    assert isinstance(draft, Draft)
    assert draft.title == "Tin một"
    assert draft.published == datetime(2023, 5, 30, 17, 26, tzinfo=ZONE)
    assert draft.authors == ("KC",)
    assert draft.keywords == ("Kiến An", "An ninh")
    assert draft.summary.startswith("Lời dẫn của bài.")
    assert [block.text for block in draft.blocks] == ["Lời dẫn của bài.", "Đoạn hai của bài."]
    assert draft.language == "vi"


@pytest.mark.parametrize("suffix", READERS)
def test_a_reader_finds_all_of_an_article(suffix: str) -> None:
    holds_all(read(SOURCES[suffix].encode(), f"a{suffix}", OPTIONS))


@pytest.mark.parametrize("suffix", MANY)
def test_a_file_of_many_articles_gives_all_of_each(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"a{suffix}").write_text(FILES[suffix], encoding="utf-8")
    [(_, _, draft)] = parts_of(tmp_path, SeedFile(f"a{suffix}", 1, 1), OPTIONS)
    holds_all(draft)


@pytest.mark.parametrize("suffix", MANY)
@pytest.mark.parametrize("raw", [b"\x00\x01\x02", b"\xff\xfe\x00", b"only one line", b"{}", b"[[]]"])
def test_a_file_of_many_articles_says_why_it_holds_none(suffix: str, raw: bytes, tmp_path: Path) -> None:
    (tmp_path / f"a{suffix}").write_bytes(raw)
    try:
        found = [draft for _, _, draft in parts_of(tmp_path, SeedFile(f"a{suffix}", 1, 1), OPTIONS)]
    except SeedError as fault:
        found = [fault]
    assert found
    assert all(isinstance(each, SeedError) and each.reason for each in found)


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("raw", [b"", b"   \n", b"\x00\x01\x02", b"\xff\xfe\x00", b"only one line"])
def test_a_reader_says_why_it_cannot(suffix: str, raw: bytes) -> None:
    with pytest.raises(SeedError):
        read(raw, f"a{suffix}", OPTIONS)
