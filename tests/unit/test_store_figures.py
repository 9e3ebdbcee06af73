"""What the store tells a person who looks: figures of editions, people and articles, holds, sessions, fetchers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Site
from databases import DATABASES, Raw, fresh
from sqlalchemy import event

from publisher.model import DeliveryState, Edition, Fetcher, PlannedEdition, Section, SubscriberState
from publisher.store import Store, record

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DUE = int(NOW.timestamp())
ZONE = timedelta(hours=7)
FATES = ["pending", "sending", "uncertain", "failed", "failed", "suppressed", "sent", "sent", "sent"]
REASONS = {4: "hard bounce: 550 5.1.1 unknown", 5: "554 refused", 7: "complaint: spam", 3: "broke off"}


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Two editions: the first to nine people of every fate, the second held, to one."""
    with fresh(request.param, tmp_path, tables=True) as found:
        raw = Raw(found)
        for number in range(1, 10):
            state = "active" if number < 8 else "bounced" if number == 8 else "pending"
            address = f"r{number}@example.org"
            raw.execute(
                "INSERT INTO subscriber (number, address, key, state, since) VALUES (?, ?, ?, ?, 0)",
                (number, address, address, state),
            )
        for number, held, count in ((1, "", 9), (2, "by the owner", 1)):
            row = (number, f"e{number}", str(number), f"e{number}/", f"Số {number}", DUE, DUE, held, count)
            raw.execute("INSERT INTO edition VALUES (?, ?, 'daily', ?, ?, ?, ?, 420, ?, ?, ?)", row)
            raw.execute("INSERT INTO part VALUES (?, ?, 'p', '', '[]', 0, NULL, '[]')", (number, number))
        for number, state in enumerate(FATES, 1):
            due = DUE if state == "pending" else None
            row = (number, state, state == "uncertain", due, REASONS.get(number, ""))
            raw.execute("INSERT INTO delivery VALUES (1, ?, 1, ?, 1, 0, ?, ?, NULL, NULL, ?, 1)", row)
        raw.execute(
            "INSERT INTO delivery VALUES (2, 1, 2, 'pending', 3, 0, false, ?, NULL, NULL, '451', 1)", (DUE,)
        )
        for table in ("subscriber", "edition", "part"):
            raw.numbered_on(table)
        raw.close()
        yield found


@pytest.fixture
def store(place: Path | str) -> Store:
    return Store.open(place)


@pytest.fixture
def raw(place: Path | str) -> Iterator[Raw]:
    connection = Raw(place)
    yield connection
    connection.close()


def state_of(raw: Raw, edition: int, subscriber: int) -> tuple[object, ...]:
    query = "SELECT state, attempts, due_at FROM delivery WHERE edition = ? AND subscriber = ?"
    found: tuple[object, ...] = raw.execute(query, (edition, subscriber)).fetchone()
    return found


def test_the_figures_of_an_edition_add_up_to_its_recipients(store: Store) -> None:
    second, first = store.editions(10)
    assert (second.number, second.held, second.waiting, second.recipients) == (2, "by the owner", 1, 1)
    assert first.recipients == 9
    fates = (first.waiting, first.leaving, first.uncertain, first.failed, first.suppressed, first.sent)
    assert fates == (1, 1, 1, 2, 1, 3)
    assert (first.bounced, first.complaints, first.finished) == (1, 1, False)
    assert first.due.isoformat() == "2026-11-24T11:00:00+07:00"
    assert store.edition_figures(1) == first
    assert store.edition_figures(3) is None
    assert store.editions(1, 1) == [first]
    assert store.edition_count() == 2
    assert store.subjects([1, 2, 3]) == {1: "Số 1", 2: "Số 2"}
    assert store.held_editions() == [second]


def test_only_editions_that_are_not_held_are_under_way(store: Store) -> None:
    assert store.under_way() == [(1, 9, 2)]


def test_deliveries_in_trouble_are_told_by_edition_and_state(store: Store) -> None:
    assert [(each.subscriber, each.state) for each in store.troubled()] == [
        (3, DeliveryState.UNCERTAIN),
        (6, DeliveryState.SUPPRESSED),
        (5, DeliveryState.FAILED),
        (4, DeliveryState.FAILED),
    ]
    (failed,) = store.troubled(DeliveryState.FAILED, 1, most=1, skip=1)
    assert (failed.address, failed.reason, failed.subject) == ("r4@example.org", REASONS[4], "Số 1")
    assert [each.waits for each in store.troubled(DeliveryState.UNCERTAIN)] == [True]
    counts = {"failed": 2, "suppressed": 1, "uncertain": 1, "waiting": 1}
    assert store.trouble_counts() == store.trouble_counts(1) == counts
    assert store.trouble_counts(2) == {"waiting": 0}
    assert store.troubled(edition=2) == []


def test_a_held_edition_is_passed_over_until_it_is_released(store: Store, raw: Raw) -> None:
    assert store.hold_edition(1, "held by the owner")
    assert not store.hold_edition(1, "again")
    assert store.waiting_deliveries(NOW) == 0
    assert store.release_edition(1, NOW)
    assert not store.release_edition(1, NOW)
    assert store.waiting_deliveries(NOW) == 1
    later = NOW + timedelta(hours=1)
    assert store.release_edition(2, later)
    assert state_of(raw, 2, 1) == ("pending", 0, int(later.timestamp()))


def test_what_failed_of_an_edition_is_taken_up_again_and_what_may_have_arrived_if_asked(
    store: Store, raw: Raw
) -> None:
    assert store.retry_edition(1, NOW, subscriber=4) == 1
    assert state_of(raw, 1, 4) == ("pending", 0, DUE)
    assert store.retry_edition(1, NOW, uncertain=True) == 2
    assert state_of(raw, 1, 5) == ("pending", 0, DUE)
    assert state_of(raw, 1, 3) == ("uncertain", 0, DUE)
    assert store.retry_edition(1, NOW, uncertain=True) == 0
    assert store.held_editions()[0].number == 2


def planned(number: int) -> PlannedEdition:
    due = NOW + timedelta(days=number)
    shown = (Section("", "", (f"a{number}",)),)
    return PlannedEdition(Edition(f"n{number}", "daily", f"n{number}/", "S", due, due, shown))


def put_articles(raw: Raw, *withdrawn: bool) -> None:
    for number, gone in enumerate(withdrawn, 1):
        raw.execute(
            "INSERT INTO article VALUES (?, ?, 'T', ?, 0, 0, 0, '', '', '{}', ?, 0, '[]', '')",
            (f"a{number}", f"p{number}/", DUE, gone),
        )


def test_the_next_edition_can_be_held_before_it_is_recorded_and_no_later_one_is(
    store: Store, raw: Raw
) -> None:
    put_articles(raw, False, False)
    store.hold_next("daily", "held by the owner")
    store.hold_next("weekly", "held by the owner")
    assert store.held_next("daily") == "held by the owner"
    with store._transaction() as connection:
        assert record.edition(connection, planned(1))
        assert not record.edition(connection, planned(1))
        assert record.edition(connection, planned(2))
    assert [each.held for each in store.editions(2)] == ["", "held by the owner"]
    assert (store.held_next("daily"), store.held_next("weekly")) == ("", "held by the owner")
    store.hold_next("weekly", "")
    assert store.held_next("weekly") == ""


def test_a_recorded_edition_knows_how_many_it_goes_to_and_forgets_who_is_erased(site: Site) -> None:
    site.change('["desk@example.org"]', '["a@example.org", "b@example.org"]')
    site.article("a.txt", "Tin")
    assert site.run().failures == []
    store = Store.open(site.config.database_file)
    assert [each.recipients for each in store.editions(5)] == [2]
    assert store.erase("a@example.org", NOW)
    (edition,) = store.editions(5)
    assert (edition.recipients, edition.sent) == (1, 1)


def test_people_are_counted_by_state(store: Store) -> None:
    active, pending, bounced = SubscriberState.ACTIVE, SubscriberState.PENDING, SubscriberState.BOUNCED
    assert store.subscriber_states() == {active: 7, pending: 1, bounced: 1}


def test_what_happened_to_people_is_counted_by_the_days_of_the_site(store: Store, raw: Raw) -> None:
    evening = datetime(2026, 11, 23, 16, 59, tzinfo=UTC)  # a minute before midnight in Hải Phòng
    for moment in (evening, evening + timedelta(minutes=1), NOW):
        row = (1, int(moment.timestamp()), "confirmed")
        raw.execute("INSERT INTO subscriber_event (subscriber, at, what, detail) VALUES (?, ?, ?, '')", row)
    found = [(each.day, each.what, each.count) for each in store.happened(evening, ZONE)]
    assert found == [(date(2026, 11, 23), "confirmed", 1), (date(2026, 11, 24), "confirmed", 2)]
    assert [each.count for each in store.happened(NOW, ZONE)] == [1]


def test_articles_are_counted_by_the_days_of_the_site_and_seeds_in_quarantine_told(
    store: Store, raw: Raw
) -> None:
    put_articles(raw, False, False, True)
    raw.execute("INSERT INTO seed VALUES ('b.txt', 1, 1, '', NULL, 'no date', 3, 'write one')")
    raw.execute("INSERT INTO seed VALUES ('a.txt', 1, 1, '', NULL, 'no title', 0, '')")
    assert store.published(NOW, ZONE) == {date(2026, 11, 24): 2}
    assert store.article_count() == 2
    assert [(each.path, each.reason, each.line) for each in store.faults()] == [
        ("a.txt", "no title", 0),
        ("b.txt", "no date", 3),
    ]
    assert (store.fault_count(), [each.path for each in store.faults(1, 1)]) == (2, ["b.txt"])


def test_a_session_is_open_until_it_ends_or_its_time_is_over(store: Store) -> None:
    until = NOW + timedelta(hours=1)
    store.begin_session("one", until, NOW)
    store.begin_session("two", until, NOW)
    assert store.session_is_open("one", NOW)
    assert not store.session_is_open("one", until)
    assert not store.session_is_open("other", NOW)
    store.end_session("one")
    assert not store.session_is_open("one", NOW)
    assert store.session_is_open("two", NOW)


def test_no_more_than_twenty_sessions_are_kept(store: Store, raw: Raw) -> None:
    for number in range(30):
        store.begin_session(str(number), NOW + timedelta(minutes=number + 1), NOW)
    assert raw.execute("SELECT count(*) FROM session").fetchone() == (20,)
    assert [store.session_is_open(str(number), NOW) for number in (9, 10, 29)] == [False, True, True]


def test_of_a_fetcher_the_last_word_is_kept_and_old_ones_are_forgotten(store: Store) -> None:
    old = NOW - timedelta(days=40)
    store.record_fetchers([Fetcher("feed.atom", "Feedly", 10, old), Fetcher("feed.rss", "Gone", 5, old)], old)
    store.record_fetchers([Fetcher("feed.atom", "Feedly", 12, NOW)], NOW - timedelta(days=30))
    assert store.fetchers(old) == [Fetcher("feed.atom", "Feedly", 12, NOW)]
    assert store.fetchers(NOW + timedelta(seconds=1)) == []


def test_names_that_anybody_can_make_up_do_not_fill_the_disk(store: Store, raw: Raw) -> None:
    many = [Fetcher("feed.atom", f"F{n}", 1, NOW + timedelta(seconds=n)) for n in range(6_000)]
    store.record_fetchers(many, NOW)
    assert raw.execute("SELECT count(*), min(at) FROM fetcher").fetchone() == (5_000, DUE + 1_000)


QUESTIONS = {
    "editions": lambda store: store.editions(20),
    "edition figures": lambda store: store.edition_figures(1),
    "subjects": lambda store: store.subjects([1]),
    "held editions": lambda store: store.held_editions(),
    "under way": lambda store: store.under_way(),
    "troubled": lambda store: store.troubled(),
    "troubled of a state": lambda store: store.troubled(DeliveryState.FAILED, 1),
    "trouble counts": lambda store: store.trouble_counts(),
    "trouble counts of an edition": lambda store: store.trouble_counts(1),
    "subscriber states": lambda store: store.subscriber_states(),
    "happened": lambda store: store.happened(NOW, ZONE),
    "published": lambda store: store.published(NOW, ZONE),
    "article count": lambda store: store.article_count(),
    "faults": lambda store: store.faults(),
    "fault count": lambda store: store.fault_count(),
    "last runs": lambda store: store.last_runs(20),
    "history": lambda store: store.subscriber_history(1),
    "deliveries of": lambda store: store.deliveries_of(1),
}
BIG = ("delivery", "subscriber", "subscriber_event", "article", "seed", "run")


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_console_asks_big_tables_through_indexes(store: Store, name: str) -> None:
    asked = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    QUESTIONS[name](store)
    event.remove(store._engine, "before_cursor_execute", note)
    asked = [pair for pair in asked if "SELECT" in pair[0]]
    with store._engine.connect() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given or None).all()
            for said, given in asked
        ]
    steps = [str(step[-1]) for plan in plans for step in plan]
    assert steps
    slow = [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]
    assert [step for step in slow if step.split()[1] in BIG] == [], steps
