"""Machines that are not alike: one sees other folders, takes other jobs, or leaves in the middle."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Site
from sinks import Faults, Sink
from test_killed import address, enrol
from test_workers import Hired, eventually, living
from test_workers import here as here
from test_workers import hired as hired
from test_workers import small as small
from test_workers import there as there
from test_workers import url as url

from publisher import inspection
from publisher.jobs import engine, wire
from publisher.jobs.board import Board
from publisher.jobs.crew import RemoteCrew
from publisher.jobs.hands import Hands
from publisher.model import DeliveryState
from publisher.store import Store

take_any = Board.take_any


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever plans leaves the shards to others for a while."""
    began = time.monotonic()
    monkeypatch.setattr(
        Board,
        "take_any",
        lambda board, order: take_any(board, order) if time.monotonic() - began > 8 else None,
    )


def elsewhere(site: Site, *folders: str) -> Path:
    """The configuration on another machine, which has the same folders but for these."""
    root = site.root.parent / "elsewhere"
    root.mkdir()
    shutil.copy(site.root / "config.toml", root)
    site.output.mkdir(exist_ok=True)
    for name in ("seeds", "public"):
        if name not in folders:
            (root / name).symlink_to(site.root / name)
    return root / "config.toml"


@pytest.mark.parametrize("missing", ["seeds", "public"])
def test_a_worker_that_sees_other_folders_does_no_harm(
    here: Site, there: Site, hired: Hired, patient: None, missing: str
) -> None:
    there.run()
    config = elsewhere(here, missing)
    hired.hire_with(config, "--queues", "read,render")
    hired.here(1)
    outcome = here.run()
    assert outcome.failures == []
    assert outcome.counts["quarantined"] == 0
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    assert not [file for file in (config.parent / missing).rglob("*") if file.is_file()]
    assert "this machine sees other" in (here.root / "worker-0.log").read_text(encoding="utf-8")


def test_what_no_worker_takes_a_run_does_itself(here: Site, hired: Hired) -> None:
    hired.hire("--queues", "read,render")
    hired.here(1)
    assert here.run().failures == []
    assert len(here.messages()) == 1


def test_no_shard_is_forgotten_where_all_that_were_handed_out_come_back_at_once(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_done(board: Board, order: int) -> list[tuple[int, bytes]]:
        query = "DELETE FROM publisher_shard WHERE order_id = %s RETURNING number, content"
        return [(number, bytes(content)) for number, content in board.connection.execute(query, (order,))]

    def make(order: str) -> Callable[[int], int]:
        raise AssertionError("others do it")

    echo = wire.Kind(json_of, lambda config, order: bytes, json_of, json.loads)
    monkeypatch.setattr(wire, "NAMES", {make: "read"})
    monkeypatch.setattr(wire, "KINDS", {"read": echo})
    monkeypatch.setattr(Board, "gather", all_done)
    Hands.of(here.config)  # makes the tables
    with RemoteCrew(here.config, {"read": 1}) as crew:
        assert [*crew.each(make, "", range(30), lambda: False)] == [(n, n) for n in range(30)]


def json_of(value: object) -> bytes:
    return json.dumps(value).encode()


READERS = 120


def mailing(here: Site) -> None:
    """A site with readers, who are written to through a relay."""
    here.change('recipients = ["desk@example.org"]', "recipients = []")
    here.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "Tin thử <news@example.org>"\ntransport = "smtp"\n\n'
        '[mail.smtp]\nhost = "127.0.0.1"\nport = 1\nconnections = 2',
    )
    enrol(here, READERS)


def test_a_delivery_whose_worker_stops_goes_on_with_another(here: Site, hired: Hired) -> None:
    mailing(here)
    with Sink(Faults(delay=0.02)) as sink:
        here.change("port = 1", f"port = {sink.port}")
        store = Store.open(here.config.database_at)
        first = hired.hire()
        hired.here(1)
        assert here.run().failures == []
        for part in (READERS // 6, READERS // 3):
            eventually(lambda part=part: len(sink.names) > part)
            first.send_signal(signal.SIGTERM)
            assert first.wait(30) == 0
            assert store.delivery_counts()[DeliveryState.PENDING] > 0
            first = hired.hire()
        # Nobody runs meanwhile.
        eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: READERS})
        assert Counter(sink.recipients) == Counter(address(number) for number in range(READERS))


def test_a_delivery_whose_worker_is_lost_goes_on_although_another_waits(here: Site, hired: Hired) -> None:
    mailing(here)
    with Sink(Faults(delay=0.02)) as sink:
        here.change("port = 1", f"port = {sink.port}")
        store = Store.open(here.config.database_at)
        first = hired.hire()
        hired.here(1)
        first.send_signal(signal.SIGSTOP)
        assert here.run().failures == []
        with Board.at(str(here.config.database_at)) as board:
            # As a run leaves it, not as an edition does.
            board.connection.execute("DELETE FROM procrastinate_jobs")
            engine.put_up_once(board.connection, "deliver")
            first.send_signal(signal.SIGCONT)
            eventually(lambda: len(sink.names) > READERS // 6)
            engine.put_up_once(board.connection, "deliver")
        first.send_signal(signal.SIGKILL)
        first.wait()
        hired.hire()
        eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: READERS})


def processes(site: Site) -> set[int]:
    """Those that take jobs, by the end of their names."""
    with Board.at(str(site.config.database_at)) as board:
        query = "SELECT name FROM publisher_worker WHERE NOT gone AND seen_at > now() - interval '4 s'"
        return {int(name.rpartition("-")[2]) for (name,) in board.connection.execute(query)}


def test_several_jobs_at_a_time_are_several_processes(here: Site, there: Site, hired: Hired) -> None:
    there.run()
    worker = hired.hire("--concurrency", "2")
    hired.here(2)
    before = processes(here)
    assert len(before) == 2
    assert worker.pid not in before
    lost = before.pop()
    os.kill(lost, signal.SIGKILL)
    eventually(lambda: len(processes(here) - {lost}) == 2)
    assert here.run().failures == []
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    worker.terminate()
    assert worker.wait(30) == 0
    assert processes(here) - {lost} == set()


def test_processes_end_with_the_one_that_started_them(here: Site, hired: Hired) -> None:
    worker = hired.hire("--concurrency", "2")
    hired.here(2)
    worker.kill()
    eventually(lambda: processes(here) == set(), 15)
    eventually(lambda: living(here) == 0, 15)


def test_two_schedulers_record_one_edition_and_workers_send_it_once(here: Site, hired: Hired) -> None:
    """Whoever has the run lock records; the other waits, and finds it done."""
    hired.hire("--concurrency", "2")
    hired.here(2)
    for _ in range(2):
        hired.hire_with(here.root / "config.toml", command=("serve", "--no-web"))
    store = Store.open(here.config.database_at)
    eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: 1})
    logs = [here.root / f"worker-{number}.log" for number in (1, 2)]
    eventually(lambda: any("editions" in log.read_text(encoding="utf-8") for log in logs))
    assert here.run(datetime.now(UTC)).counts["editions"] == 0
    assert store.edition_count() == 1
    assert inspection.report(here.config, store, datetime.now(UTC))["sent"] == ["1 by maildir within a day"]
    assert len(here.messages()) == 1
