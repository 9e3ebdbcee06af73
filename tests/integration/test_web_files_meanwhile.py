"""Files that are replaced or go while somebody asks for them, and files while the database is broken."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, Site
from webapp import WebApp


@pytest.fixture
def web(site: Site) -> Iterator[WebApp]:
    """A site with an article after one run."""
    site.article("one.txt", "Giao thông Kiến An", "Giao thông ở Kiến An. " * 60)
    assert site.run().failures == []
    with WebApp(site) as running:
        yield running


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, Callable[[], object]], None]:
    """Has something done to a file once, just before it is opened."""

    def watch(watched: Path, happen: Callable[[], object]) -> None:
        plain, left = os.open, [happen]

        def late(file: str, *more: int, **named: Any) -> int:
            if os.fspath(file) == str(watched) and left:
                left.pop()()
            return plain(file, *more, **named)

        monkeypatch.setattr(os, "open", late)

    return watch


@pytest.mark.parametrize("part", [{}, {"Range": "bytes=0-9"}], ids=["whole", "part"])
def test_a_large_file_that_is_replaced_before_it_is_opened_is_sent_as_what_it_is_now(
    web: WebApp, meanwhile: Callable[[Path, Callable[[], object]], None], part: dict[str, str]
) -> None:
    file, fresh = web.folder.output / "large.png", web.folder.output / "fresh"
    file.write_bytes(b"a" * (2 << 20))
    fresh.write_bytes(b"b" * (3 << 20))
    old = web.ask("HEAD", "/large.png")
    meanwhile(file, lambda: os.replace(fresh, file))
    answer = web.ask("GET", "/large.png", part)
    assert answer.body == b"b" * (10 if part else 3 << 20)
    assert answer.headers["etag"] != old.headers["etag"]


def test_a_large_file_that_vanishes_before_it_is_opened_is_not_found(
    web: WebApp, meanwhile: Callable[[Path, Callable[[], object]], None]
) -> None:
    file = web.folder.output / "large.png"
    file.write_bytes(bytes(2 << 20))
    meanwhile(file, file.unlink)
    assert web.get("/large.png").status == 404


def test_files_are_answered_while_the_database_is_broken_and_as_it_says_when_it_is_well(
    web: WebApp, caplog: pytest.LogCaptureFixture
) -> None:
    (listing,) = web.folder.plan(NOW).known.listings.values()
    page, feed = f"/{listing.page}", {"User_Agent": "Feedly/1.0 (16 subscribers)"}
    web.folder.article("other.txt", "Bài khác")
    web.folder.run(NOW)
    (web.folder.seeds / "one.txt").unlink()
    web.folder.run(NOW + timedelta(minutes=1), force=True)
    assert web.get("/feed.atom", **feed).status == 200
    web.clock.move(minutes=2)
    file = web.folder.config.database_file
    whole = file.read_bytes()
    file.write_bytes(b"no database" * 1000)
    assert web.get(page).status == 200
    assert web.get("/feed.atom", **feed).status == 200
    expected = ["it is not known whether a page is withdrawn", "readers of feeds were not counted"]
    for _ in range(200):
        said = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
        if len(said) == len(expected):
            break
        time.sleep(0.05)  # readers are counted behind the answer
    assert said == expected
    file.write_bytes(whole)
    assert web.get(page).status == 410
