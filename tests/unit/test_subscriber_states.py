"""Which state may follow which, and what becomes of somebody who is to be added; both as tables."""

from __future__ import annotations

import pytest

from publisher.model import Origin, Subscriber, SubscriberState, Subscription, Verdict
from publisher.store.subscribers.states import BEFORE, CONFIRMABLE, Standing, admission

PENDING, ACTIVE, UNSUBSCRIBED, BOUNCED, COMPLAINED = SubscriberState
DAILY = Subscription("daily", ("Giao thông",))
BY_OWNER = Subscription("daily", origin=Origin.OWNER)


def somebody(state: SubscriberState = ACTIVE, *subscriptions: Subscription) -> Subscriber:
    return Subscriber(0, "a@e.org", "a@e.org", state, subscriptions=subscriptions)


def test_every_state_says_from_where_it_may_be_reached() -> None:
    allowed = {(before, state) for state in SubscriberState for before in BEFORE[state]}
    assert allowed == {
        (PENDING, ACTIVE),
        (PENDING, UNSUBSCRIBED),
        (ACTIVE, UNSUBSCRIBED),
        (BOUNCED, UNSUBSCRIBED),
        (PENDING, BOUNCED),
        (ACTIVE, BOUNCED),
        (PENDING, COMPLAINED),
        (ACTIVE, COMPLAINED),
        (UNSUBSCRIBED, COMPLAINED),
        (BOUNCED, COMPLAINED),
    }


def test_only_those_whom_mail_reaches_and_who_did_not_complain_may_confirm() -> None:
    assert set(CONFIRMABLE) == {PENDING, ACTIVE, UNSUBSCRIBED}


@pytest.mark.parametrize(
    ("person", "standing", "verdict"),
    [
        (somebody(ACTIVE, DAILY), None, Verdict.ADDED),
        (somebody(ACTIVE), None, Verdict.ADDED),
        (somebody(UNSUBSCRIBED), None, Verdict.LEFT),
        (somebody(PENDING, DAILY), None, Verdict.REFUSED),
        (somebody(ACTIVE, DAILY), Standing(PENDING), Verdict.ADDED),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE), Verdict.ADDED),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, {"weekly": DAILY}), Verdict.ADDED),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, {"daily": DAILY}), Verdict.KNOWN),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, {"daily": Subscription("daily")}), Verdict.KNOWN),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, {"daily": BY_OWNER}), Verdict.ADDED),
        (somebody(ACTIVE, BY_OWNER), Standing(ACTIVE, {"daily": DAILY}), Verdict.KNOWN),
        (somebody(ACTIVE), Standing(ACTIVE), Verdict.KNOWN),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, left={"weekly"}), Verdict.ADDED),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, left={"daily"}), Verdict.REFUSED),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, left={""}), Verdict.REFUSED),
        (somebody(ACTIVE, DAILY), Standing(UNSUBSCRIBED), Verdict.REFUSED),
        (somebody(ACTIVE, DAILY), Standing(BOUNCED), Verdict.REFUSED),
        (somebody(ACTIVE, DAILY), Standing(COMPLAINED), Verdict.REFUSED),
        (somebody(UNSUBSCRIBED), Standing(ACTIVE), Verdict.LEFT),
        (somebody(UNSUBSCRIBED), Standing(COMPLAINED), Verdict.KNOWN),
        (somebody(BOUNCED), Standing(UNSUBSCRIBED), Verdict.KNOWN),
        (somebody(COMPLAINED), Standing(UNSUBSCRIBED), Verdict.LEFT),
    ],
)
def test_what_becomes_of_somebody_who_is_to_be_added(
    person: Subscriber, standing: Standing | None, verdict: Verdict
) -> None:
    found = admission(person, standing, change=False)
    assert found.verdict is verdict
    assert bool(found.reason) == (verdict is Verdict.REFUSED)


@pytest.mark.parametrize(
    ("person", "standing", "verdict"),
    [
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, {"daily": DAILY}), Verdict.KNOWN),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, {"daily": Subscription("daily")}), Verdict.CHANGED),
        (somebody(ACTIVE, BY_OWNER), Standing(ACTIVE, {"daily": DAILY}), Verdict.KNOWN),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, {"weekly": DAILY}, {"daily"}), Verdict.REFUSED),
        (somebody(ACTIVE, DAILY), Standing(ACTIVE, {"daily": Subscription("daily")}, {""}), Verdict.CHANGED),
    ],
)
def test_a_change_is_made_where_it_is_asked_for_and_is_one(
    person: Subscriber, standing: Standing, verdict: Verdict
) -> None:
    assert admission(person, standing, change=True).verdict is verdict
