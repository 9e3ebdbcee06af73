"""Messages over connections to relays in good and in bad moods."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from mailings import BODY, SEVEN, Book, deliver, outgoing, relay
from sinks import Faults, Sink

from publisher.mailing.outgoing import Fate, Outcome, Outgoing

MANY = 60


def names(count: int) -> list[str]:
    return sorted(f"m{number}@example.org" for number in range(count))


@pytest.mark.parametrize(
    "faults",
    [
        Faults(),
        Faults(pipelining=False),
        Faults(eightbit=False),
        Faults(ehlo=False),
        Faults(bytewise=True),
        Faults(delay=0.01),
        Faults(pipelining=False, delay=0.005),
        Faults(bytewise=True, pipelining=False),
    ],
    ids=["plain", "in steps", "seven bits", "HELO", "in crumbs", "slow", "slow in steps", "crumbs in steps"],
)
def test_every_message_arrives_once_and_whole(faults: Faults) -> None:
    with Sink(faults, keep=True) as sink:
        sent = deliver(relay(sink), MANY)
    assert sorted(sink.names) == names(MANY)
    assert sent.book.fates == {"sent": MANY}
    assert sink.violations == []
    eightbit = faults.eightbit and faults.ehlo
    body = (BODY if eightbit else SEVEN).replace(b"\r\n.", b"\r\n..")
    assert all(content.endswith(b"\r\n\r\n" + body) for content in sink.contents)
    mails = [command for command in sink.commands if command.startswith("MAIL")]
    assert all(("BODY=8BITMIME" in command) == eightbit for command in mails)
    assert sent.book.of(0).answer == "2.0.0 taken"
    assert sent.book.of(0).code == 250


def test_connections_are_few_kept_and_left_with_a_goodbye() -> None:
    with Sink(keep=True) as sink:
        deliver(relay(sink, connections=3), MANY)
    assert sink.connections == 3
    assert sink.commands.count("QUIT") == 3


def test_one_message_opens_one_connection_and_none_opens_none() -> None:
    with Sink() as sink:
        deliver(relay(sink), 0)
        assert sink.connections == 0
        deliver(relay(sink), 1)
        assert sink.connections == 1


def test_a_connection_is_closed_after_so_many_messages() -> None:
    with Sink(keep=True) as sink:
        deliver(relay(sink, connections=1, messages_per_connection=7), 21)
    assert sink.connections == 3
    assert sink.commands.count("QUIT") == 3


def test_a_group_is_written_at_once_and_costs_one_round_trip() -> None:
    with Sink(Faults(delay=0.05)) as sink:
        piped = deliver(relay(sink, connections=1), 10).seconds
    with Sink(Faults(delay=0.05, pipelining=False)) as sink:
        stepwise = deliver(relay(sink, connections=1), 10).seconds
    assert piped < 0.05 * 10 * 2.5
    assert stepwise > 0.05 * 10 * 4


# What is refused


def test_a_recipient_that_is_refused_stops_no_other() -> None:
    gone = {"reader3@example.org": "550 5.1.1 no such user", "reader8@example.org": "450 4.2.1 full"}
    for faults in (
        Faults(recipients=gone),
        Faults(recipients=gone, patient=True),
        Faults(recipients=gone, pipelining=False),
    ):
        with Sink(faults) as sink:
            book = deliver(relay(sink), MANY).book
        assert book.fates == {"sent": MANY - 2, "recipient refused": 2}
        assert (book.of(3).code, book.of(3).answer) == (550, "5.1.1 no such user")
        assert (book.of(8).code, book.of(8).answer) == (450, "4.2.1 full")
        assert (1, 3) not in book.left
        assert len(sink.names) == MANY - 2
        assert sink.violations == []


@pytest.mark.parametrize("stage", ["data", "dot"])
@pytest.mark.parametrize("pipelining", [True, False])
def test_a_message_that_is_refused_has_the_code(stage: str, pipelining: bool) -> None:
    faults = Faults(refuse={stage: "451 4.3.0 later"}, every=3, pipelining=pipelining)
    with Sink(faults) as sink:
        book = deliver(relay(sink), MANY).book
    assert book.fates == {"sent": MANY * 2 / 3, "message refused": MANY / 3}
    refused = {outcome.code for outcome in book.outcomes.values() if outcome.fate is Fate.MESSAGE_REFUSED}
    assert refused == {451}
    assert len(sink.names) == MANY * 2 / 3
    assert sink.violations == []


def test_a_sender_that_is_refused_ends_it_before_the_queue_is_burnt() -> None:
    with Sink(Faults(refuse={"mail": "550 5.7.1 not you"})) as sink:
        sent = deliver(relay(sink, connections=2), 1000)
    assert set(sent.book.fates) <= {"sender refused", "unsent"}
    assert 3 <= sent.book.fates["sender refused"] <= 4
    assert len(sent.taken) < 10
    assert sent.book.of(0).answer == "5.7.1 not you"


def test_greylisted_recipients_are_told_apart() -> None:
    with Sink(Faults(greylist=True)) as sink:
        book = deliver(relay(sink), 10).book
        assert book.fates == {"recipient refused": 10}
        assert book.of(1).code == 450
        assert deliver(relay(sink), 10).book.fates == {"sent": 10}


# What breaks


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("pipelining", [True, False])
def test_a_connection_that_breaks_before_the_body_costs_nothing(stage: str, pipelining: bool) -> None:
    with Sink(Faults(drop=stage, every=10, pipelining=pipelining)) as sink:
        book = deliver(relay(sink), MANY).book
    assert book.fates["sent"] + book.fates["lost"] == MANY
    assert book.fates["sent"] > MANY - 3
    assert sorted(sink.names) == sorted(
        outcome.message.name for outcome in book.outcomes.values() if outcome.fate is Fate.SENT
    )


@pytest.mark.parametrize("stage", ["body", "dot"])
@pytest.mark.parametrize("pipelining", [True, False])
def test_a_connection_that_breaks_after_the_first_byte_of_the_body_leaves_it_uncertain(
    stage: str, pipelining: bool
) -> None:
    with Sink(Faults(drop=stage, every=10, pipelining=pipelining)) as sink:
        book = deliver(relay(sink), MANY).book
    assert book.fates["uncertain"] == sink.reached[stage] // 10 > 0
    assert book.fates["sent"] == MANY - book.fates["uncertain"]
    counted = Counter(sink.names)
    assert set(counted.values()) == {1}
    assert len(counted) == (MANY if stage == "dot" else book.fates["sent"])


def test_a_connection_that_is_broken_before_the_first_byte_of_the_body_leaves_no_doubt() -> None:
    with Sink() as sink:

        class Breaker(Book):
            def pass_(self, done: Sequence[Outcome], leaving: Sequence[Outgoing]) -> None:
                super().pass_(done, leaving)
                if len(self.calls) == 5:
                    sink.reset()
                    time.sleep(0.2)  # so that the system has heard of it, and the program has not

        book = deliver(relay(sink, connections=1), 20, Breaker()).book
    assert book.fates == {"sent": 19, "lost": 1}
    (lost,) = [key for key, outcome in book.outcomes.items() if outcome.fate is Fate.LOST]
    assert lost in book.left
    assert len(sink.names) == 19


def test_messages_over_which_every_connection_breaks_are_lost_or_unsent_and_not_all_are_taken() -> None:
    with Sink(Faults(drop="data")) as sink:
        sent = deliver(relay(sink, connections=2), 1000)
    assert set(sent.book.fates) <= {"lost", "unsent"}
    assert len(sent.taken) < 20
    assert sink.names == []


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data", "dot"])
def test_a_relay_that_says_nothing_more_is_left_after_the_time_for_an_answer(stage: str) -> None:
    with Sink(Faults(stall=stage)) as sink:
        sent = deliver(relay(sink, connections=2, timeout=1), 8)
    assert sent.seconds < 4
    if stage == "dot":
        assert sent.book.fates["uncertain"] == len(sink.names)
    else:
        assert set(sent.book.fates) <= {"lost", "unsent"}
    assert any("no answer for 1 second" in outcome.answer for outcome in sent.book.outcomes.values())


# What asks for patience


@pytest.mark.parametrize("drop", ["", "most"], ids=["421", "without a word"])
@pytest.mark.parametrize("pipelining", [True, False])
def test_a_relay_that_takes_ten_messages_a_connection_gets_all_of_them(pipelining: bool, drop: str) -> None:
    with Sink(Faults(most=10, pipelining=pipelining, drop=drop), keep=True) as sink:
        sent = deliver(relay(sink, connections=2), 205)
    assert sent.book.fates["sent"] + sent.book.fates["uncertain"] == 205
    assert sent.book.fates["uncertain"] <= (2 if drop else 0)
    assert sorted(sink.names) == names(205)
    assert sink.connections <= 24
    assert sink.commands.count("QUIT") >= sink.connections - 4  # it has learned when to go by itself
    assert sent.seconds < 5


def test_a_relay_that_asks_for_patience_keeps_as_many_connections_as_it_bears() -> None:
    with Sink(Faults(refuse={"dot": "452 4.3.1 no room"}, every=200, delay=0.002), keep=True) as sink:
        book = deliver(relay(sink, connections=8, messages_per_connection=1000), 240).book
    assert book.fates == {"sent": 239, "message refused": 1}
    assert sink.connections == 8


def test_a_relay_that_bears_two_connections_gets_no_more_for_long() -> None:
    with Sink(Faults(connections=2, delay=0.002)) as sink:
        sent = deliver(relay(sink, connections=10), 300)
    assert sent.book.fates == {"sent": 300}
    assert sink.connections < 30


@pytest.mark.parametrize("stage", ["greeting", "mail", "rcpt", "data", "dot"])
def test_a_relay_that_hangs_up_now_and_then_costs_no_message(stage: str) -> None:
    with Sink(Faults(refuse={stage: "421 4.3.2 shutting down"}, every=5)) as sink:
        book = deliver(relay(sink), 25).book
    if stage == "dot":
        assert book.fates["lost"] == sink.reached["dot"] // 5
        assert {outcome.code for outcome in book.outcomes.values()} == {250, 421}
    assert book.fates["sent"] + book.fates["lost"] == 25
    assert stage == "dot" or book.fates["lost"] == 0
    assert len(sink.names) == book.fates["sent"]


def test_a_relay_that_never_greets_kindly_is_asked_a_few_times() -> None:
    with Sink(Faults(refuse={"greeting": "421 4.3.2 not now"})) as sink:
        sent = deliver(relay(sink, connections=3), 1000)
    assert set(sent.book.fates) == {"unsent"}
    assert len(sent.taken) == 1
    assert sink.connections == 4
    assert sent.book.of(0).answer.endswith("it does not greet: 421 4.3.2 not now")


def test_where_nobody_listens_what_was_taken_is_unsent() -> None:
    with Sink() as sink:
        port = sink.port
    sent = deliver(relay(port), 1000)
    assert sent.book.fates == {"unsent": 1}
    assert sent.taken == [(1, 0)]
    assert sent.book.of(0).answer == f"no connection to 127.0.0.1:{port}: Connection refused"
    assert sent.seconds < 2


@pytest.mark.parametrize("text", ["250 hello", "nonsense", "421 4.3.2 idle for too long"])
def test_what_nobody_asked_for_ends_the_connection(text: str) -> None:
    with Sink(Faults(unasked=text)) as sink:
        sent = deliver(relay(sink, connections=1), 5)
    assert set(sent.book.fates) <= {"lost", "unsent"}
    assert len(sent.taken) <= 2
    assert sink.names == []


# The gate


def test_a_full_disk_stops_everything() -> None:
    with Sink(Faults(delay=0.002)) as sink:
        book = Book(fail_at=12)
        with pytest.raises(OSError, match="No space left"):
            deliver(relay(sink), 1000, book, open_ends=True)
        left = {f"m{number}@example.org" for _, number in book.left}
    assert len(book.calls) == 12
    assert set(sink.names) <= left
    assert len(sink.names) < 60


def test_a_fault_of_the_source_stops_everything_and_the_ledger_knows_the_rest() -> None:
    book = Book()
    left: list[int] = []

    def source() -> Iterator[Outgoing]:
        for number in range(30):
            yield outgoing(number)
        left.append(len(book.left))
        raise OSError("the database is gone")

    with Sink(Faults(delay=0.002)) as sink, pytest.raises(OSError, match="the database is gone"):
        deliver(relay(sink), source(), book)
    assert len(book.outcomes) == 30
    assert len(book.left) == left[0]
    assert len(sink.names) >= book.fates["sent"] > 0


def test_a_relay_that_asks_for_the_body_and_hangs_up_at_once_gets_no_body() -> None:
    with Sink(Faults(refuse={"data": "354 go ahead\r\n421 4.3.2 bye"}, every=7)) as sink:
        book = deliver(relay(sink), MANY).book
    assert book.fates == {"sent": MANY}
    assert sorted(sink.names) == names(MANY)


def test_outcomes_and_messages_of_several_connections_go_through_the_gate_together() -> None:
    with Sink() as sink:
        book = deliver(relay(sink, connections=8), 400, Book(slow=0.003)).book
    assert book.fates == {"sent": 400}
    assert len(book.calls) < 400 / 3
    assert any(done and leaving for done, leaving in book.calls)
