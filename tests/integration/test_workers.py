"""A site whose work is shared out to `publish worker`: the same bytes, whoever does it and whoever dies at it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from conftest import NOW, Site
from databases import fresh

from publisher import gathering, inspection, metrics, writing
from publisher.jobs.board import Board
from publisher.jobs.crew import RemoteCrew
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
    monkeypatch.setattr(RemoteCrew, "larger", 1)


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
        return self.hire_with(self._site.root / "config.toml", *words)

    def hire_with(
        self, config: Path, *words: str, command: tuple[str, ...] = ("worker",)
    ) -> subprocess.Popen[bytes]:
        line = [sys.executable, "-m", "publisher", "-c", str(config), *command, *words]
        with open(self._site.root / f"worker-{len(self.processes)}.log", "wb") as log:
            made = subprocess.Popen(line, stdout=log, stderr=log)
        self.processes.append(made)
        return made

    def here(self, number: int) -> None:
        """Wait until so many give a sign of life."""
        eventually(lambda: living(self._site) == number)

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                process.send_signal(signal.SIGCONT)
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
        return dict(
            connection.execute(
                "SELECT queue, sum(jobs)::int FROM publisher_worker WHERE jobs > 0 GROUP BY queue"
            )
        )


def test_two_workers_make_the_same_bytes_and_deliver(
    here: Site, there: Site, hired: Hired, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.run()
    # Whoever plans is at it, too, and with so little to do he may be the only one: here he leaves it to them.
    monkeypatch.setattr(Board, "take_any", lambda board, order: None)
    hired.hire(), hired.hire()
    hired.here(2)
    outcome = here.run()
    assert outcome.failures == []
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    store = Store.open(here.config.database_at)
    eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: 1})
    did = done_by_workers(here)
    assert {"read", "render", "deliver"} <= did.keys()
    known = inspection.facts(here.config, store, datetime.now(UTC))
    assert known.workers == 2
    assert {labour.queue for labour in known.labour} == did.keys()
    told = metrics.text(known).decode()
    assert "publisher_workers 2.0" in told
    assert re.search(r'publisher_worker_jobs_total\{queue="render",worker="[^"]+-\d+"\} [1-9]', told)
    lines = inspection.report(here.config, store, NOW)["workers"]
    assert lines[0] == "2 workers at work"
    hired.stop()
    assert [process.returncode for process in hired.processes] == [0, 0]
    # What was handed out is gone, and there is nothing to do.
    with psycopg.connect(str(here.config.database_at)) as connection:
        assert connection.execute("SELECT count(*) FROM publisher_order").fetchone() == (0,)
    assert here.run().counts["files written"] == 0


def test_what_waits_is_told_with_its_age(here: Site, hired: Hired) -> None:
    worker = hired.hire("--queues", "deliver")
    hired.here(1)
    worker.send_signal(signal.SIGSTOP)  # it is alive for a while, as far as anybody can tell
    assert here.run().failures == []
    now, store = datetime.now(UTC), Store.open(here.config.database_at)
    (queue,) = inspection.facts(here.config, store, now).queues
    assert (queue.name, queue.waiting, queue.under_way, queue.failed) == ("deliver", 1, 0, 0)
    assert queue.since is not None
    assert timedelta() < now - queue.since < timedelta(minutes=1)
    assert (
        'publisher_jobs{queue="deliver",state="waiting"} 1.0'
        in metrics.text(inspection.facts(here.config, store, now)).decode()
    )
    lines = inspection.report(here.config, store, now)["workers"]
    assert lines[0] == "1 worker at work"
    assert re.fullmatch(r"deliver: 1 waiting, the oldest for \d+ s, 0 under way", lines[1])
    worker.send_signal(signal.SIGCONT)


def test_a_worker_with_other_templates_leaves_shards_alone(here: Site, there: Site, hired: Hired) -> None:
    there.run()
    config = here.root / "config.toml"
    text = config.read_text(encoding="utf-8")
    hired.hire()
    hired.here(1)
    # The worker reads its configuration anew, but it is another one still.
    (here.root / "elsewhere").mkdir()
    other = here.root / "elsewhere" / "config.toml"
    other.write_text(text.replace("found = 3", "found = 2"), encoding="utf-8")
    hired.stop()
    hired.processes.clear()
    hired.hire_with(other)
    hired.here(1)
    assert here.run().failures == []
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    assert "another configuration" in (here.root / "worker-0.log").read_text(encoding="utf-8")


def test_a_worker_needs_a_site_on_postgresql(there: Site) -> None:
    command = [sys.executable, "-m", "publisher", "-c", str(there.root / "config.toml"), "worker"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "a worker needs a site on PostgreSQL" in refused.stderr
    there.configure((there.root / "config.toml").read_text(encoding="utf-8") + ENGINE)
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "work.engine: needs PostgreSQL" in refused.stderr
    refused = subprocess.run([*command, "--queues", "reed"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "no queue reed" in refused.stderr


def test_without_a_worker_a_run_does_all_itself(here: Site, there: Site) -> None:
    there.run()
    assert here.run().failures == []
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    assert len(here.messages()) == 1
