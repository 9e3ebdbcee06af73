"""Pings: which hub is still to be told of which document (W3C WebSub, section 6).

A row stands from the moment that a document changed until the hub took the news, or the news is given
up. Before a ping leaves, its attempt is counted and committed, so that a row which is being sent has
at least one; a document that changes meanwhile sets it back to none. What became of a ping is
therefore written only where the row still has the attempts that it left with: news that came while
the older news was on its way is never lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from publisher.model import Ping
from publisher.store import tables as t
from publisher.store.columns import Moment
from publisher.store.dialects import insert_into

_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_MANY = 500


def record(connection: Connection, pings: Sequence[Ping]) -> None:
    """Remember pings, due at once where they do not say when; one that stands already begins anew."""
    rows = [
        {"hub": p.hub, "topic": p.topic, "attempts": 0, "due_at": p.due or _AT_ONCE, "reason": ""}
        for p in pings
    ]
    if rows:
        new = insert_into(connection, t.ping)
        anew = {name: new.excluded[name] for name in ("attempts", "due_at", "reason")}
        connection.execute(new.on_conflict_do_update(index_elements=["hub", "topic"], set_=anew), rows)


def waiting(connection: Connection, now: datetime | None = None) -> Iterator[Ping]:
    """Pings whose moment has come by `now`, or all; the soonest first, then those that stand longest."""
    query = select(t.ping).order_by(t.ping.c.due_at, t.ping.c.number)
    if now is not None:
        query = query.where(t.ping.c.due_at <= now)
    return map(_ping, connection.execute(query))


def soonest(connection: Connection, now: datetime) -> datetime | None:
    """The first moment after `now` at which a ping is due."""
    query = select(func.min(t.ping.c.due_at, type_=Moment())).where(t.ping.c.due_at > now)
    return connection.execute(query).scalar()


def begin(connection: Connection, pings: Sequence[Ping]) -> list[Ping]:
    """Count an attempt for each ping that is about to leave; the pings as they stand now."""
    begun = [replace(ping, attempts=ping.attempts + 1) for ping in pings]
    for ping in begun:
        same = (t.ping.c.hub == ping.hub) & (t.ping.c.topic == ping.topic)
        connection.execute(update(t.ping).where(same).values(attempts=ping.attempts))
    return begun


def finish(connection: Connection, pings: Sequence[Ping]) -> None:
    """Forget pings that were taken, or given up, unless they became due anew since they left."""
    for ping in pings:
        connection.execute(delete(t.ping).where(_as_it_left(ping)))


def postpone(connection: Connection, pings: Sequence[Ping]) -> None:
    """Try pings again at their `due`, with their `reason`, unless they became due anew since they left."""
    for ping in pings:
        later = update(t.ping).where(_as_it_left(ping))
        connection.execute(later.values(due_at=ping.due or _AT_ONCE, reason=ping.reason))


def drop(connection: Connection, hubs: Collection[str]) -> None:
    """Forget every ping of these hubs."""
    names = sorted(hubs)
    for start in range(0, len(names), _MANY):
        connection.execute(delete(t.ping).where(t.ping.c.hub.in_(names[start : start + _MANY])))


def _as_it_left(ping: Ping) -> Any:
    return (t.ping.c.hub == ping.hub) & (t.ping.c.topic == ping.topic) & (t.ping.c.attempts == ping.attempts)


def _ping(row: Row[Any]) -> Ping:
    return Ping(row.hub, row.topic, row.attempts, row.due_at, row.reason)
