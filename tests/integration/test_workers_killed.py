"""Whoever works for a site may die at it, and the server too: nothing is lost, and it goes on within a minute.

`make fault` repeats it for longer.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from conftest import NOW, Site, demand
from postgresql import Server, installed
from sinks import Faults, Sink
from test_killed import address, enrol
from test_workers import ENGINE, Hired, eventually, living, seed

from publisher import gathering, shards, writing
from publisher.errors import StoreError
from publisher.jobs import board, crew, engine
from publisher.jobs.crew import RemoteCrew
from publisher.model import DeliveryState
from publisher.store import Store, postgres

ROUNDS = 10 if os.environ.get("PUBLISHER_FAULT") == "full" else 1
SLOW = (
    '{% extends "built-in/article.html" %}{% block footer %}'
    "{% for n in range(200000) %}{% endfor %}{{ super() }}{% endblock %}"
)
"""A template that takes a while, so that somebody can die meanwhile."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gathering, writing):
        monkeypatch.setattr(module, "WORTH_IT", 1)
    monkeypatch.setattr(gathering, "_SHARD", 3)
    monkeypatch.setattr(RemoteCrew, "larger", 1)
    monkeypatch.setattr(writing, "in_shards", partial(shards.in_shards, size=3))
    monkeypatch.setattr(crew, "_GIVEN_UP", 3.0)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of its own, that may be stopped."""
    programs = installed()
    demand("PostgreSQL", str(programs) if programs else None)
    assert programs is not None
    made = Server(programs)
    try:
        yield made
    finally:
        postgres.dispose()
        made.remove()


@pytest.fixture
def here(tmp_path: Path, server: Server) -> Site:
    site = Site(tmp_path / "here", server.create())
    prepare(site)
    site.configure((site.root / "config.toml").read_text(encoding="utf-8") + ENGINE)
    return site


@pytest.fixture
def there(tmp_path: Path) -> Site:
    site = Site(tmp_path / "there")
    prepare(site)
    return site


def prepare(site: Site) -> None:
    seed(site)
    (site.root / "own").mkdir()
    (site.root / "own" / "article.html").write_text(SLOW, encoding="utf-8")
    site.configure(
        (site.root / "config.toml").read_text(encoding="utf-8") + '\n[output]\ntemplates = "own"\n'
    )


@pytest.fixture
def hired(here: Site) -> Iterator[Hired]:
    made = Hired(here)
    try:
        yield made
    finally:
        made.stop()


class Running(threading.Thread):
    """A run beside the test."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site, self.failures, self.error = site, ["it did not end"], None
        self.start()

    def run(self) -> None:
        try:
            self.failures = self._site.run().failures
        except StoreError as error:
            self.error = error


def taken(site: Site, kind: str) -> bool:
    """Whether a worker has a shard of a kind in hand."""
    with psycopg.connect(str(site.config.database_at)) as connection:
        row = connection.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = %s AND status = 'doing'", (kind,)
        ).fetchone()
        return bool(row and row[0])


def in_hand(site: Site) -> bool:
    """Whether a worker has begun with a shard; whoever plans has the same lock a moment before, but alone."""
    shared = "locktype = 'advisory' AND objid = 5 AND mode = 'ShareLock' AND granted"
    with psycopg.connect(str(site.config.database_at)) as connection:
        row = connection.execute(f"SELECT count(*) FROM pg_locks WHERE {shared}").fetchone()
        return bool(row and row[0])


@pytest.mark.parametrize("kind", ["read", "render"])
def test_a_worker_killed_at_a_shard_is_done_without(here: Site, there: Site, hired: Hired, kind: str) -> None:
    there.run()
    hired.hire(), hired.hire()
    hired.here(2)
    run, began = Running(here), time.monotonic()
    eventually(lambda: (taken(here, kind) and in_hand(here)) or not run.is_alive())
    hired.processes[0].send_signal(signal.SIGKILL)
    run.join()
    assert (run.failures, run.error) == ([], None)
    assert time.monotonic() - began < 60
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    # The other takes up what was in hand, finds it done, and nothing stays behind.
    eventually(lambda: not taken(here, kind))


def test_who_plans_is_killed_and_the_next_goes_on(here: Site, there: Site, hired: Hired) -> None:
    there.run()
    hired.hire()
    hired.here(1)
    command = [
        sys.executable,
        "-m",
        "publisher",
        "-c",
        str(here.root / "config.toml"),
        "--at",
        NOW.isoformat(),
    ]
    code = (
        "import publisher.gathering as g, publisher.writing as w; g.WORTH_IT = w.WORTH_IT = 1; g._SHARD = 3\n"
    )
    code += "import sys; from publisher.cli import main; main()"
    for _ in range(ROUNDS):
        planner = subprocess.Popen([sys.executable, "-c", code, *command[3:]], stdout=subprocess.DEVNULL)
        eventually(lambda planner=planner: taken(here, "render") or planner.poll() is not None)
        planner.send_signal(signal.SIGKILL)
        planner.wait()
    assert here.run().failures == []
    assert here.bytes_of(here.output) == there.bytes_of(there.output)


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_the_server_restarts_in_the_middle(
    here: Site, there: Site, hired: Hired, server: Server, how: str
) -> None:
    there.run()
    hired.hire(), hired.hire()
    hired.here(2)
    for _ in range(ROUNDS):
        run = Running(here)
        eventually(lambda run=run: taken(here, "render") or not run.is_alive())
        server.stop(how)
        server.start()
        run.join()
    last = here.run()
    assert last.failures == []
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    # Workers come back by themselves, and take what is put up.
    eventually(lambda: living(here) == 2)
    assert [process.poll() for process in hired.processes] == [None, None]
    store = Store.open(here.config.database_at)
    eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: 1})


def test_a_job_that_was_lost_between_server_and_worker_is_taken_up_again(here: Site, hired: Hired) -> None:
    """The worker lives, so that nobody else would; and a job of a kind that is done alone holds up all others."""
    hired.hire()
    hired.here(1)
    with psycopg.connect(str(here.config.database_at)) as connection:
        engine.put_up(connection, "deliver")
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers)"
        )
    assert here.run().failures == []
    store = Store.open(here.config.database_at)
    eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: 1})


def test_asked_to_stop_a_worker_finishes_what_it_has_in_hand(here: Site, hired: Hired) -> None:
    worker = hired.hire("--queues", "render")
    hired.here(1)
    run = Running(here)
    eventually(lambda: taken(here, "render"))
    worker.terminate()
    assert worker.wait(30) == 0
    assert living(here) == 0
    assert not taken(here, "render")
    run.join()
    assert run.failures == []


@pytest.mark.parametrize("seems", ["alive", "lost"])
def test_a_worker_that_hangs_is_done_without_and_then_named(
    here: Site, hired: Hired, monkeypatch: pytest.MonkeyPatch, seems: str
) -> None:
    """What it writes when it wakes must not come after what a later run wrote: that one waits, and says for whom."""
    monkeypatch.setattr(board, "_PATIENCE", "1s")
    worker = hired.hire("--queues", "render")
    hired.here(1)
    run = Running(here)
    eventually(lambda: in_hand(here))
    worker.send_signal(signal.SIGSTOP)
    run.join()
    assert (run.failures, run.error) == ([], None)
    if seems == "lost":
        monkeypatch.setattr(engine, "LOST", 0.0)
    with pytest.raises(StoreError, match=rf"-{worker.pid} has work of an earlier run in hand still"):
        here.run()
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert here.run().failures == []


READERS, CONNECTIONS = 200, 4


@pytest.fixture
def mailing(here: Site) -> Site:
    here.change('recipients = ["desk@example.org"]', "recipients = []")
    here.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "Tin thử <news@example.org>"\ntransport = "smtp"\n\n'
        f'[mail.smtp]\nhost = "127.0.0.1"\nport = 1\nconnections = {CONNECTIONS}',
    )
    (here.root / "own" / "article.html").unlink()
    return here


@pytest.mark.parametrize("how", ["killed", "cut off"])
def test_a_worker_lost_at_mailing_loses_nobody(mailing: Site, hired: Hired, how: str) -> None:
    enrol(mailing, READERS)
    with Sink(Faults(delay=0.02)) as sink:
        mailing.change("port = 1", f"port = {sink.port}")
        first = hired.hire()
        hired.here(1)
        assert mailing.run().failures == []
        eventually(lambda: len(sink.names) > READERS // 4)
        lost = time.monotonic()
        if how == "killed":
            first.send_signal(signal.SIGKILL)
        else:
            first.send_signal(signal.SIGSTOP)  # its machine is gone; the server notices that after a while
            cut_off(mailing)
        hired.hire()
        store = Store.open(mailing.config.database_at)
        eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: READERS}, 90)
        assert time.monotonic() - lost < 60
        if how == "cut off":
            first.send_signal(signal.SIGCONT)  # and it comes back, knowing nothing of it
            time.sleep(2)
        arrived = Counter(sink.recipients)
    assert set(arrived) == {address(number) for number in range(READERS)}
    again = sum(times - 1 for times in arrived.values())
    assert again <= CONNECTIONS
    assert len(set(sink.names)) == READERS
    first.send_signal(signal.SIGKILL)


def cut_off(site: Site) -> None:
    """End every connection of the worker, as the server does with one that it hears no more of."""
    with psycopg.connect(str(site.config.database_at), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    postgres.dispose()
