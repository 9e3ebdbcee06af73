"""The pages in a real Chromium, served as docs/howto/web-server.md says: they load, ask nobody else, run nothing,
and fit a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium
from conftest import demand
from documented import NGINX_SITE
from webserver import NGINX, WebServer

from publisher import pipeline
from publisher.config.load import load

ROOT = Path(__file__).parents[2]
ARTICLE = (
    "articles/2023/05/30/quan-kien-an-bieu-duong-22-tap-the-ca-nhan-co-thanh-tich-xuat-sac-trong-10-nam/"
)
PAGES = [
    "",
    ARTICLE,
    "keywords/",
    "keywords/kien-an/",
    "feeds/",
    "digests/daily/",
    "digests/daily/2026-11-24/",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    demand("nginx", NGINX)
    folder = tmp_path_factory.mktemp("site")
    settings = (ROOT / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(settings + "\n[feeds]\nitems = 1\n", encoding="utf-8")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    for month in ("03", "04"):
        text = f"Tin cũ\n\n08:00 02/{month}/2023\n\nĐường Trần Thành Ngọ thông xe.\n"
        (folder / f"seeds/{month}.txt").write_text(text, encoding="utf-8")
    outcome = pipeline.run(load(folder / "config.toml"), lambda: datetime(2026, 11, 24, 4, tzinfo=UTC))
    assert outcome.failures == []
    with WebServer(folder / "public", site=NGINX_SITE) as served:
        yield served.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_loads_whole_without_script_and_fits(browser: Any, site: str, path: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=True)
    page = context.new_page()
    asked: list[tuple[str, int]] = []
    page.on("response", lambda response: asked.append((response.url, response.status)))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(site + path)
    assert complaints == []
    assert all(url.startswith(site) for url, _ in asked)
    assert [pair for pair in asked if pair[1] != 200 and not pair[0].endswith("favicon.ico")] == []
    assert page.locator("script").count() == 0
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("document.documentElement.lang") == "vi"
    context.close()


def test_every_link_of_the_pages_leads_somewhere(browser: Any, site: str) -> None:
    page = browser.new_page()
    for path in PAGES:
        page.goto(site + path)
        for target in page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)"):
            if target.startswith(site):
                assert page.request.get(target).ok, f"{target} on {path}"
    page.close()


def test_the_article_page_shows_the_article_and_none_of_the_furniture(browser: Any, site: str) -> None:
    page = browser.new_page()
    page.goto(site + ARTICLE)
    text = page.locator("main").inner_text()
    assert "Biểu dương 22 tập thể" in text
    assert "Các đại biểu dự hội nghị" in text
    assert "captcha" not in text
    assert "Phóng sự ảnh" not in text
    feeds = page.evaluate("[...document.querySelectorAll('link[rel=alternate]')].map(l => l.href)")
    assert "https://news.example.org/feed.atom" in feeds
    page.close()


@pytest.mark.parametrize("path", ["", "keywords/kien-an/", "digests/daily/", "feeds/"])
@pytest.mark.parametrize("width", [360, 1280])
def test_one_click_selects_the_whole_address_of_a_feed(
    browser: Any, site: str, path: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(site + path)
    for address in page.locator("code.address").all():
        address.click(position={"x": 20, "y": 12})
        selected = page.evaluate("getSelection().toString()")
        assert selected == address.text_content()
        assert selected.startswith("https://news.example.org/")
    page.close()


def test_the_feeds_can_be_reached_by_keyboard_with_the_focus_in_sight(browser: Any, site: str) -> None:
    page = browser.new_page()
    page.goto(site + "keywords/kien-an/")
    page.evaluate("document.querySelector('#feeds').scrollIntoView()")
    page.locator("#feeds a").first.focus()
    page.keyboard.press("Tab")
    focus = page.evaluate(
        "[document.activeElement.closest('#feeds') !== null, getComputedStyle(document.activeElement).outlineStyle]"
    )
    assert focus == [True, "solid"]
    page.close()


SEEN = """names => Object.fromEntries(names.map(name => {
  const found = [...document.getElementsByTagName(name)].filter(node => node.getClientRects().length);
  return [name, found.map(node => node.textContent)];
}))"""
"""What of each element can be seen."""


@pytest.mark.parametrize(
    ("path", "shown", "hidden"),
    [
        (
            "feed.atom",
            ("title", "published", "summary"),
            ("id", "content", "category", "author", "generator"),
        ),
        ("feed.rss", ("title", "pubDate", "description"), ("guid", "content:encoded", "category", "docs")),
    ],
)
@pytest.mark.parametrize("folder", ["", "keywords/kien-an/"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_feed_opened_in_a_browser_can_be_read_and_says_what_it_is_for(
    browser: Any,
    site: str,
    folder: str,
    path: str,
    shown: tuple[str, ...],
    hidden: tuple[str, ...],
    width: int,
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(site + folder + path)
    seen = page.evaluate(SEEN, [*shown, *hidden])
    assert "Bản tin Kiến An" in seen["title"][0]
    assert any("Biểu dương 22 tập thể" in title for title in seen["title"])
    assert [name for name in shown if not seen[name]] == []
    assert [name for name in hidden if seen[name]] == []
    note = "getComputedStyle(document.querySelector('feed, channel'), '::before').content"
    assert "Đây là kênh tin" in page.evaluate(note)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_an_archive_opened_in_a_browser_names_the_feed_to_follow(browser: Any, site: str, form: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}archive/2023/04/feed.{form}")
    root, link = "document.querySelector('feed, channel')", "document.querySelector('[rel=current]')"
    assert "Đây là các bài cũ" in page.evaluate(f"getComputedStyle({root}, '::before').content")
    assert page.evaluate(f"{link}.getClientRects().length") == 1
    shown = page.evaluate(f"getComputedStyle({link}, '::before').content")
    assert shown == f'"Địa chỉ của kênh: https://news.example.org/feed.{form}"'
    page.close()
