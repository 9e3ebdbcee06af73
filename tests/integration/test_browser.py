"""The pages in a real Chromium: they load, ask nobody else, run nothing, and fit a phone."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from publisher import pipeline
from publisher.config.load import load

ROOT = Path(__file__).parents[2]
ARTICLE = (
    "articles/2023/05/30/quan-kien-an-bieu-duong-22-tap-the-ca-nhan-co-thanh-tich-xuat-sac-trong-10-nam/"
)
PAGES = ["", ARTICLE, "keywords/", "keywords/kien-an/", "digests/daily/", "digests/daily/2026-11-24/"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
CHROMIUM = shutil.which("chromium")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "config.toml", folder)
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    outcome = pipeline.run(load(folder / "config.toml"), lambda: datetime(2026, 11, 24, 4, tzinfo=UTC))
    assert outcome.failures == []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder / "public")))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        assert os.environ.get("CI") != "true", "Chromium is missing where it must be there"
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_loads_whole_without_script_and_fits(browser: Any, site: str, path: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=True)
    page = context.new_page()
    asked: list[tuple[str, int]] = []
    page.on("response", lambda response: asked.append((response.url, response.status)))
    page.goto(site + path)
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
