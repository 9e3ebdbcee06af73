"""The watcher over a real folder: what a saved seed sets off, and what it does not."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from threading import Event, Thread

import pytest
from conftest import Site

from publisher.stopping import Stop
from publisher.watching import Watcher

WAIT = 20.0


class Heard:
    """What a watcher told, with its times."""

    def __init__(self) -> None:
        self._told: Queue[float] = Queue()

    def tell(self) -> None:
        self._told.put(time.monotonic())

    def next(self, within: float = WAIT) -> float:
        return self._told.get(timeout=within)

    def nothing(self, within: float) -> bool:
        try:
            self._told.get(timeout=within)
        except Empty:
            return True
        return False


@contextmanager
def watched(site: Site) -> Iterator[Heard]:
    """The folder of a site under watch; returns when the watch has begun."""
    heard, stop = Heard(), Stop()
    thread = Thread(target=Watcher(site.config, heard.tell, stop).run)
    thread.start()
    try:
        begins(site, heard)
        yield heard
    finally:
        stop.ask()
        thread.join(WAIT)
    assert not thread.is_alive()


@contextmanager
def logged(message: str) -> Iterator[None]:
    """In the end the watcher has said this meanwhile."""
    said, logger = Event(), logging.getLogger("publisher.watching")

    def look(record: logging.LogRecord) -> bool:
        if record.getMessage() == message:
            said.set()
        return True

    logger.addFilter(look)
    try:
        yield
        assert said.wait(WAIT)
    finally:
        logger.removeFilter(look)


def begins(site: Site, heard: Heard) -> None:
    """Touch a seed until the watcher tells of it: then it watches, and no burst is open."""
    ends = time.monotonic() + WAIT
    while heard.nothing(0.5):
        assert time.monotonic() < ends, "the watch does not begin"
        site.write("first.txt", f"{time.monotonic()}")
    while not heard.nothing(0.7):
        pass


@pytest.fixture(params=[0, 1], ids=["told by the system", "looked for"])
def folder(request: pytest.FixtureRequest, site: Site) -> Site:
    site.change("[mail]", f"[schedule]\nwatch = true\npoll = {request.param}\n\n[mail]")
    return site


def test_a_saved_seed_is_told_soon(folder: Site) -> None:
    with watched(folder) as heard:
        saved = time.monotonic()
        folder.article("a.txt", "Bài")
        assert heard.next() - saved < 1.0 + folder.config.schedule.poll


def test_seeds_that_are_moved_in_deeper_down_and_taken_away_are_told(folder: Site) -> None:
    with watched(folder) as heard:
        elsewhere = folder.root / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "b.txt").write_text("Bài\n", encoding="utf-8")
        elsewhere.rename(folder.seeds / "2026")
        heard.next()
        while not heard.nothing(1.5):
            pass
        (folder.seeds / "2026/b.txt").unlink()
        heard.next()


def test_what_editors_leave_beside_seeds_is_not_told(site: Site) -> None:
    with watched(site) as heard:
        for name in (".a.txt.swp", "a.txt~", "a.txt.tmp", ".#a.txt", "style.css", ".git/index"):
            site.write(name, "x")
        assert heard.nothing(0.8)


def test_what_the_configuration_ignores_is_not_told(site: Site) -> None:
    site.change("[mail]", '[seeds]\nignore = ["drafts/*"]\n\n[mail]')
    watcher = Watcher(site.config, lambda: None, Stop())
    assert not watcher.matters(str(site.seeds / "drafts/a.txt"))
    assert watcher.matters(str(site.seeds / "news/a.txt"))


def test_a_burst_of_files_is_told_a_few_times(site: Site) -> None:
    with watched(site) as heard:
        for number in range(300):
            site.article(f"{number}.txt", "Bài")
        heard.next()
        more = 0
        while not heard.nothing(0.8):
            more += 1
    assert more <= 4


def test_a_folder_that_vanishes_and_comes_back_is_told_and_watched_again(site: Site) -> None:
    with watched(site) as heard:
        with logged("the seeds folder is gone"):
            shutil.move(site.seeds, site.root / "elsewhere")
        while not heard.nothing(0):  # what went is not what came back
            pass
        shutil.move(site.root / "elsewhere", site.seeds)
        heard.next()
        begins(site, heard)
        site.article("a.txt", "Bài")
        heard.next()


def test_a_folder_that_is_replaced_by_another_is_watched(site: Site) -> None:
    with watched(site) as heard:
        (site.root / "fresh").mkdir()
        site.seeds.rename(site.root / "old")
        (site.root / "fresh").rename(site.seeds)
        heard.next()
        begins(site, heard)
