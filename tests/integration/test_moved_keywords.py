"""A topic that asks for another address: what stood at the old one leads to it, and its feeds keep their ids."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import NOW, Site

URL = "https://news.example.org/keywords/"
LATER = NOW + timedelta(hours=1)


def moved_to(site: Site, slug: str) -> None:
    text = (site.root / "config.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("slug = ")]
    at = lines.index('name = "Giao thông"') + 1
    site.configure("\n".join([*lines[:at], *([f'slug = "{slug}"'] if slug else []), *lines[at:], ""]))


def read(site: Site, path: str) -> str:
    return (site.output / "keywords" / path).read_text(encoding="utf-8")


def id_of(feed: str) -> str:
    return feed.partition("<id>")[2].partition("<")[0]


@pytest.fixture
def moved(site: Site) -> Site:
    site.article("a.txt", "Kẹt xe", "Lo giao thông.")
    site.run()
    moved_to(site, "di-lai")
    site.run(LATER)
    return site


def test_the_page_and_the_feeds_stand_at_the_new_address(moved: Site) -> None:
    assert "Kẹt xe" in read(moved, "di-lai/index.html")
    assert f'href="{URL}di-lai/feed.atom" rel="self"' in read(moved, "di-lai/feed.atom")
    assert "di-lai/" in (moved.output / "keywords/index.html").read_text(encoding="utf-8")
    assert "giao-thong/" not in (moved.output / "feeds.opml").read_text(encoding="utf-8")


def test_the_old_page_leads_to_the_new_one(moved: Site) -> None:
    page = read(moved, "giao-thong/index.html")
    assert f'<meta http-equiv="refresh" content="0; url={URL}di-lai/">' in page
    assert f'<link rel="canonical" href="{URL}di-lai/">' in page
    assert "Từ khóa này đã chuyển sang địa chỉ mới:" in page


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_the_old_feed_is_the_new_one_and_says_where_it_is(moved: Site, form: str) -> None:
    assert read(moved, f"giao-thong/feed.{form}") == read(moved, f"di-lai/feed.{form}")
    moved.article("b.txt", "Bài mới", "Lại kẹt, giao thông rối.", "05:00 24/11/2026")
    moved.run(LATER + timedelta(minutes=1))
    assert "Bài mới" in read(moved, f"giao-thong/feed.{form}")
    assert read(moved, f"giao-thong/feed.{form}") == read(moved, f"di-lai/feed.{form}")


def test_the_feed_keeps_its_id_however_often_it_moves(site: Site) -> None:
    site.article("a.txt", "Kẹt xe", "Lo giao thông.")
    site.run()
    first = id_of(read(site, "giao-thong/feed.atom"))
    for hour, slug in enumerate(["di-lai", "duong-sa", ""], 1):
        moved_to(site, slug)
        site.run(NOW + timedelta(hours=hour))
        assert id_of(read(site, f"{slug or 'duong-sa'}/feed.atom")) == first
    for old in ("giao-thong", "di-lai"):
        assert f"url={URL}duong-sa/" in read(site, f"{old}/index.html")


def test_it_may_go_back_to_where_it_was(moved: Site) -> None:
    first = id_of(read(moved, "di-lai/feed.atom"))
    moved_to(moved, "giao-thong")
    moved.run(LATER + timedelta(hours=1))
    assert "Kẹt xe" in read(moved, "giao-thong/index.html")
    assert f"url={URL}giao-thong/" in read(moved, "di-lai/index.html")
    assert id_of(read(moved, "giao-thong/feed.atom")) == first


def test_the_address_of_another_keyword_is_not_taken(site: Site) -> None:
    site.article("a.txt", "Kẹt xe", "Lo giao thông ở Kiến An.")
    site.run()
    before = site.bytes_of(site.output / "keywords/kien-an")
    moved_to(site, "kien-an")
    site.run(LATER)
    assert "Giao thông" in read(site, "giao-thong/index.html")
    assert site.bytes_of(site.output / "keywords/kien-an").keys() == before.keys()
    assert "Kiến An" in read(site, "kien-an/index.html")


def test_a_new_topic_may_have_its_own_address_from_the_start(site: Site, new_site: Any) -> None:
    moved_to(site, "di-lai")
    site.article("a.txt", "Kẹt xe", "Lo giao thông.")
    site.run()
    assert "Kẹt xe" in read(site, "di-lai/index.html")
    assert not (site.output / "keywords/giao-thong").exists()
