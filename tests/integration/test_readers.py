"""The repository's own seed, as feed readers see it."""

from __future__ import annotations

import json
import time
from calendar import timegm
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from conftest import Site

ROOT = Path(__file__).parents[2]
TITLE = (
    "Quận Kiến An: Biểu dương 22 tập thể, cá nhân có thành tích xuất sắc trong 10 năm đẩy mạnh phong trào "
    "Toàn dân bảo vệ ANTQ tình hình mới giai đoạn 2013 - 2023"
)
FIRST = "Chiều 30-5, quận Kiến An tổ chức hội nghị tổng kết 10 năm"
LAST = "lực lượng nòng cốt bảo vệ ANTT ở cơ sở vững mạnh…"
PUBLISHED = datetime.fromisoformat("2023-05-30T17:26:00+07:00")


@pytest.fixture
def published(site: Site) -> Site:
    """The repository's configuration and seed, after one run."""
    site.configure((ROOT / "config.toml").read_text(encoding="utf-8"))
    for seed in sorted((ROOT / "seeds").glob("*.txt")):
        site.write(seed.name, seed.read_bytes())
    assert site.run().failures == []
    return site


def moment(parsed: time.struct_time) -> datetime:
    return datetime.fromtimestamp(timegm(parsed), UTC)


@pytest.mark.parametrize("form", ["rss", "atom"])
@pytest.mark.parametrize("folder", ["", "keywords/kien-an/"])
def test_a_feed_reader_sees_the_article(published: Site, folder: str, form: str) -> None:
    found = feedparser.parse((published.output / f"{folder}feed.{form}").read_bytes())
    assert not found.bozo
    assert found.feed.title == ("Kiến An · " if folder else "") + "Bản tin Kiến An"
    assert found.feed.link == f"https://news.example.org/{folder}"
    (entry,) = found.entries
    assert entry.title == TITLE
    assert entry.link.startswith(
        "https://news.example.org/articles/2023/05/30/quan-kien-an-bieu-duong-22-tap-the"
    )
    assert moment(entry.published_parsed) == moment(entry.updated_parsed) == PUBLISHED
    assert [author.name for author in entry.authors] == ["KC"]
    labels = {tag.get("label") or tag.term for tag in entry.tags}
    assert {"Kiến An", "An ninh trật tự", "Biểu dương, khen thưởng"} <= labels
    (content,) = entry.content
    assert FIRST in content.value
    assert LAST in content.value
    assert "captcha" not in content.value
    assert entry.id.startswith("urn:uuid:")


def test_a_json_reader_sees_the_article(published: Site) -> None:
    found = json.loads((published.output / "feed.json").read_bytes())
    assert found["feed_url"] == "https://news.example.org/feed.json"
    (item,) = found["items"]
    assert item["title"] == TITLE
    assert item["date_published"] == item["date_modified"] == PUBLISHED.isoformat()
    assert item["authors"] == [{"name": "KC"}]
    assert "Kiến An" in item["tags"]
    assert FIRST in item["content_html"]
    assert LAST in item["content_html"]


def test_all_formats_agree_on_the_id(published: Site) -> None:
    ids = {
        feedparser.parse((published.output / f"feed.{form}").read_bytes()).entries[0].id
        for form in ("rss", "atom")
    }
    ids.add(json.loads((published.output / "feed.json").read_bytes())["items"][0]["id"])
    assert len(ids) == 1
