"""Questions about subscribers; rows become `publisher.model.Subscriber` here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, select, true

from publisher.model import Consent, Happening, Origin, Rhythm, Subscriber, SubscriberState, Subscription
from publisher.store import tables as t

_FETCHED = 1000


def find(connection: Connection, where: ColumnElement[bool]) -> Subscriber | None:
    """The subscriber of whom it is true, which can be one at most; without history."""
    return next(_people(connection.execute(_query().where(where))), None)


def stream(
    connection: Connection, state: SubscriberState | None, digest: str, *, history: bool
) -> Iterator[Subscriber]:
    """Every subscriber in that state, and to that digest, by number; a few at a time are in memory."""
    streaming = connection.execution_options(yield_per=_FETCHED)
    found = _people(streaming.execute(_query().where(_filter(state, digest))))
    return _with_history(streaming, found) if history else found


def count(connection: Connection, state: SubscriberState | None, digest: str) -> int:
    """How many subscribers there are in that state, and to that digest."""
    query = select(func.count()).select_from(t.subscriber).where(_filter(state, digest))
    return int(connection.execute(query).scalar_one())


def history(connection: Connection, number: int) -> list[Happening]:
    """What happened to a subscriber, in order."""
    event = t.subscriber_event
    rows = connection.execute(select(event).where(event.c.subscriber == number).order_by(event.c.id))
    return [Happening(row.at, row.what, row.detail) for row in rows]


def subscription(row: Row[Any]) -> Subscription:
    """A row of the table `subscription`, among others or alone."""
    return Subscription(
        row.digest,
        _labels(row.keywords),
        Rhythm(row.rhythm),
        row.weekday,
        row.length,
        Origin(row.origin),
        row.through,
    )


def _query() -> Select[Any]:
    columns = [column for column in t.subscription.c if column.name != "subscriber"]
    joined = t.subscriber.outerjoin(t.subscription, t.subscription.c.subscriber == t.subscriber.c.number)
    query = select(t.subscriber, *columns).select_from(joined)
    return query.order_by(t.subscriber.c.number, t.subscription.c.digest)


def _filter(state: SubscriberState | None, digest: str) -> ColumnElement[bool]:
    mine = and_(t.subscription.c.digest == digest, t.subscription.c.subscriber == t.subscriber.c.number)
    return and_(
        t.subscriber.c.state == state if state else true(),
        exists().where(mine).correlate(t.subscriber) if digest else true(),
    )


def _people(rows: Any) -> Iterator[Subscriber]:
    for _, group in groupby(rows, key=lambda row: row.number):
        own = list(group)
        yield _subscriber(own[0], tuple(subscription(row) for row in own if row.digest is not None))


def _subscriber(row: Row[Any], subscriptions: tuple[Subscription, ...]) -> Subscriber:
    consent = row.consent_at and Consent(row.consent_at, row.consent_source, row.consent_text)
    return Subscriber(
        row.number,
        row.address,
        row.key,
        SubscriberState(row.state),
        row.language,
        row.since,
        consent,
        row.bounces,
        subscriptions,
    )


def _with_history(connection: Connection, people: Iterator[Subscriber]) -> Iterator[Subscriber]:
    """Two streams in the order of numbers, side by side."""
    event = t.subscriber_event
    rows = connection.execute(select(event).order_by(event.c.subscriber, event.c.id))
    groups = groupby(rows, key=lambda row: row.subscriber)
    number, own = next(groups, (None, iter(())))
    for person in people:
        while number is not None and number < person.number:
            number, own = next(groups, (None, iter(())))
        mine = (
            tuple(Happening(row.at, row.what, row.detail) for row in own) if number == person.number else ()
        )
        yield replace(person, history=mine)


@lru_cache(maxsize=1024)
def _labels(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
