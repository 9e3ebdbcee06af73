"""People who go: by their own wish, because mail does not reach them, or without a trace."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from publisher.model import SubscriberState
from publisher.store import tables as t
from publisher.store.dialects import insert_into, numbered
from publisher.store.secret import hash_of, secret
from publisher.store.subscribers.events import happened
from publisher.store.subscribers.states import BEFORE

_UNSUBSCRIBED, _BOUNCED = SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED
_COMPLAINED = SubscriberState.COMPLAINED


def unsubscribe(connection: Connection, number: int, digest: str, reason: str, now: datetime) -> bool:
    """Take a subscriber off the list of a digest, or of all where it is empty; false where he was off already.

    Who is on no list any more is unsubscribed. No list of the owner's brings him back.
    """
    state = _state(connection, number)
    if state is None or not _part(connection, number, digest, now):
        return False
    if not _subscriptions(connection, number) and state in BEFORE[_UNSUBSCRIBED]:
        _become(connection, number, _UNSUBSCRIBED)
    if not digest:
        _withdraw(connection, number)
    detail = ": ".join(filter(None, (digest, reason)))
    happened(connection, now, "unsubscribed", {number: detail})
    return True


def leave(connection: Connection, number: int, state: SubscriberState, now: datetime) -> None:
    """Put a subscriber into one of the states that get no mail; who unsubscribed leaves every list."""
    if state is _UNSUBSCRIBED:
        _part(connection, number, "", now)
    _withdraw(connection, number)
    _become(connection, number, state)


def bounced(
    connection: Connection, number: int, *, hard: bool, limit: int, reason: str, now: datetime
) -> SubscriberState:
    """Count a message that did not arrive: a hard one, or `limit` soft ones in a row, end it; the state then."""
    count = t.subscriber.update().where(t.subscriber.c.number == number)
    row = connection.execute(
        count.values(bounces=t.subscriber.c.bounces + 1).returning(
            t.subscriber.c.bounces, t.subscriber.c.state
        )
    ).one_or_none()
    if row is None:
        return _UNSUBSCRIBED
    if (hard or row.bounces >= limit) and row.state in BEFORE[_BOUNCED]:
        leave(connection, number, _BOUNCED, now)
        happened(connection, now, "bounced", {number: reason})
        return _BOUNCED
    happened(connection, now, "bounce", {number: reason})
    return SubscriberState(row.state)


def delivered(connection: Connection, numbers: Iterable[int]) -> None:
    """Messages arrived: soft bounces of these subscribers are counted from the beginning."""
    theirs = t.subscriber.c.number.in_(numbered(connection, numbers))
    connection.execute(t.subscriber.update().where(theirs, t.subscriber.c.bounces > 0).values(bounces=0))


def complained(connection: Connection, number: int, reason: str, now: datetime) -> bool:
    """Somebody called a message spam: he never gets another; false where that was known."""
    if _state(connection, number) not in BEFORE[_COMPLAINED]:
        return False
    leave(connection, number, _COMPLAINED, now)
    happened(connection, now, "complained", {number: reason})
    return True


def erase(connection: Connection, key: str, now: datetime) -> bool:
    """Forget an address, its history and its deliveries, but for a keyed hash; whether it was known."""
    hashed = {"hash": hash_of(secret(connection), key), "reason": "erased", "at": now}
    connection.execute(insert_into(connection, t.suppression).values(hashed).on_conflict_do_nothing())
    number = connection.execute(select(t.subscriber.c.number).where(t.subscriber.c.key == key)).scalar()
    if number is None:
        return False
    # By edition, which the key of the ledger begins with: it has no index by subscriber.
    editions = t.delivery.c.edition.in_(select(t.edition.c.number))
    mine = t.delivery.c.subscriber == number
    fewer = t.edition.update().where(
        t.edition.c.number.in_(select(t.delivery.c.edition).where(editions, mine))
    )
    connection.execute(fewer.values(recipients=t.edition.c.recipients - 1))
    connection.execute(t.delivery.delete().where(editions, mine))
    connection.execute(t.subscriber.delete().where(t.subscriber.c.number == number))
    return True


def forget_unconfirmed(connection: Connection, before: datetime) -> int:
    """Forget what was asked for before a moment and never confirmed; how many addresses went with it."""
    connection.execute(t.request.delete().where(t.request.c.at < before))
    asked = select(t.request.c.subscriber)
    mine = t.subscriber.c
    old = (mine.state == SubscriberState.PENDING) & (mine.since < before) & mine.number.not_in(asked)
    return connection.execute(t.subscriber.delete().where(old)).rowcount


def _part(connection: Connection, number: int, digest: str, now: datetime) -> bool:
    """Note the departure and drop the subscriptions; whether that was news."""
    mine = t.subscription.c.subscriber == number
    if digest:
        mine &= t.subscription.c.digest == digest
    dropped = connection.execute(t.subscription.delete().where(mine).returning(t.subscription.c.digest)).all()
    left = {digest, *(row.digest for row in dropped)}
    note = insert_into(connection, t.departure).on_conflict_do_nothing().returning(t.departure.c.digest)
    rows = [{"digest": each, "subscriber": number, "at": now} for each in sorted(left)]
    noted = [connection.execute(note.values(row)).first() for row in rows]
    return bool(dropped) or any(noted)


def _state(connection: Connection, number: int) -> SubscriberState | None:
    found = connection.execute(select(t.subscriber.c.state).where(t.subscriber.c.number == number)).scalar()
    return SubscriberState(found) if found else None


def _subscriptions(connection: Connection, number: int) -> int:
    mine = select(func.count()).where(t.subscription.c.subscriber == number)
    return int(connection.execute(mine).scalar_one())


def _become(connection: Connection, number: int, state: SubscriberState) -> None:
    connection.execute(t.subscriber.update().where(t.subscriber.c.number == number).values(state=state))


def _withdraw(connection: Connection, number: int) -> None:
    connection.execute(t.request.delete().where(t.request.c.subscriber == number))
