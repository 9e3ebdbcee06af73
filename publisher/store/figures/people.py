"""Subscribers in numbers."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from publisher.model import Happened, SubscriberState
from publisher.store import tables as t
from publisher.store.columns import seconds_of
from publisher.store.dialects import spelled

_HAPPENED = """
    SELECT (at + ?) / 86400 AS day, what, count(*) FROM subscriber_event WHERE at >= ?
    GROUP BY day, what ORDER BY day, what"""
_FIRST = date(1970, 1, 1)


def states(connection: Connection) -> dict[SubscriberState, int]:
    """How many subscribers are in each state; those that are in none are missing."""
    person = t.subscriber
    passive = person.c.state != bindparam("active", SubscriberState.ACTIVE, literal_execute=True)
    query = select(person.c.state, func.count()).where(passive).group_by(person.c.state)
    found = {SubscriberState(state): int(number) for state, number in connection.execute(query)}
    total = int(connection.execute(select(func.count()).select_from(person)).scalar_one())
    active = total - sum(found.values())
    return ({SubscriberState.ACTIVE: active} if active else {}) | found


def happened(connection: Connection, since: datetime, offset: timedelta) -> list[Happened]:
    """What happened to subscribers on each day from `since` on; days begin at `offset` from UTC."""
    rows = connection.exec_driver_sql(
        spelled(connection, _HAPPENED), (int(offset.total_seconds()), seconds_of(since))
    )
    return [Happened(_FIRST + timedelta(day), what, int(count)) for day, what, count in rows]
