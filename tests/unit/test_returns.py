"""Reports → what is remembered: each counts once, and nobody is left out for what anybody could have written."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from registers import Readers, a_delivery, a_reader

from publisher.mailing.reports import Kind, Report
from publisher.model.mail import DeliveryState, SubscriberState
from publisher.returns import Deed, Done, Register, carry_out, decide

NOW = datetime(2026, 11, 26, tzinfo=UTC)
LIMIT = 3
SENT, FAILED, UNCERTAIN = DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNCERTAIN
DIAGNOSTIC = "550 5.1.1 no such user"


def report(kind: Kind, edition: int = 12, reader: int = 7, **more: object) -> Report:
    return Report(kind, NOW, edition, reader, diagnostic=DIAGNOSTIC, **more)


def hard(edition: int = 12, reader: int = 7) -> Report:
    return report(Kind.HARD, edition, reader, given_up=True)


def soft(edition: int = 12, reader: int = 7) -> Report:
    return report(Kind.SOFT, edition, reader, given_up=True)


def delayed(edition: int = 12, reader: int = 7) -> Report:
    return report(Kind.SOFT, edition, reader)


def said(address: str = "reader7@example.net") -> Report:
    """What anybody can write: a hard bounce about an address, with no proof."""
    return Report(Kind.SOFT, NOW, address=address, diagnostic=DIAGNOSTIC, given_up=True)


def vouched(kind: Kind, address: str = "reader7@example.net", **more: object) -> Report:
    return Report(kind, NOW, address=address, vouched=True, **more)


def follow(register: Register, *reports: Report) -> list[Done]:
    deeds: list[Deed] = []
    for one in reports:
        deeds.append(carry_out(decide(one, register, LIMIT), register, LIMIT, NOW))
    return [deed.done for deed in deeds]


def one_reader(*states: DeliveryState) -> Readers:
    """Reader 7 with deliveries of editions 12, 13 and so on in some states."""
    return Readers(
        a_reader(7, "daily", "weekly"),
        a_reader(8, "daily"),
        deliveries=[a_delivery(number, 7, state) for number, state in enumerate(states or (SENT,), 12)],
    )


def test_a_hard_bounce_suppresses_and_the_delivery_has_failed() -> None:
    readers = one_reader()
    assert follow(readers, hard()) == [Done.SUPPRESSED]
    assert readers.readers[7].state is SubscriberState.BOUNCED
    assert readers.readers[8].state is SubscriberState.ACTIVE
    assert (readers.ledger[12, 7].state, readers.ledger[12, 7].reason) == (
        FAILED,
        f"hard bounce: {DIAGNOSTIC}",
    )
    assert readers.told == [f"hard bounce: {DIAGNOSTIC}"]


def test_soft_bounces_in_a_row_suppress() -> None:
    readers = one_reader(SENT, SENT, SENT)
    assert follow(readers, soft(12), soft(13)) == [Done.COUNTED, Done.COUNTED]
    assert readers.readers[7].state is SubscriberState.ACTIVE
    assert follow(readers, soft(14)) == [Done.SUPPRESSED]
    assert readers.readers[7].state is SubscriberState.BOUNCED


def test_a_message_that_arrived_in_between_begins_the_row_anew() -> None:
    readers = one_reader(SENT, SENT, SENT, SENT, SENT)
    follow(readers, soft(12), soft(13), soft(15))
    assert readers.readers[7].bounces == 1
    assert follow(readers, soft(16)) == [Done.COUNTED]
    assert readers.readers[7].bounces == 2


def test_a_delivery_that_the_relay_refused_does_not_interrupt_a_row() -> None:
    readers = one_reader(SENT, FAILED, SENT)
    follow(readers, soft(12), soft(14))
    assert readers.readers[7].bounces == 2


def test_a_delayed_message_is_noted_and_does_not_count() -> None:
    readers = one_reader(SENT, SENT, SENT, SENT)
    assert follow(readers, *(delayed(edition) for edition in (12, 13, 14, 15))) == [Done.NOTED] * 4
    assert (readers.readers[7].bounces, readers.readers[7].state) == (0, SubscriberState.ACTIVE)
    assert (readers.ledger[12, 7].state, readers.ledger[12, 7].reason) == (SENT, f"delayed: {DIAGNOSTIC}")


def test_a_delayed_message_that_is_given_up_counts_once() -> None:
    readers = one_reader()
    assert follow(readers, delayed(), soft(), soft(), delayed()) == [
        Done.NOTED,
        Done.COUNTED,
        Done.KNOWN,
        Done.KNOWN,
    ]
    assert readers.readers[7].bounces == 1
    assert readers.ledger[12, 7].state is FAILED


@pytest.mark.parametrize("one", [hard(), soft(), delayed(), report(Kind.COMPLAINT), report(Kind.NOTHING)])
def test_the_same_report_twice_changes_nothing_more(one: Report) -> None:
    readers = one_reader()
    follow(readers, one)
    before = (dict(readers.readers), dict(readers.ledger), list(readers.told))
    assert follow(readers, one) in ([Done.KNOWN], [Done.NOTED])
    assert (readers.readers, readers.ledger, readers.told) == before


@pytest.mark.parametrize("order", list(permutations([hard(), soft(), delayed()])))
def test_in_whatever_order_reports_come_the_worst_stays(order: tuple[Report, ...]) -> None:
    readers = one_reader()
    follow(readers, *order)
    assert readers.readers[7].state is SubscriberState.BOUNCED
    assert readers.ledger[12, 7].reason == f"hard bounce: {DIAGNOSTIC}"
    assert readers.ledger[12, 7].state is FAILED
    assert readers.readers[7].bounces <= 1


def test_an_old_report_that_is_read_again_does_not_touch_somebody_who_came_back() -> None:
    readers = one_reader(SENT, SENT)
    follow(readers, hard())
    readers.readers[7] = a_reader(7, "daily")
    assert follow(readers, hard()) == [Done.KNOWN]
    assert readers.readers[7].state is SubscriberState.ACTIVE


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (hard(), FAILED),
        (soft(), FAILED),
        (delayed(), SENT),
        (report(Kind.COMPLAINT), SENT),
        (report(Kind.NOTHING), SENT),
        (said(), UNCERTAIN),
    ],
)
def test_a_report_settles_an_uncertain_delivery(one: Report, state: DeliveryState) -> None:
    readers = one_reader(UNCERTAIN)
    follow(readers, one)
    assert readers.ledger[12, 7].state is state


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.SUPPRESSED])
def test_a_delivery_that_never_left_keeps_its_state(state: DeliveryState) -> None:
    readers = one_reader(state)
    assert follow(readers, hard()) == [Done.SUPPRESSED]
    assert readers.ledger[12, 7].state is state


def test_a_complaint_suppresses_whoever_is_not_known_to_complain() -> None:
    for state in (SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED):
        readers = Readers(a_reader(7, state=state), deliveries=[a_delivery(12, 7)])
        assert follow(readers, report(Kind.COMPLAINT)) == [Done.COMPLAINED]
        assert readers.readers[7].state is SubscriberState.COMPLAINED
        assert follow(readers, report(Kind.COMPLAINT)) == [Done.KNOWN]


@pytest.mark.parametrize("state", [SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED])
def test_a_bounce_does_not_change_the_state_of_somebody_who_gets_nothing(state: SubscriberState) -> None:
    readers = Readers(a_reader(7, state=state), deliveries=[a_delivery(12, 7)])
    assert follow(readers, hard(), soft()) == [Done.KNOWN, Done.KNOWN]
    assert readers.readers[7].state is state
    assert readers.ledger[12, 7].state is FAILED


def test_a_request_takes_somebody_off_one_digest_or_off_all() -> None:
    readers = one_reader()
    asked = Report(Kind.UNSUBSCRIBE, NOW, subscriber=7, digest="daily")
    assert follow(readers, asked, asked) == [Done.UNSUBSCRIBED, Done.KNOWN]
    assert [one.digest for one in readers.readers[7].subscriptions] == ["weekly"]
    assert readers.readers[7].state is SubscriberState.ACTIVE
    assert follow(readers, Report(Kind.UNSUBSCRIBE, NOW, subscriber=7)) == [Done.UNSUBSCRIBED]
    assert readers.readers[7].state is SubscriberState.UNSUBSCRIBED
    assert readers.told == ["asked by mail"] * 2


def test_what_anybody_can_write_counts_once_a_delivery_and_never_takes_the_last_step() -> None:
    readers = Readers(a_reader(7))
    done = []
    for edition in range(12, 17):
        readers.ledger[edition, 7] = a_delivery(edition, 7)
        done += follow(readers, said(), said())
    assert done[:4] == [Done.COUNTED, Done.KNOWN, Done.COUNTED, Done.KNOWN]
    assert set(done[4:]) == {Done.DOUBTED}
    assert readers.readers[7].state is SubscriberState.ACTIVE
    assert readers.readers[7].bounces == LIMIT - 1
    assert all(one.state is SENT for one in readers.ledger.values())


def test_a_proven_bounce_after_one_that_anybody_could_write_is_not_counted_twice() -> None:
    readers = one_reader()
    assert follow(readers, said(), soft()) == [Done.COUNTED, Done.NOTED]
    assert readers.readers[7].bounces == 1
    assert readers.ledger[12, 7].reason == f"soft bounce: {DIAGNOSTIC}"


def test_what_anybody_can_write_does_not_bring_a_proven_bounce_nearer_to_the_end() -> None:
    readers = Readers(a_reader(7))
    for edition in range(12, 17):
        readers.ledger[edition, 7] = a_delivery(edition, 7)
        follow(readers, said())
    readers.ledger[17, 7] = a_delivery(17, 7)
    assert follow(readers, said(), soft(17)) == [Done.DOUBTED, Done.COUNTED]
    assert readers.readers[7].bounces == 1
    early = Readers(a_reader(7), deliveries=[a_delivery(12, 7)])
    follow(early, said())
    early.ledger[13, 7] = a_delivery(13, 7)
    assert follow(early, said(), soft(13)) == [Done.COUNTED, Done.COUNTED]
    assert early.readers[7].bounces == 1


def test_bounces_that_come_with_and_without_a_proof_suppress_as_soon_as_proven_ones() -> None:
    readers = Readers(a_reader(7))
    done = []
    for edition in range(12, 12 + LIMIT):
        readers.ledger[edition, 7] = a_delivery(edition, 7)
        done += follow(readers, said(), soft(edition))
    assert done == [Done.COUNTED, Done.NOTED, Done.COUNTED, Done.NOTED, Done.DOUBTED, Done.SUPPRESSED]


def test_what_anybody_can_write_about_somebody_who_was_sent_nothing_is_doubted() -> None:
    readers = Readers(a_reader(7), deliveries=[a_delivery(12, 7, DeliveryState.PENDING)])
    assert follow(readers, said()) == [Done.DOUBTED]
    assert readers.readers[7].bounces == 0


@pytest.mark.parametrize(
    "address", ["stranger@example.net", "not an address", "", "ẩn@exa mple", "x@" + "y" * 300]
)
def test_a_report_about_a_stranger_is_named(address: str) -> None:
    assert follow(one_reader(), said(address)) == [Done.STRANGER]
    assert follow(one_reader(), vouched(Kind.HARD, address)) == [Done.STRANGER]


def test_a_report_about_a_number_that_is_gone_is_named() -> None:
    assert follow(Readers(), hard()) == [Done.STRANGER]


def test_what_nobody_understands_changes_nothing() -> None:
    readers = one_reader()
    assert follow(readers, report(Kind.UNKNOWN)) == [Done.UNREAD]
    assert readers.told == []
    assert readers.ledger[12, 7].reason == ""


def test_a_provider_is_believed_about_an_address() -> None:
    readers = one_reader(SENT, SENT)
    assert follow(readers, vouched(Kind.HARD, "Reader7@Example.NET")) == [Done.SUPPRESSED]
    assert readers.ledger[13, 7].state is FAILED
    assert readers.ledger[12, 7].state is SENT
    assert follow(readers, vouched(Kind.COMPLAINT, "reader8@example.net")) == [Done.COMPLAINED]
    assert readers.readers[8].state is SubscriberState.COMPLAINED
    assert follow(readers, vouched(Kind.UNSUBSCRIBE)) == [Done.KNOWN]


def test_a_provider_that_takes_somebody_off_takes_him_off_all() -> None:
    readers = one_reader()
    assert follow(readers, vouched(Kind.UNSUBSCRIBE)) == [Done.UNSUBSCRIBED]
    assert readers.told == ["asked through the mail provider"]


def test_a_soft_bounce_of_an_edition_that_is_forgotten_does_not_count() -> None:
    readers = Readers(a_reader(7))
    assert follow(readers, soft()) == [Done.NOTED]
    assert follow(readers, hard()) == [Done.SUPPRESSED]


def test_deciding_changes_nothing() -> None:
    readers = one_reader(UNCERTAIN)
    for one in (
        hard(),
        soft(),
        said(),
        report(Kind.COMPLAINT),
        report(Kind.NOTHING),
        vouched(Kind.UNSUBSCRIBE),
    ):
        decide(one, readers, LIMIT)
    assert readers.told == []
    assert readers.ledger[12, 7].state is UNCERTAIN
    assert readers.readers[7] == a_reader(7, "daily", "weekly")


def test_a_crash_between_reader_and_ledger_loses_no_bounce() -> None:
    readers = one_reader()

    class Crash(Exception):
        """The machine stops."""

    class Crashing(Readers):
        def learn(self, delivery: object) -> None:
            raise Crash

    crashing = Crashing(*readers.readers.values(), deliveries=[*readers.ledger.values()])
    with pytest.raises(Crash):
        follow(crashing, hard())
    assert crashing.readers[7].state is SubscriberState.BOUNCED
    readers.readers = crashing.readers
    follow(readers, hard())
    assert readers.ledger[12, 7].state is FAILED
