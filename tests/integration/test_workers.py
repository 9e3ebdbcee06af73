"""A site whose work is shared out to `publish worker`: the same bytes, whoever does it and whoever dies at it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from conftest import Site
from databases import fresh

from publisher import gathering, writing
from publisher.model import DeliveryState
from publisher.store import Store

ENGINE = '\n[work]\nengine = "procrastinate"\n'
WAIT = 60.0
WORDS = ("Kiến An", "giao thông", "ưu tiên", "Ánh sáng", "zebra", "Đường")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fresh("postgresql", tmp_path) as found:
        assert isinstance(found, str)
        yield found


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards of a few seeds, and few are enough for workers."""
    for module in (gathering, writing):
        monkeypatch.setattr(module, "WORTH_IT", 1)
    monkeypatch.setattr(gathering, "_SHARD", 3)


@pytest.fixture
def here(tmp_path: Path, url: str) -> Site:
    site = Site(tmp_path / "here", url)
    seed(site)
    site.configure((site.root / "config.toml").read_text(encoding="utf-8") + ENGINE)
    return site


@pytest.fixture
def there(tmp_path: Path) -> Site:
    """The same site on SQLite, where one process does everything."""
    site = Site(tmp_path / "there")
    seed(site)
    return site


def seed(site: Site) -> None:
    for number in range(40):
        word = WORDS[number % len(WORDS)]
        title, body = f"{word} {number}", f"Tin {word}. Giao thông số {number}."
        site.article(f"{number}.txt", title, body, f"1{number % 9}:26 {number % 27 + 1}/05/2023")
    site.change("found = 0", "found = 3")


class Hired:
    """Workers as processes of their own."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.processes: list[subprocess.Popen[bytes]] = []

    def hire(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "publisher", "-c", str(self._site.root / "config.toml"), "worker"]
        with open(self._site.root / f"worker-{len(self.processes)}.log", "wb") as log:
            made = subprocess.Popen([*command, *words], stdout=log, stderr=log)
        self.processes.append(made)
        return made

    def here(self, number: int) -> None:
        """Wait until so many give a sign of life."""
        eventually(lambda: living(self._site) == number)

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            process.wait(WAIT)


def living(site: Site) -> int:
    try:
        with psycopg.connect(str(site.config.database_at)) as connection:
            row = connection.execute(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '15 s'"
            ).fetchone()
            return int(row[0]) if row else 0
    except psycopg.errors.UndefinedTable:
        return 0


def eventually(holds: Callable[[], bool], seconds: float = WAIT) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.05)


@pytest.fixture
def hired(here: Site) -> Iterator[Hired]:
    made = Hired(here)
    try:
        yield made
    finally:
        made.stop()


def done_by_workers(site: Site) -> dict[str, int]:
    with psycopg.connect(str(site.config.database_at)) as connection:
        return dict(connection.execute("SELECT queue, sum(jobs)::int FROM publisher_worker GROUP BY queue"))


def test_two_workers_make_the_same_bytes_and_deliver(here: Site, there: Site, hired: Hired) -> None:
    there.run()
    hired.hire(), hired.hire()
    hired.here(2)
    outcome = here.run()
    assert outcome.failures == []
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    store = Store.open(here.config.database_at)
    eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: 1})
    did = done_by_workers(here)
    assert {"read", "render", "deliver"} <= did.keys()
    hired.stop()
    assert [process.returncode for process in hired.processes] == [0, 0]
    # What was handed out is gone, and there is nothing to do.
    with psycopg.connect(str(here.config.database_at)) as connection:
        assert connection.execute("SELECT count(*) FROM publisher_order").fetchone() == (0,)
    assert here.run().counts["files written"] == 0


def test_without_a_worker_a_run_does_all_itself(here: Site, there: Site) -> None:
    there.run()
    assert here.run().failures == []
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    assert len(here.messages()) == 1
