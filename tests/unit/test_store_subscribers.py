"""Subscribers in the store: who comes, who goes, and that nobody comes back against his will."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import DATABASES, Raw, fresh
from rosters import synced
from sqlalchemy import event

from publisher.errors import StoreError
from publisher.mailboxes import key_of
from publisher.model import (
    Consent,
    Happening,
    Origin,
    Rhythm,
    Subscriber,
    SubscriberState,
    Subscription,
    Verdict,
)
from publisher.store import Store

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
CONSENT = Consent(NOW, "form", "Tôi muốn nhận tin.")
PENDING, ACTIVE, UNSUBSCRIBED, BOUNCED, COMPLAINED = SubscriberState
DAILY = Subscription("daily", ("Giao thông", "Y tế"), Rhythm.WEEKLY, 4, 10)
WEEKLY = Subscription("weekly")
LISTED = Subscription("daily", origin=Origin.OWNER)


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    with fresh(request.param, tmp_path, tables=True) as found:
        yield found


@pytest.fixture
def store(place: Path | str) -> Store:
    return Store.open(place)


@pytest.fixture
def raw(place: Path | str, store: Store) -> Iterator[Raw]:
    connection = Raw(place)
    yield connection
    connection.close()


def somebody(
    address: str = "reader@example.org", *choices: Subscription, state: SubscriberState = ACTIVE
) -> Subscriber:
    subscriptions = choices if state is ACTIVE else ()
    return Subscriber(0, address, key_of(address), state, consent=CONSENT, subscriptions=subscriptions)


def added(store: Store, *choices: Subscription, address: str = "reader@example.org") -> int:
    """The number of somebody who was added."""
    (admitted,) = store.admit([somebody(address, *(choices or (DAILY,)))], "test", NOW)
    assert admitted.verdict is Verdict.ADDED
    return numbered(store, address).number


def numbered(store: Store, address: str = "reader@example.org") -> Subscriber:
    found = store.subscriber_with_key(key_of(address))
    assert found is not None
    return found


def whats(store: Store, number: int) -> list[tuple[str, str]]:
    return [(event.what, event.detail) for event in store.subscriber_history(number)]


def gets(store: Store, number: int) -> list[str]:
    found = store.subscriber(number)
    assert found is not None
    return [mine.digest for mine in found.subscriptions]


def state(store: Store, number: int) -> SubscriberState:
    found = store.subscriber(number)
    assert found is not None
    return found.state


def confirmed(store: Store, address: str = "reader@example.org", *choices: Subscription) -> bool:
    """Somebody asks and confirms."""
    return store.confirm(*store.ask(somebody(address, *(choices or (DAILY,))), NOW), LATER)


# Coming


def test_whoever_is_added_is_found_again_as_he_was(store: Store) -> None:
    person = replace(somebody("Độc.Giả@báo.example", DAILY, WEEKLY), language="vi")
    store.admit([person], "import:a.csv", LATER)
    number = numbered(store, "độc.giả@BÁO.example").number
    assert store.subscriber(number) == replace(person, number=number, since=CONSENT.at)
    assert store.subscriber_history(number) == [
        Happening(LATER, "subscribed", "daily, weekly (import:a.csv)")
    ]
    assert store.subscriber(number + 1) is None


def test_a_batch_is_taken_in_its_order_and_one_person_may_stand_in_it_twice(store: Store) -> None:
    people = [
        somebody("a@example.org", DAILY),
        somebody("A@example.org", WEEKLY),
        somebody("a@example.org", DAILY),
        somebody("b@example.org", state=BOUNCED),
        somebody("b@example.org", DAILY),
        somebody("a@example.org", state=UNSUBSCRIBED),
        somebody("a@example.org", DAILY),
    ]
    verdicts = [admitted.verdict for admitted in store.admit(people, "test", NOW)]
    assert verdicts == ["added", "added", "known", "left", "refused", "left", "refused"]
    assert (numbered(store, "a@example.org").state, gets(store, 1)) == (UNSUBSCRIBED, [])
    assert numbered(store, "b@example.org").state is BOUNCED


def test_the_next_edition_to_be_recorded_is_the_first_that_a_new_subscriber_gets(
    store: Store, raw: Raw
) -> None:
    for number, due in ((1, NOW), (2, NOW - timedelta(days=1))):
        values = (number, f"e{number}", "daily", number, f"{number}/", "S", int(due.timestamp()), 0, 0)
        raw.execute(
            "INSERT INTO edition (number, id, digest, period, page, subject, due_at, due_offset, recorded_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
    added(store, DAILY, WEEKLY)
    assert [mine.through for mine in numbered(store).subscriptions] == [NOW, None]
    store.admit([somebody("reader@example.org", Subscription("daily"))], "test", NOW, change=True)
    assert [mine.through for mine in numbered(store).subscriptions] == [NOW, None]


def test_choices_are_changed_only_where_that_is_asked_for(store: Store) -> None:
    number = added(store, DAILY)
    other = Subscription("daily", length=3)
    assert store.admit([somebody("reader@example.org", other)], "test", NOW)[0].verdict is Verdict.KNOWN
    assert numbered(store).subscriptions == (DAILY,)
    admitted = store.admit([somebody("reader@example.org", other)], "command line", NOW, change=True)
    assert admitted[0].verdict is Verdict.CHANGED
    assert numbered(store).subscriptions == (other,)
    assert whats(store, number)[-1] == ("changed", "daily (command line)")


def test_the_history_that_somebody_brings_along_stands_before_his_coming(store: Store) -> None:
    before = (Happening(NOW - timedelta(days=9), "confirmed", "daily (form)"),)
    store.admit([replace(somebody("reader@example.org", DAILY), history=before)], "import:a.json", NOW)
    assert [event.what for event in store.subscriber_history(1)] == ["confirmed", "subscribed"]
    (found,) = store.subscribers(history=True)
    assert found.history == tuple(store.subscriber_history(1))


@pytest.mark.parametrize("source", [UNSUBSCRIBED, BOUNCED, COMPLAINED])
def test_whom_the_source_says_not_to_mail_is_kept_as_such_and_never_brought_back(
    store: Store, source: SubscriberState
) -> None:
    store.admit([somebody(state=source)], "import:a.csv", NOW)
    (again,) = store.admit([somebody("reader@example.org", DAILY)], "import:b.csv", NOW)
    assert (again.verdict, again.reason) == (Verdict.REFUSED, f"is {source} and is not brought back")
    assert synced(store, "daily", ["reader@example.org"], NOW) == (0, 0)
    assert numbered(store).state is source
    assert whats(store, 1) == [(source, "import:a.csv")]


def test_an_import_that_says_somebody_left_is_believed(store: Store) -> None:
    number = added(store, DAILY, WEEKLY)
    (admitted,) = store.admit([somebody(state=UNSUBSCRIBED)], "import:left.csv", NOW)
    assert (admitted.verdict, state(store, number), gets(store, number)) == (Verdict.LEFT, UNSUBSCRIBED, [])


def test_an_address_that_only_asked_may_be_added_by_the_owner(store: Store) -> None:
    store.ask(somebody("reader@example.org", DAILY), NOW)
    given = Consent(LATER, "import:a.csv", "Yes")
    person = replace(somebody("reader@example.org", WEEKLY), language="vi", consent=given)
    assert store.admit([person], "test", LATER)[0].verdict is Verdict.ADDED
    assert numbered(store) == replace(person, number=1, since=LATER)


# The owner's list


def test_the_owners_list_is_brought_in_line_with_the_configuration(store: Store) -> None:
    assert synced(store, "daily", ["Tòa soạn <Desk@example.org>", "b@example.org"], NOW) == (2, 0)
    assert synced(store, "daily", ["desk@EXAMPLE.org", "b@example.org"], NOW) == (0, 0)
    assert numbered(store, "desk@example.org").address == "Desk@example.org"
    assert numbered(store, "desk@example.org").subscriptions == (LISTED,)
    assert synced(store, "daily", ["c@example.org", "b@example.org"], LATER) == (1, 1)
    assert [(person.address, len(person.subscriptions)) for person in store.subscribers()] == [
        ("Desk@example.org", 0),
        ("b@example.org", 1),
        ("c@example.org", 1),
    ]
    assert whats(store, 1) == [("listed", "daily"), ("unlisted", "daily")]
    assert synced(store, "daily", [], LATER) == (0, 2)


def test_the_list_of_one_digest_is_not_that_of_another(store: Store) -> None:
    synced(store, "daily", ["a@example.org"], NOW)
    assert synced(store, "weekly", [], NOW) == (0, 0)
    assert gets(store, 1) == ["daily"]


def test_a_readers_own_choice_wins_over_the_owners_list(store: Store) -> None:
    number = added(store, DAILY)
    assert synced(store, "daily", ["reader@example.org"], NOW) == (0, 0)
    assert synced(store, "daily", [], NOW) == (0, 0)
    assert numbered(store).subscriptions == (DAILY,)
    synced(store, "weekly", ["reader@example.org"], NOW)
    assert confirmed(store, "reader@example.org", Subscription("weekly", length=5))
    assert synced(store, "weekly", [], NOW) == (0, 0)
    assert gets(store, number) == ["daily", "weekly"]


def test_who_left_a_digest_is_not_put_back_on_its_list_while_he_gets_others(store: Store) -> None:
    synced(store, "daily", ["reader@example.org"], NOW)
    synced(store, "weekly", ["reader@example.org"], NOW)
    assert store.unsubscribe(1, "daily", "link", NOW)
    assert synced(store, "daily", ["reader@example.org"], NOW) == (0, 0)
    (refused,) = store.admit([somebody("reader@example.org", DAILY)], "test", NOW)
    assert refused.reason == "left daily and is not brought back"
    assert (state(store, 1), gets(store, 1)) == (ACTIVE, ["weekly"])


# Going


def test_leaving_one_digest_keeps_the_others_and_leaving_the_last_ends_it(store: Store) -> None:
    number = added(store, DAILY, WEEKLY)
    assert store.unsubscribe(number, "daily", "link", NOW)
    assert (state(store, number), gets(store, number)) == (ACTIVE, ["weekly"])
    assert not store.unsubscribe(number, "daily", "link", NOW)
    assert store.unsubscribe(number, "weekly", "link", NOW)
    assert state(store, number) is UNSUBSCRIBED
    assert whats(store, number)[1:] == [("unsubscribed", "daily: link"), ("unsubscribed", "weekly: link")]


def test_leaving_all_is_done_once(store: Store) -> None:
    number = added(store, DAILY, WEEKLY)
    request = store.ask(somebody("reader@example.org", DAILY), NOW)
    assert store.unsubscribe(number, "", "link", NOW)
    assert not store.unsubscribe(number, "", "link", NOW)
    assert not store.unsubscribe(number, "daily", "link", NOW)
    assert not store.unsubscribe(99, "", "link", NOW)
    assert not store.confirm(*request, NOW)
    assert (state(store, number), gets(store, number)) == (UNSUBSCRIBED, [])


def test_a_hard_bounce_ends_it_at_once_and_soft_ones_after_some_in_a_row(store: Store) -> None:
    number = added(store)
    soft = {"hard": False, "limit": 3, "reason": "4.2.2", "now": NOW}
    assert [store.bounced(number, **soft) for _ in range(2)] == [ACTIVE, ACTIVE]
    store.delivered([number])
    assert [store.bounced(number, **soft) for _ in range(3)] == [ACTIVE, ACTIVE, BOUNCED]
    assert whats(store, number)[-1] == ("bounced", "4.2.2")
    other = added(store, address="b@example.org")
    assert store.bounced(other, hard=True, limit=3, reason="5.1.1", now=NOW) is BOUNCED
    assert store.bounced(99, hard=True, limit=3, reason="5.1.1", now=NOW) is UNSUBSCRIBED


def test_a_bounce_does_not_undo_that_somebody_left(store: Store) -> None:
    number = added(store)
    store.unsubscribe(number, "", "link", NOW)
    assert store.bounced(number, hard=True, limit=1, reason="5.1.1", now=NOW) is UNSUBSCRIBED


def test_deliveries_reset_the_count_of_many_at_once(store: Store) -> None:
    numbers = [added(store, address=f"r{n}@example.org") for n in range(3)]
    for number in numbers:
        store.bounced(number, hard=False, limit=5, reason="4", now=NOW)
    store.delivered(numbers[:2])
    assert [person.bounces for person in store.subscribers()] == [0, 0, 1]


@pytest.mark.parametrize("before", [ACTIVE, UNSUBSCRIBED, BOUNCED])
def test_who_complained_never_gets_mail_again(store: Store, before: SubscriberState) -> None:
    number = added(store)
    if before is UNSUBSCRIBED:
        store.unsubscribe(number, "", "link", NOW)
    if before is BOUNCED:
        store.bounced(number, hard=True, limit=1, reason="5", now=NOW)
    assert store.complained(number, "abuse", NOW)
    assert not store.complained(number, "abuse", NOW)
    store.unsubscribe(number, "", "link", NOW)
    assert not confirmed(store)
    assert state(store, number) is COMPLAINED
    assert not store.complained(99, "abuse", NOW)


# Speaking for oneself


def test_asking_changes_nothing_until_it_is_confirmed(store: Store) -> None:
    number, request = store.ask(somebody("reader@example.org", DAILY), NOW)
    assert (state(store, number), gets(store, number), store.subscriber_count(ACTIVE)) == (PENDING, [], 0)
    assert not store.confirm(number, request + 1, LATER)
    other, _ = store.ask(somebody("other@example.org", WEEKLY), NOW)
    assert not store.confirm(other, request, LATER)
    assert store.confirm(number, request, LATER)
    found = numbered(store)
    assert (found.state, found.subscriptions, found.consent, found.since) == (
        ACTIVE,
        (DAILY,),
        CONSENT,
        LATER,
    )
    assert whats(store, number) == [("asked", "daily (form)"), ("confirmed", "daily (form)")]


def test_a_stranger_who_asks_in_a_subscribers_name_changes_nothing_of_his(store: Store) -> None:
    number = added(store, WEEKLY)
    before = numbered(store)
    store.ask(replace(somebody("reader@example.org", DAILY), language="en"), NOW)
    assert numbered(store) == before
    assert gets(store, number) == ["weekly"]


def test_the_same_request_keeps_its_number_and_another_takes_its_place(store: Store) -> None:
    number, first = store.ask(somebody("reader@example.org", DAILY), NOW)
    again = replace(somebody("reader@example.org", DAILY), consent=Consent(LATER, "page", "Yes"))
    assert store.ask(again, LATER) == (number, first)
    assert len(whats(store, number)) == 1
    _, second = store.ask(somebody("reader@example.org", WEEKLY), NOW)
    assert second != first
    assert not store.confirm(number, first, LATER)
    assert store.confirm(number, second, LATER)
    assert gets(store, number) == ["weekly"]
    assert not store.confirm(number, second, LATER)


def test_only_his_own_confirmation_brings_back_one_who_left(store: Store, raw: Raw) -> None:
    number = added(store, DAILY, WEEKLY)
    store.unsubscribe(number, "", "link", NOW)
    assert confirmed(store, "reader@example.org", DAILY)
    assert (state(store, number), gets(store, number)) == (ACTIVE, ["daily"])
    assert raw.execute("SELECT digest FROM departure ORDER BY digest").fetchall() == [("",), ("weekly",)]
    for digest in ("weekly", "never had"):
        assert synced(store, digest, ["reader@example.org"], NOW) == (0, 0)
    assert confirmed(store, "reader@example.org", WEEKLY)
    assert gets(store, number) == ["daily", "weekly"]


def test_who_confirms_another_digest_stays_the_subscriber_that_he_was(store: Store) -> None:
    store.confirm(*store.ask(replace(somebody("reader@example.org", DAILY), language="en"), NOW), NOW)
    assert confirmed(store, "reader@example.org", WEEKLY)
    assert (numbered(store).since, numbered(store).language) == (NOW, "en")


def test_a_dead_address_is_not_brought_back_by_a_confirmation(store: Store) -> None:
    number = added(store)
    store.bounced(number, hard=True, limit=1, reason="5.1.1", now=NOW)
    assert not confirmed(store)
    assert state(store, number) is BOUNCED


def test_a_reader_changes_what_he_gets_to_exactly_his_choice(store: Store) -> None:
    number = added(store, DAILY)
    assert store.change(number, [WEEKLY], "en", LATER)
    found = numbered(store)
    assert (found.state, found.subscriptions, found.language) == (ACTIVE, (WEEKLY,), "en")
    before = whats(store, number)
    assert before[1:] == [("unsubscribed", "daily: preferences"), ("changed", "weekly (preferences)")]
    assert store.change(number, [WEEKLY], "en", LATER)
    assert whats(store, number) == before
    assert synced(store, "daily", ["reader@example.org"], LATER) == (0, 0)
    assert store.change(number, [DAILY, WEEKLY], "en", LATER)
    assert gets(store, number) == ["daily", "weekly"]
    assert store.change(number, [], "en", LATER)
    assert state(store, number) is UNSUBSCRIBED
    assert not store.change(number, [DAILY], "en", LATER)
    assert not store.change(99, [DAILY], "en", LATER)


# Without a trace


def test_erasing_leaves_a_hash_and_nothing_else(store: Store, raw: Raw) -> None:
    number = added(store, DAILY, WEEKLY)
    store.unsubscribe(number, "weekly", "link", NOW)
    store.ask(somebody("reader@example.org", WEEKLY), NOW)
    keep = added(store, address="other@example.org")
    raw.execute("INSERT INTO edition VALUES (1, 'e', 'daily', '1', 'e/', 'S', 0, 0, 0, '', 2)")
    raw.execute("INSERT INTO part VALUES (1, 1, 'p', '', '[]', 0, NULL, '[]')")
    for each in (number, keep):
        raw.execute(
            "INSERT INTO delivery VALUES (1, ?, 1, 'sent', 1, 0, false, NULL, NULL, 1, '', 1)", (each,)
        )
    assert store.erase("reader@example.org", LATER)
    text = raw.dump()
    assert "reader@" not in text
    for table in ("subscription", "departure", "request", "subscriber_event", "delivery"):
        assert raw.execute(f"SELECT count(*) FROM {table} WHERE subscriber = ?", (number,)).fetchone() == (0,)
    assert raw.execute("SELECT subscriber FROM delivery").fetchall() == [(keep,)]
    assert raw.execute("SELECT length(hash), reason, at FROM suppression").fetchall() == [
        (64, "erased", int(LATER.timestamp()))
    ]


def test_who_was_erased_comes_back_by_himself_alone(store: Store, raw: Raw) -> None:
    first = added(store)
    assert store.erase("reader@example.org", NOW)
    assert not store.erase("reader@example.org", NOW)
    for state_ in (ACTIVE, UNSUBSCRIBED):
        (refused,) = store.admit([somebody("Reader@example.org", DAILY, state=state_)], "test", NOW)
        assert refused.reason == "was erased and is not brought back"
    assert synced(store, "daily", ["reader@example.org", "b@example.org"], NOW) == (1, 0)
    assert store.subscriber_with_key("reader@example.org") is None
    assert confirmed(store)
    assert numbered(store).number > first
    assert raw.execute("SELECT count(*) FROM suppression").fetchone() == (0,)


def test_an_address_that_was_never_known_may_be_kept_out_as_well(store: Store) -> None:
    assert not store.erase("never@example.org", NOW)
    assert store.admit([somebody("never@example.org", DAILY)], "test", NOW)[0].verdict is Verdict.REFUSED


# Questions


def test_people_are_listed_and_counted_by_state_and_digest(store: Store) -> None:
    added(store, DAILY, WEEKLY, address="a@example.org")
    added(store, WEEKLY, address="b@example.org")
    store.admit([somebody("c@example.org", state=BOUNCED)], "test", NOW)

    def names(*which: object) -> list[str]:
        found = [person.address[0] for person in store.subscribers(*which)]
        assert store.subscriber_count(*which) == len(found)
        return found

    assert names() == ["a", "b", "c"]
    assert names(ACTIVE) == ["a", "b"]
    assert names(BOUNCED) == ["c"]
    assert names(None, "daily") == ["a"]
    assert names(ACTIVE, "weekly") == ["a", "b"]
    assert names(BOUNCED, "weekly") == []


def test_histories_find_their_people_in_a_stream_with_gaps(store: Store) -> None:
    for name in "abcde":
        added(store, DAILY if name in "bd" else WEEKLY, address=f"{name}@example.org")
    store.unsubscribe(4, "", "link", NOW)
    found = {person.number: len(person.history) for person in store.subscribers(None, "weekly", history=True)}
    assert found == {1: 1, 3: 1, 5: 1}
    everybody = {person.number: len(person.history) for person in store.subscribers(history=True)}
    assert everybody == {1: 1, 2: 1, 3: 1, 4: 2, 5: 1}


def test_a_store_without_a_file_knows_nobody_and_takes_nobody(tmp_path: Path) -> None:
    with Store.read_only(tmp_path / "none.db") as store:
        assert (list(store.subscribers()), store.subscriber_count()) == ([], 0)
        assert (store.subscriber(1), store.subscriber_with_key("a"), store.subscriber_history(1)) == (
            None,
            None,
            [],
        )
        with pytest.raises(StoreError, match="no database yet"):
            store.admit([somebody()], "test", NOW)


def test_the_secret_is_drawn_once(store: Store, place: Path | str) -> None:
    drawn = store.secret()
    assert len(bytes.fromhex(drawn)) == 32
    assert Store.open(place).secret() == drawn


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_hot_statements_use_their_indexes(store: Store, raw: Raw) -> None:
    """Looked at through what SQLite says it would do for each statement that the store sends."""
    number = added(store)
    sent: list[str] = []

    def watch(connection: object, cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(store._engine, "before_cursor_execute", watch)
    store.admit([somebody("b@example.org", DAILY)], "test", NOW)
    store.bounced(number, hard=False, limit=5, reason="4", now=NOW)
    store.delivered([number])
    store.subscriber(number)
    store.subscriber_with_key("b@example.org")
    store.unsubscribe(number, "daily", "link", NOW)
    store.complained(number, "abuse", NOW)
    store.erase("reader@example.org", NOW)
    plans = {
        step
        for statement in sent
        if not statement.startswith(("BEGIN", "INSERT"))
        for *_, step in raw.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * statement.count("?"))
    }
    scans = {step for step in plans if step.startswith("SCAN") and "VIRTUAL TABLE" not in step}
    assert scans <= {"SCAN suppression", "SCAN CONSTANT ROW"}, scans  # whether there is any row at all
    assert any("delivery USING PRIMARY KEY (edition=? AND subscriber=?)" in step for step in plans)
