"""What reports say of deliveries, in the ledger of a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, create_engine, insert, select

from publisher.model import DeliveryState
from publisher.store import evidence, tables

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A ledger with editions 1 to 5, in each a delivery to reader 7, and to reader 8 where it is even."""
    engine = create_engine("sqlite://")
    tables.metadata.create_all(engine)
    with engine.connect() as opened:
        for reader in (7, 8):
            address = f"reader{reader}@example.net"
            row = {"number": reader, "address": address, "key": address, "state": "active", "since": NOW}
            opened.execute(insert(tables.subscriber).values(**row))
        for number in range(1, 6):
            add(opened, number, 7)
            if number % 2 == 0:
                add(opened, number, 8, edition=False)
        yield opened
    engine.dispose()


def add(connection: Connection, number: int, reader: int, *, edition: bool = True) -> None:
    if edition:
        row = {
            "number": number,
            "id": f"e{number}",
            "digest": "daily",
            "period": str(number),
            "page": f"{number}/",
        }
        when = {"due_at": NOW + timedelta(days=number), "due_offset": 420, "recorded_at": NOW, "subject": "S"}
        connection.execute(insert(tables.edition).values(**row, **when))
        part = {
            "number": number,
            "edition": number,
            "id": "p",
            "language": "vi",
            "sections": "[]",
            "omitted": 0,
        }
        connection.execute(insert(tables.part).values(**part))
    row = {"edition": number, "subscriber": reader, "part": number, "state": "uncertain", "due_at": NOW}
    counts = {"attempts": 1, "repeats": 0, "doubtful": True, "reason": "the connection broke"}
    connection.execute(insert(tables.delivery).values(**row, **counts))


def stored(connection: Connection, number: int, reader: int = 7) -> tuple[str, str, datetime | None, bool]:
    columns = tables.delivery.c
    query = select(columns.state, columns.reason, columns.due_at, columns.doubtful)
    found = connection.execute(query.where(columns.edition == number, columns.subscriber == reader)).one()
    return (found.state, found.reason, found.due_at, found.doubtful)


def test_deliveries_of_a_reader_come_newest_first(connection: Connection) -> None:
    found = list(evidence.deliveries_of(connection, 7, 0))
    assert [one.number for one in found] == [5, 4, 3, 2, 1]
    assert {one.subscriber for one in found} == {7}
    newest = found[0]
    assert (newest.edition, newest.address, newest.state) == (
        "e5",
        "reader7@example.net",
        DeliveryState.UNCERTAIN,
    )
    assert [one.number for one in evidence.deliveries_of(connection, 8, 0)] == [4, 2]


def test_a_report_about_an_edition_sees_that_and_those_before(connection: Connection) -> None:
    assert [one.number for one in evidence.deliveries_of(connection, 7, 3)] == [3, 2, 1]
    assert [one.number for one in evidence.deliveries_of(connection, 8, 3)] == [2]
    assert list(evidence.deliveries_of(connection, 9, 0)) == []


def test_a_ledger_of_many_editions_is_not_searched(connection: Connection) -> None:
    for number in range(6, 206):
        add(connection, number, 8)
    assert list(evidence.deliveries_of(connection, 7, 0)) == []
    assert [one.number for one in evidence.deliveries_of(connection, 7, 5)] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.FAILED])
def test_a_delivery_that_is_over_is_not_due_and_not_in_doubt(
    connection: Connection, state: DeliveryState
) -> None:
    (delivery,) = [one for one in evidence.deliveries_of(connection, 7, 5) if one.number == 4]
    evidence.learn(connection, replace(delivery, state=state, reason="soft bounce: full"))
    assert stored(connection, 4) == (state, "soft bounce: full", None, False)
    assert stored(connection, 4, 8) == ("uncertain", "the connection broke", NOW, True)
    assert stored(connection, 5) == ("uncertain", "the connection broke", NOW, True)


def test_a_delivery_that_is_not_over_stays_due(connection: Connection) -> None:
    (delivery, *_) = evidence.deliveries_of(connection, 7, 4)
    evidence.learn(connection, replace(delivery, reason="said to bounce: gone"))
    assert stored(connection, 4) == ("uncertain", "said to bounce: gone", NOW, True)


@pytest.mark.parametrize("state", ["claimed", "sending"])
def test_a_delivery_that_a_process_holds_is_left_to_it(connection: Connection, state: str) -> None:
    (delivery, *_) = evidence.deliveries_of(connection, 7, 4)
    held = tables.delivery.c.edition == 4
    connection.execute(tables.delivery.update().where(held).values(state=state))
    evidence.learn(connection, replace(delivery, state=DeliveryState.FAILED, reason="hard bounce: gone"))
    assert stored(connection, 4) == (state, "the connection broke", NOW, True)
