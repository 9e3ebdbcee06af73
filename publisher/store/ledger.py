"""The ledger of deliveries: what may be sent next, and what became of it.

A row is `sending`, committed, before the first byte of its body leaves. Found in that state by a
later run, it may have arrived: it is sent once more, with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from publisher.model import Delivery, DeliveryState
from publisher.store import tables as t

_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)
_LIVE = "active"


def open_deliveries(connection: Connection, now: datetime) -> Iterator[Delivery]:
    """Deliveries whose moment has come, oldest first."""
    query = _query().where(t.delivery.c.state.in_(_OPEN), t.delivery.c.due_at <= now)
    for row in connection.execute(query.order_by(t.delivery.c.due_at, t.delivery.c.id)):
        yield _delivery(row)


def begin(connection: Connection, delivery: Delivery) -> bool:
    """Mark a delivery as leaving; false where its subscriber may not be mailed (then it is suppressed)."""
    allowed = (
        select(t.subscriber.c.state)
        .join(t.delivery, t.delivery.c.subscriber == t.subscriber.c.id)
        .where(t.delivery.c.id == delivery.id)
    )
    if connection.execute(allowed).scalar_one() != _LIVE:
        _set(connection, delivery, state=DeliveryState.SUPPRESSED, reason="the address may not be mailed")
        return False
    _set(connection, delivery, state=DeliveryState.SENDING, attempts=t.delivery.c.attempts + 1)
    return True


def finish(connection: Connection, delivery: Delivery, now: datetime) -> None:
    """Mark a delivery as sent."""
    _set(connection, delivery, state=DeliveryState.SENT, sent_at=now, reason="")


def postpone(connection: Connection, delivery: Delivery, until: datetime, reason: str) -> None:
    """Try a delivery again at `until`."""
    _set(connection, delivery, state=DeliveryState.PENDING, due_at=until, reason=reason)


def give_up(connection: Connection, delivery: Delivery, reason: str) -> None:
    """Mark a delivery as failed for good."""
    _set(connection, delivery, state=DeliveryState.FAILED, reason=reason)


def retry(connection: Connection, now: datetime) -> int:
    """Take up every failed delivery again; how many."""
    again = update(t.delivery).where(t.delivery.c.state == DeliveryState.FAILED)
    return connection.execute(again.values(state=DeliveryState.PENDING, due_at=now, attempts=0)).rowcount


def sent_since(connection: Connection, moment: datetime) -> int:
    """How many messages left at or after `moment`."""
    count = select(func.count()).where(t.delivery.c.sent_at >= moment)
    return int(connection.execute(count).scalar_one())


def listing(connection: Connection, limit: int) -> list[Delivery]:
    """The newest deliveries, in whatever state."""
    query = _query().order_by(t.delivery.c.due_at.desc(), t.delivery.c.id).limit(limit)
    return [_delivery(row) for row in connection.execute(query)]


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries stand in each state."""
    query = select(t.delivery.c.state, func.count()).group_by(t.delivery.c.state)
    return {row.state: int(row[1]) for row in connection.execute(query)}


def day_before(now: datetime) -> datetime:
    """The beginning of the 24 hours that a daily limit counts."""
    return now - timedelta(days=1)


def _query() -> Any:
    return select(t.delivery, t.subscriber.c.address, t.subscriber.c.token).join(
        t.subscriber, t.subscriber.c.id == t.delivery.c.subscriber
    )


def _set(connection: Connection, delivery: Delivery, **values: Any) -> None:
    connection.execute(update(t.delivery).where(t.delivery.c.id == delivery.id).values(**values))


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.id,
        row.edition,
        row.address,
        row.message_id,
        row.token,
        DeliveryState(row.state),
        row.attempts,
        row.due_at,
        row.reason,
    )
