"""Several relays share the messages; how fast one of them gets its part; interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from mailings import Book, Sent, config, deliver, outgoing, relay
from sinks import Faults, Sink

from publisher.config import Relay, Smtp
from publisher.mailing.outgoing import Outcome, Outgoing, Transport
from publisher.mailing.transports import TRANSPORTS


def several(first: Smtp, **others: Smtp) -> Transport:
    relays = tuple(Relay(name=name, **asdict(one)) for name, one in others.items())
    return TRANSPORTS["smtp"](config(first, relay=relays))


@pytest.mark.parametrize("weights", [(1, 1), (3, 1), (1, 4)])
@pytest.mark.parametrize("delay", [0.0, 0.005])
def test_relays_get_their_shares(weights: tuple[int, int], delay: float) -> None:
    with Sink(Faults(delay=delay)) as one, Sink() as two:
        book = deliver(
            several(relay(one, weight=weights[0]), two=relay(two, weight=weights[1])),
            iter([outgoing(number) for number in range(600)]),
        ).book
    assert book.fates == {"sent": 600}
    by_relay = [outcome.relay for outcome in book.outcomes.values()]
    # Its share, unless the other had more than its own before this one answered for the first time.
    alone, afterwards = by_relay.index("two"), 600 - by_relay.index("")
    share = min(max(600 * weights[0] / sum(weights), alone), afterwards)
    assert len(one.names) == pytest.approx(share, abs=10)
    assert (by_relay.count(""), by_relay.count("two")) == (len(one.names), len(two.names))


def test_a_relay_that_cannot_be_reached_leaves_its_part_to_the_others() -> None:
    with Sink() as gone:
        port = gone.port
    with Sink() as two:
        sent = deliver(several(relay(port), two=relay(two)), 200)
    assert sent.book.fates == {"sent": 200}
    assert len(two.names) == 200


def test_a_relay_that_fails_in_the_middle_leaves_the_rest_to_the_others() -> None:
    with Sink(Faults(most=20, connections=1)) as one, Sink() as two:
        one.faults.refuse = {"greeting": "554 5.3.2 closed"}
        one.faults.every = 3
        sent = deliver(several(relay(one, connections=1), two=relay(two)), 400)
    assert sent.book.fates == {"sent": 400}
    assert len(one.names) == 40
    assert len(two.names) == 360


def test_messages_of_a_relay_that_breaks_connections_are_given_to_another() -> None:
    with Sink(Faults(drop="data")) as one, Sink() as two:
        sent = deliver(several(relay(one, connections=2), two=relay(two)), 300)
    assert sent.book.fates["sent"] >= 297
    assert one.names == []


def test_a_relay_without_weight_waits_until_the_others_are_down() -> None:
    with Sink() as one, Sink() as two:
        assert deliver(several(relay(one), two=relay(two, weight=0)), 100).book.fates == {"sent": 100}
        assert (len(one.names), len(two.names), two.connections) == (100, 0, 0)
    with Sink(Faults(refuse={"greeting": "554 5.3.2 closed"})) as one, Sink() as two:
        assert deliver(several(relay(one), two=relay(two, weight=0)), 100).book.fates == {"sent": 100}
        assert len(two.names) == 100


def test_where_no_relay_can_be_reached_nothing_more_is_asked_for() -> None:
    closed = Faults(refuse={"greeting": "554 5.3.2 closed"})
    with Sink(closed) as one, Sink(closed) as two:
        sent = deliver(several(relay(one), two=relay(two)), 1000)
    assert set(sent.book.fates) == {"unsent"}
    assert len(sent.taken) <= 9


def test_messages_leave_evenly_at_the_pace_that_was_set() -> None:
    times: list[float] = []

    class Watch(Book):
        def pass_(self, done: Sequence[Outcome], leaving: Sequence[Outgoing]) -> None:
            times.extend(time.monotonic() for _ in leaving)
            super().pass_(done, leaving)

    with Sink() as sink:
        sent = deliver(relay(sink, per_second=50), 100, Watch())
    assert sent.book.fates == {"sent": 100}
    assert sent.seconds > 1.85
    for start in times:
        assert len([moment for moment in times if start <= moment < start + 0.5]) <= 25 + 7
    assert sink.connections <= 6


def test_a_relay_that_is_held_back_by_its_pace_holds_back_no_other() -> None:
    with Sink() as one, Sink() as two:
        sent = deliver(several(relay(one, per_second=5), two=relay(two)), 300)
    assert sent.book.fates == {"sent": 300}
    assert sent.seconds < 5
    assert 1 <= len(one.names) <= 40


def test_it_works_in_any_thread() -> None:
    found: list[Sent] = []
    with Sink() as sink:
        thread = threading.Thread(target=lambda: found.append(deliver(relay(sink), 20)))
        thread.start()
        thread.join()
    assert found[0].book.fates == {"sent": 20}


SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts tests in the background has it ignored
sys.path[:0] = [{tests!r}]
from mailings import Book, deliver, outgoing, relay
book = Book()
def messages():
    for number in range(100_000):
        if number == 40:
            sys.stdout.write("started\\n")
            sys.stdout.flush()
        yield outgoing(number)
try:
    deliver(relay({port}), messages(), book)
except KeyboardInterrupt:
    sys.stdout.write(repr((dict(book.fates), len(book.left), len(book.outcomes))))
"""


def test_an_interrupt_lets_what_left_be_answered_and_leaves_nothing_in_doubt() -> None:
    with Sink(Faults(delay=0.02)) as sink:
        script = SCRIPT.format(tests=str(Path(__file__).parent.parent), port=sink.port)
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
            os.kill(process.pid, signal.SIGINT)
            fates, left, outcomes = eval(process.stdout.read())
    assert set(fates) <= {"sent", "unsent"}
    assert fates["sent"] == left == len(sink.names)
    assert outcomes == sum(fates.values())
    assert fates["unsent"] > 0
