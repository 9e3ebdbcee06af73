"""Links and files of people: what each does, once, and what it does to those who did not ask for it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher import subscribing
from publisher.errors import UsageError
from publisher.mailing.importing import Entry, Refusal
from publisher.mailing.tokens import sign
from publisher.model import Consent, Subscriber, SubscriberState, Subscription
from publisher.store import Store
from publisher.subscribing import BATCH, LIFETIME, Asked, Outcome

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CONSENT = Consent(NOW, "form", "Tôi muốn nhận tin.")
DAILY, WEEKLY = Subscription("daily", ("Giao thông",)), Subscription("weekly")
READER = "Độc Giả <Reader@example.org>"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that knows nobody, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "publisher.db"
    Store.open(file)
    return file


@pytest.fixture
def store(tmp_path: Path, empty: Path) -> Store:
    return Store.open(Path(shutil.copy(empty, tmp_path / "publisher.db")))


def asked(store: Store, *choices: Subscription, mailbox: str = READER) -> Asked:
    return subscribing.subscribe(store, mailbox, choices or (DAILY,), CONSENT, NOW)


def subscribed(store: Store, *choices: Subscription) -> Subscriber:
    found = subscribing.confirm(store, asked(store, *choices).token, NOW)
    assert found.outcome is Outcome.DONE
    assert found.subscriber is not None
    return found.subscriber


def unsubscribing(store: Store, number: int, *digest: str) -> str:
    return sign(store.secret(), "unsubscribe", number, *digest)


def test_a_reader_subscribes_by_confirming(store: Store) -> None:
    request = asked(store)
    assert (request.address, request.until, request.mail) == ("Reader@example.org", NOW + LIFETIME, True)
    assert [person.state for person in store.subscribers()] == [SubscriberState.PENDING]
    answer = subscribing.confirm(store, request.token, LATER)
    assert answer.outcome is Outcome.DONE
    assert answer.subscriber == store.subscriber_with_key("reader@example.org")
    assert answer.subscriber
    assert (answer.subscriber.subscriptions, answer.subscriber.consent) == ((DAILY,), CONSENT)


def test_confirming_twice_says_that_it_was_done(store: Store) -> None:
    request = asked(store)
    first = subscribing.confirm(store, request.token, NOW)
    again = subscribing.confirm(store, request.token.upper(), LATER)
    assert (again.outcome, again.subscriber) == (Outcome.ALREADY, first.subscriber)
    assert len(store.subscriber_history(1)) == 2


def test_a_confirmation_does_not_outlive_its_time_nor_the_request(store: Store) -> None:
    request = asked(store)
    late = subscribing.confirm(store, request.token, NOW + LIFETIME + timedelta(seconds=1))
    assert late == subscribing.Answer(Outcome.EXPIRED)
    newer = asked(store, WEEKLY)
    assert subscribing.confirm(store, request.token, NOW).outcome is Outcome.CLOSED
    assert subscribing.confirm(store, newer.token, NOW).outcome is Outcome.DONE


def test_an_old_confirmation_does_not_bring_back_one_who_left(store: Store) -> None:
    request = asked(store)
    subscribing.confirm(store, request.token, NOW)
    subscribing.unsubscribe(store, unsubscribing(store, 1), NOW)
    answer = subscribing.confirm(store, request.token, LATER)
    assert answer.outcome is Outcome.CLOSED
    assert answer.subscriber
    assert answer.subscriber.state is SubscriberState.UNSUBSCRIBED
    assert subscribed(store).state is SubscriberState.ACTIVE


def test_asking_looks_the_same_whether_or_not_the_address_is_known(store: Store) -> None:
    subscribed(store)
    strange, known = asked(store, mailbox="new@example.org"), asked(store)
    assert (strange.until, strange.mail, strange.choices) == (known.until, known.mail, known.choices)
    assert len(strange.token) == len(known.token)


@pytest.mark.parametrize("end", ["bounced", "complained"])
def test_no_mail_goes_to_an_address_that_is_dead_or_complained(store: Store, end: str) -> None:
    number = subscribed(store).number
    if end == "bounced":
        store.bounced(number, hard=True, limit=1, reason="5.1.1", now=NOW)
    else:
        store.complained(number, "abuse", NOW)
    request = asked(store)
    assert not request.mail
    assert subscribing.confirm(store, request.token, NOW).outcome is Outcome.CLOSED


@pytest.mark.parametrize("mailbox", ["", "nobody", "a@e.org, b@e.org", "a@e.org\nBcc: b@e.org"])
def test_what_is_no_address_is_told_and_leaves_nothing(store: Store, mailbox: str) -> None:
    with pytest.raises(UsageError, match="the address "):
        subscribing.subscribe(store, mailbox, [DAILY], CONSENT, NOW)
    with pytest.raises(UsageError, match="no digest was chosen"):
        subscribing.subscribe(store, READER, [], CONSENT, NOW)
    assert store.subscriber_count() == 0


def test_one_click_leaves_one_digest_or_all(store: Store) -> None:
    number = subscribed(store, DAILY, WEEKLY).number
    one = subscribing.unsubscribe(store, unsubscribing(store, number, "daily"), NOW)
    assert one.outcome is Outcome.DONE
    assert one.subscriber
    assert one.subscriber.subscriptions == (WEEKLY,)
    assert (
        subscribing.unsubscribe(store, unsubscribing(store, number, "daily"), NOW).outcome is Outcome.ALREADY
    )
    every = subscribing.unsubscribe(store, unsubscribing(store, number), NOW, "mailto")
    assert every.subscriber
    assert (every.outcome, every.subscriber.state) == (Outcome.DONE, SubscriberState.UNSUBSCRIBED)
    assert store.subscriber_history(number)[-1].detail == "mailto"
    store.erase("reader@example.org", NOW)
    gone = subscribing.unsubscribe(store, unsubscribing(store, number), NOW)
    assert gone == subscribing.Answer(Outcome.ALREADY)


def test_a_reader_sees_and_changes_what_he_gets(store: Store) -> None:
    person = subscribed(store)
    token = sign(store.secret(), "preferences", person.number)
    assert subscribing.preferences(store, token, NOW) == subscribing.Answer(Outcome.DONE, person)
    for _ in range(2):
        answer = subscribing.change(store, token, [WEEKLY], "vi", LATER)
        assert answer.outcome is Outcome.DONE
        assert answer.subscriber
        assert (answer.subscriber.subscriptions, answer.subscriber.language) == ((WEEKLY,), "vi")
    assert len(store.subscriber_history(person.number)) == 4
    left = subscribing.change(store, token, [], "vi", LATER)
    assert left.subscriber
    assert (left.outcome, left.subscriber.state) == (Outcome.DONE, SubscriberState.UNSUBSCRIBED)
    assert subscribing.change(store, token, [DAILY], "vi", LATER).outcome is Outcome.CLOSED
    assert subscribing.preferences(store, token, LATER).outcome is Outcome.CLOSED
    store.erase(person.key, LATER)
    assert subscribing.preferences(store, token, LATER) == subscribing.Answer(Outcome.CLOSED)


def test_a_link_is_good_for_nothing_but_its_purpose(store: Store) -> None:
    number = subscribed(store).number
    before = store.subscriber(number)
    every = {
        "confirm": lambda token: subscribing.confirm(store, token, NOW),
        "unsubscribe": lambda token: subscribing.unsubscribe(store, token, NOW),
        "preferences": lambda token: subscribing.preferences(store, token, NOW),
        "change": lambda token: subscribing.change(store, token, [], "", NOW),
    }
    for purpose, use in every.items():
        for other in ("confirm", "unsubscribe", "preferences", "message"):
            if other != purpose and (purpose, other) != ("change", "preferences"):
                token = sign(store.secret(), other, number, "1", now=NOW)
                assert use(token) == subscribing.Answer(Outcome.INVALID), (purpose, other)
    assert store.subscriber(number) == before


def entry(line: int, address: str, *choices: Subscription) -> Entry:
    person = Subscriber(
        0, address, address, SubscriberState.ACTIVE, consent=CONSENT, subscriptions=choices or (DAILY,)
    )
    return Entry(line, person)


def test_a_file_is_taken_in_line_by_line_and_refusals_keep_their_order(store: Store) -> None:
    subscribed(store)
    subscribing.unsubscribe(store, unsubscribing(store, 1), NOW)
    refused: list[Refusal] = []
    steps: list[int] = []
    items = [
        entry(2, "a@example.org"),
        entry(3, "reader@example.org"),
        Refusal(4, "has no address"),
        entry(5, "a@example.org"),
        Refusal(6, "is no object"),
    ]
    counts = subscribing.enroll(store, items, "import:a.csv", NOW, refused.append, lambda: steps.append(1))
    assert dict(counts) == {"added": 1, "known": 1, "refused": 3}
    assert refused == [
        Refusal(3, "reader@example.org: is unsubscribed and is not brought back"),
        Refusal(4, "has no address"),
        Refusal(6, "is no object"),
    ]
    assert steps == [1]
    assert store.subscriber_history(2)[0].detail == "daily (import:a.csv)"


def test_what_was_taken_stays_taken_when_a_file_breaks_off(store: Store) -> None:
    def lines():
        yield from (entry(number, f"r{number}@example.org") for number in range(BATCH + 500))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        subscribing.enroll(store, lines(), "import:a.csv", NOW, print)
    assert store.subscriber_count() == BATCH
    again = (entry(number, f"r{number}@example.org") for number in range(BATCH + 500))
    counts = subscribing.enroll(store, again, "import:a.csv", NOW, print)
    assert dict(counts) == {"known": BATCH, "added": 500}


def test_strangers_who_never_confirmed_are_forgotten_and_nobody_else(store: Store) -> None:
    reader = subscribed(store)
    asked(store, WEEKLY)  # something more, which he does not confirm
    left = subscribing.subscribe(store, "left@example.org", (DAILY,), CONSENT, NOW)
    subscribing.confirm(store, left.token, NOW)
    gone = store.subscriber_with_key("left@example.org")
    assert gone is not None
    subscribing.unsubscribe(store, unsubscribing(store, gone.number), NOW)
    late = asked(store, mailbox="stranger@example.org")
    again = "again@example.org"
    asked(store, mailbox=again)
    subscribing.subscribe(store, again, (DAILY,), Consent(NOW + LIFETIME, "form"), NOW + LIFETIME)
    assert subscribing.forget(store, NOW + LIFETIME) == 0
    assert subscribing.forget(store, NOW + LIFETIME + timedelta(seconds=1)) == 1
    assert [person.address for person in store.subscribers()] == [
        "Reader@example.org",
        "left@example.org",
        again,
    ]
    assert store.subscriber(reader.number) == reader
    assert subscribing.confirm(store, late.token, NOW).outcome is Outcome.CLOSED
    newest = store.subscriber_with_key(again)
    assert newest is not None
    new = subscribing.subscribe(store, "stranger@example.org", (DAILY,), CONSENT, NOW)
    assert store.subscriber_count(SubscriberState.PENDING) == 2
    assert int(new.token.split(".")[0], 16) > newest.number  # a number is never given again
