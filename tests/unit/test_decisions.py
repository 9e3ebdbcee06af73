"""What becomes of a delivery after each thing that can become of a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from mailings import outgoing

from publisher.mailing.decisions import Decision, after
from publisher.mailing.outgoing import Fate, Outcome
from publisher.model import DeliveryState

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DAY = 24 * 60
MESSAGE = outgoing(1)


def decided(
    fate: Fate,
    reply: str = "",
    *,
    attempts: int = 1,
    repeats: int = 0,
    policy: Literal["resend", "hold"] = "resend",
) -> Decision:
    code, _, answer = reply.partition(" ") if reply[:1].isdigit() else ("0", "", reply)
    return after(Outcome(MESSAGE, fate, int(code), answer), attempts, repeats, policy, NOW)


def later(minutes: int, reason: str, **rest: Any) -> Decision:
    return Decision(DeliveryState.PENDING, NOW + timedelta(minutes=minutes), reason=reason, **rest)


def test_what_was_taken_is_sent() -> None:
    assert decided(Fate.SENT, "250 2.0.0 queued") == Decision(DeliveryState.SENT)


@pytest.mark.parametrize("fate", [Fate.RECIPIENT_REFUSED, Fate.MESSAGE_REFUSED, Fate.LOST])
@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 5), (2, 15), (3, 60), (4, 240), (5, 720), (6, DAY), (7, DAY)]
)
def test_what_is_refused_for_a_time_comes_again_after_pauses_that_grow(
    fate: Fate, attempts: int, minutes: int
) -> None:
    reply = "connection lost" if fate is Fate.LOST else "451 4.7.1 greylisted"
    assert decided(fate, reply, attempts=attempts) == later(minutes, reply)


def test_the_tries_of_three_days_are_eight() -> None:
    waited = timedelta()
    for attempts in range(1, 8):
        due = decided(Fate.LOST, attempts=attempts).due
        assert due is not None
        waited += due - NOW
    assert timedelta(days=2) < waited < timedelta(days=3)
    assert decided(Fate.LOST, "reset", attempts=8) == Decision(DeliveryState.FAILED, reason="reset")


@pytest.mark.parametrize(
    ("reply", "against"),
    [
        ("450 4.2.2 full", "soft"),
        ("450 4.1.1 later", "soft"),
        ("450 later", "soft"),
        ("450 4.7.1 greylisted", ""),
        ("452 4.3.1 no disk", ""),
    ],
)
def test_three_days_of_maybe_count_as_one_soft_failure_where_they_speak_of_the_mailbox(
    reply: str, against: Any
) -> None:
    assert decided(Fate.RECIPIENT_REFUSED, reply, attempts=8) == Decision(
        DeliveryState.FAILED, against_address=against, reason=reply
    )


@pytest.mark.parametrize(
    ("reply", "against"),
    [
        ("550 5.1.1 no such user", "hard"),
        ("550 5.1.1", "hard"),
        ("550 5.1.10 null MX", "hard"),
        ("553 5.1.2 no such domain", "hard"),
        ("551 5.1.6 moved", "hard"),
        ("501 5.1.3 bad address", "hard"),
        ("550 5.1.8 bad sender", ""),
        ("553 5.1.7 bad sender", ""),
        ("550 no such user", "hard"),
        ("551 not here", "hard"),
        ("553 not allowed", "hard"),
        ("521 no mail", "hard"),
        ("552 full", "soft"),
        ("554 no", "soft"),
        ("550 5.2.1 disabled", "soft"),
        ("552 5.2.2 full", "soft"),
        ("550 5.4.1 no answer", "soft"),
        ("550 5.3.2 not now", ""),
        ("550 5.7.1 policy", ""),
        ("554 5.7.26 not authenticated", ""),
        ("550 5.6.7 no SMTPUTF8", ""),
        ("550 5.5.0 what", ""),
        ("550 5.1.12345 odd", "hard"),
    ],
)
def test_a_refusal_for_good_ends_it_and_counts_where_it_speaks_of_the_address(
    reply: str, against: Any
) -> None:
    assert decided(Fate.RECIPIENT_REFUSED, reply) == Decision(
        DeliveryState.FAILED, against_address=against, reason=reply
    )


@pytest.mark.parametrize("reply", ["554 5.7.1 spam", "552 too big", "554 5.6.0 bare LF", "550 5.3.4 too big"])
def test_a_message_that_is_refused_for_good_holds_the_edition(reply: str) -> None:
    assert decided(Fate.MESSAGE_REFUSED, reply, attempts=8) == later(0, reply, tried=False, hold_edition=True)


@pytest.mark.parametrize(
    ("reply", "against"), [("550 5.1.1 no such user", "hard"), ("552 5.2.2 mailbox full", "soft")]
)
def test_a_recipient_that_is_refused_after_the_message_holds_no_edition(reply: str, against: Any) -> None:
    assert decided(Fate.MESSAGE_REFUSED, reply) == Decision(
        DeliveryState.FAILED, against_address=against, reason=reply
    )


@pytest.mark.parametrize("attempts", [1, 8, 20])
@pytest.mark.parametrize("reply", ["451 4.3.0 later", "550 5.1.8 who are you"])
def test_a_sender_that_is_refused_is_no_readers_fault(reply: str, attempts: int) -> None:
    assert decided(Fate.SENDER_REFUSED, reply, attempts=attempts) == later(15, reply, tried=False)


def test_what_was_never_tried_may_be_tried_at_once() -> None:
    assert decided(Fate.UNSENT, "no connection", attempts=30) == later(0, "no connection", tried=False)


def test_what_may_have_arrived_is_sent_again_once() -> None:
    again = Decision(DeliveryState.UNCERTAIN, NOW + timedelta(minutes=5), reason="connection lost")
    never = Decision(DeliveryState.UNCERTAIN, None, reason="connection lost")
    assert decided(Fate.UNCERTAIN, "connection lost") == again
    assert decided(Fate.UNCERTAIN, "connection lost", attempts=9) == again
    assert decided(Fate.UNCERTAIN, "connection lost", repeats=1) == never
    assert decided(Fate.UNCERTAIN, "connection lost", policy="hold") == never
