"""Killed at any instant, a delivery goes on: nobody is left out, and what is repeated is known and bounded.

`make fault` runs it at full length: 5,000 deliveries and 100 kills.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from conftest import NOW, Site
from sinks import Faults, Sink

from publisher.mailboxes import key_of
from publisher.model import Consent, DeliveryState, Subscriber, SubscriberState, Subscription
from publisher.store import Store

FULL = os.environ.get("PUBLISHER_FAULT") == "full"
READERS, KILLS = (5_000, 100) if FULL else (300, 6)
CONNECTIONS = 4
WAIT = 60.0


def address(number: int) -> str:
    return f"reader{number}@example.org"


def enrol(site: Site, number: int, *wishes: Subscription) -> None:
    """So many readers of the daily digest, each with one of the wishes in turn."""
    choices = wishes or (Subscription("daily"),)
    people = [
        Subscriber(
            0,
            address(each),
            key_of(address(each)),
            SubscriberState.ACTIVE,
            consent=Consent(NOW, "test"),
            subscriptions=(choices[each % len(choices)],),
        )
        for each in range(number)
    ]
    Store.open(site.config.database_at).admit(people, "test", NOW)


@pytest.fixture
def mailing(site: Site) -> Site:
    """A site of two articles whose readers get a mail through a relay of which only the port is missing."""
    site.change('recipients = ["desk@example.org"]', "recipients = []")
    site.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "Tin thử <news@example.org>"\ntransport = "smtp"\n\n'
        f'[mail.smtp]\nhost = "127.0.0.1"\nport = 1\nconnections = {CONNECTIONS}',
    )
    site.article("a.txt", "Bài một", "Chuyện giao thông.")
    site.article("b.txt", "Bài hai", "Chuyện ở Kiến An.")
    return site


def started(root: Path) -> subprocess.Popen[bytes]:
    """One run in a process of its own, as if it were always the same moment."""
    command = [sys.executable, "-m", "publisher", "-c", str(root / "config.toml"), "--at", NOW.isoformat()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def killed_after(run: subprocess.Popen[bytes], sink: Sink, messages: int) -> bool:
    """Kill a run when so many more messages have arrived; false where it ended before."""
    goal, ends = len(sink.names) + messages, time.monotonic() + WAIT
    while len(sink.names) < goal and run.poll() is None:
        assert time.monotonic() < ends, "nothing arrives"
        time.sleep(0.001)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    return run.returncode == -signal.SIGKILL


def test_who_is_killed_loses_nobody_and_repeats_at_most_what_was_on_its_way(mailing: Site) -> None:
    enrol(mailing, READERS)
    rng = Random(20261125)
    with Sink(Faults(delay=0.002)) as sink:
        mailing.change("port = 1", f"port = {sink.port}")
        kills = 0
        while kills < KILLS:
            most = max(1, 2 * (READERS - len(set(sink.names))) // (KILLS - kills + 1))
            if not killed_after(started(mailing.root), sink, rng.randint(0, most)):
                break
            kills += 1
        last = started(mailing.root)
        said, _ = last.communicate(timeout=600)
    assert last.returncode == 0, said.decode()
    arrived = Counter(sink.recipients)
    assert set(arrived) == {address(number) for number in range(READERS)}
    repeated = {who: times - 1 for who, times in arrived.items() if times > 1}
    assert sum(repeated.values()) <= CONNECTIONS * kills
    assert Counter(sink.names).total() - len(set(sink.names)) == sum(repeated.values())
    assert kills == KILLS or len(arrived) == READERS
    with mailing.reading() as store:
        ledger = store.deliveries(READERS + 1)
    assert {delivery.state for delivery in ledger} == {DeliveryState.SENT}
    shown = {delivery.address: delivery.repeats for delivery in ledger}
    assert all(shown[who] >= times for who, times in repeated.items())
    assert sum(shown.values()) <= CONNECTIONS * kills
    report = f"{kills} kills, {sum(repeated.values())} messages arrived again, {sum(shown.values())} were sent again"
    if FULL:
        sys.stderr.write(f"\n{report}\n")


def test_two_processes_at_once_send_each_message_once(mailing: Site) -> None:
    readers = 1_600  # so many that one process does not claim them all at first
    enrol(mailing, readers)
    with Sink(Faults(delay=0.01)) as sink:
        mailing.change("port = 1", f"port = {sink.port}")
        first = started(mailing.root)
        ends = time.monotonic() + WAIT
        while not sink.names and time.monotonic() < ends:
            time.sleep(0.001)
        second = started(mailing.root)
        said = [run.communicate(timeout=600)[0].decode() for run in (first, second)]
    assert [run.returncode for run in (first, second)] == [0, 0], said
    assert " sent" in said[0]
    assert " sent" in said[1]
    assert sorted(sink.recipients) == sorted(address(number) for number in range(readers))


def test_each_reader_gets_the_part_that_was_asked_for(mailing: Site) -> None:
    enrol(
        mailing,
        40,
        Subscription("daily"),
        Subscription("daily", ("Giao thông",)),
        Subscription("daily", ("Kiến An",), length=1),
        Subscription("daily", ("Xây dựng",)),
    )
    with Sink(keep=True) as sink:
        mailing.change("port = 1", f"port = {sink.port}")
        planned = mailing.plan().plan.editions[0]
        outcome = mailing.run()
    assert (planned.recipients, outcome.counts["sent"], len(sink.recipients)) == (30, 30, 30)
    assert len(planned.parts) == 3
    got = dict(zip(sink.recipients, sink.contents, strict=True))
    titles = {0: (True, True), 1: (True, False), 2: (False, True)}
    for number in range(40):
        if number % 4 == 3:
            assert address(number) not in got
            continue
        text = got[address(number)].decode()
        assert ("Bài một" in text, "Bài hai" in text) == titles[number % 4]
    assert mailing.run().counts["sent"] == 0
