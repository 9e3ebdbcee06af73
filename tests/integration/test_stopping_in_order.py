"""Asked to stop at the worst moments: soon over, nothing half-done, and what is in doubt is known to be."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread, Timer

import pytest
from conftest import NOW, Site
from hubs import Server, serving, with_hubs
from served import until
from sinks import Faults, Sink
from test_killed import address, enrol
from test_serving import SOON, send_through_a_relay

from publisher import pipeline
from publisher.errors import PublisherError, Stopped
from publisher.pipeline import Outcome, run
from publisher.serving import serve
from publisher.stopping import Stop


class Running:
    """A run in a thread, which a test asks to stop."""

    def __init__(self, site: Site) -> None:
        self.stop, self.outcome = Stop(), list[Outcome]()
        self._config = site.config
        self._thread = Thread(target=self._run)
        self._thread.start()

    def ended(self) -> float:
        """Ask; how many seconds it took."""
        began = time.monotonic()
        self.stop.ask()
        self._thread.join(60)
        assert not self._thread.is_alive()
        return time.monotonic() - began

    def _run(self) -> None:
        self.outcome.append(run(self._config, lambda: NOW, stop=self.stop))


def states(site: Site) -> dict[str, int]:
    with site.reading() as store:
        return store.delivery_counts()


def test_a_relay_that_is_silent_after_the_last_dot_is_left_and_its_messages_are_in_doubt(site: Site) -> None:
    send_through_a_relay(site)
    enrol(site, 20)
    with Sink(Faults(stall="dot")) as sink:
        site.change("port = 1", f"port = {sink.port}")
        running = Running(site)
        until(lambda: states(site).get("sending", 0) == 4 and sink.reached["dot"] == 4, every=0.02)
        assert running.ended() < SOON
    (outcome,) = running.outcome
    assert outcome.stopped
    assert states(site) == {"pending": 16, "uncertain": 4}
    assert outcome.counts["uncertain"] == 4


@pytest.mark.parametrize("stage", ["reconcile", "make_plan"])
def test_a_run_that_is_asked_while_it_plans_changes_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    site.article("a.txt", "Bài một")
    site.run()
    site.article("b.txt", "Bài hai")
    before, stop, do = site.tree(), Stop(), getattr(pipeline, stage)

    def asked_meanwhile(*arguments: object, **named: object) -> object:
        stop.ask()
        return do(*arguments, **named)

    monkeypatch.setattr(pipeline, stage, asked_meanwhile)
    with pytest.raises(Stopped, match="while it planned"):
        run(site.config, lambda: NOW, stop=stop)
    assert site.tree() == before


def test_a_relay_that_does_not_greet_is_left_at_once(site: Site) -> None:
    send_through_a_relay(site)
    enrol(site, 20)
    with Sink(Faults(stall="greeting")) as sink:
        site.change("port = 1", f"port = {sink.port}")
        running = Running(site)
        until(lambda: sink.connections > 0)
        assert running.ended() < 3
    assert states(site) == {"pending": 20}
    assert running.outcome[0].failures == []


def test_a_wait_for_a_limit_of_the_minute_ends_when_it_is_time_to_stop(site: Site) -> None:
    send_through_a_relay(site)
    site.change("[mail.smtp]", "limits.per_domain = 3\n\n[mail.smtp]")
    enrol(site, 9)
    with Sink() as sink:
        site.change("port = 1", f"port = {sink.port}")
        running = Running(site)
        until(lambda: len(sink.names) == 3)
        assert running.ended() < 3
    assert states(site) == {"pending": 6, "sent": 3}


def test_a_program_that_does_not_end_is_ended_and_its_message_is_in_doubt(site: Site, tmp_path: Path) -> None:
    program = tmp_path / "slow"
    program.write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    program.chmod(0o755)
    site.change(
        'sender = "Tin thử <news@example.org>"',
        f'sender = "news@example.org"\ntransport = "sendmail"\nsendmail.command = ["{program}"]',
    )
    site.article("a.txt", "Bài một")
    enrol(site, 9)
    running = Running(site)
    until(lambda: states(site).get("sending", 0) == 4, every=0.02)
    assert running.ended() < SOON
    assert states(site) == {"pending": 6, "uncertain": 4}


def test_what_hubs_were_not_told_waits_for_the_next_run(site: Site) -> None:
    for number in range(3):
        site.article(f"{number}.txt", f"Bài {number}", "Chuyện giao thông ở Kiến An.")
    stop = Stop()
    with serving(Server()) as hub:
        with_hubs(site, hub.url)

        def progress(stage: str, done: int, total: int) -> None:
            if stage == "telling" and done == 2:
                stop.ask()

        outcome = run(site.config, lambda: NOW, progress=progress, stop=stop)
        told = outcome.counts["hubs told"]
        assert (outcome.stopped, told, outcome.failures) == (True, 3, [])
        with site.reading() as store:
            waiting = len(store.waiting_pings())
        assert waiting > 0
        assert site.run().counts["hubs told"] == waiting


def test_publish_that_is_asked_to_stop_says_so_and_the_next_goes_on(site: Site) -> None:
    send_through_a_relay(site)
    readers = 200
    enrol(site, readers)
    command = [
        sys.executable,
        "-m",
        "publisher",
        "-c",
        str(site.root / "config.toml"),
        "--at",
        NOW.isoformat(),
    ]
    with Sink(Faults(delay=0.1)) as sink:
        site.change("port = 1", f"port = {sink.port}")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until(lambda: len(sink.names) > 5)
        process.send_signal(signal.SIGTERM)
        said, errors = process.communicate(timeout=SOON)
    assert process.returncode == Stopped.exit_code
    assert errors == "stopped; the next run goes on from there\n"
    assert f"{len(sink.names)} sent" in said
    with Sink() as rest:
        site.change(f"port = {sink.port}", f"port = {rest.port}")
        assert site.run().counts["sent"] == readers - len(sink.names)
    assert sorted([*sink.recipients, *rest.recipients]) == sorted(map(address, range(readers)))


def test_a_run_that_has_only_read_is_a_stop_with_a_status_of_its_own(site: Site) -> None:
    site.article("a.txt", "Bài một")
    stop = Stop()
    stop.ask()
    with pytest.raises(Stopped):
        run(site.config, lambda: NOW, stop=stop)
    assert states(site) == {}


def test_a_part_that_fails_takes_the_others_with_it(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    ours = threading.current_thread()

    def clock() -> datetime:
        if threading.current_thread() is not ours:
            raise OverflowError("no clock")  # not even the scheduler can bear that
        return NOW

    with pytest.raises(PublisherError, match="a part failed: scheduler"):
        serve(site.config, Stop(), lambda standing: None, web=False, clock=clock)
    assert "OverflowError" in caplog.text


def test_a_stop_that_comes_before_all_stands_is_heard(site: Site) -> None:
    stop, heard = Stop(), list[str]()
    site.article("a.txt", "Bài một")
    started = datetime.now(UTC)
    Timer(0.01, stop.ask).start()
    serve(site.config, stop, lambda standing: heard.append(standing.config.site.title), web=False)
    assert datetime.now(UTC) - started < timedelta(seconds=SOON)
    assert heard == ["Tin thử"]


def test_a_maildir_gets_no_further_message(site: Site) -> None:
    site.article("a.txt", "Bài một")
    enrol(site, 50)
    stop = Stop()

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "delivering" and done == 3:
            stop.ask()

    outcome = run(site.config, lambda: NOW, progress=progress, stop=stop)
    assert outcome.counts["sent"] <= 5
    assert states(site) == {"sent": outcome.counts["sent"], "pending": 51 - outcome.counts["sent"]}
    assert len(site.messages()) == outcome.counts["sent"]
