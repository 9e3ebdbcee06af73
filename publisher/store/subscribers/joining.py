"""People who are added by others than themselves: imports, the command line, the owner's own list.

A batch is one transaction with a handful of statements, whatever its length.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, exists, func, insert, or_, select

from publisher import mailboxes
from publisher.model import Admission, Origin, Subscriber, SubscriberState, Subscription, Verdict
from publisher.store import tables as t
from publisher.store.dialects import execute_many, insert_into, listed, numbered
from publisher.store.secret import hash_of, secret
from publisher.store.subscribers.events import happened
from publisher.store.subscribers.leaving import leave
from publisher.store.subscribers.questions import subscription
from publisher.store.subscribers.states import Standing, admission

_ERASED = Admission(Verdict.REFUSED, "was erased and is not brought back")
_WELCOME = (Verdict.ADDED, Verdict.CHANGED)


def admit(
    connection: Connection, people: Sequence[Subscriber], source: str, now: datetime, *, change: bool
) -> list[Admission]:
    """Add people, in their order, where `states.admission` allows it; what became of each.

    Their numbers count for nothing. Somebody may stand in it several times, as with several digests.
    """
    keys = {person.key for person in people}
    known, gone = standings(connection, keys), erased(connection, keys)
    batch = _Batch(source, now)
    verdicts = []
    for person in people:
        standing = known.get(person.key)
        verdict = _ERASED if person.key in gone else admission(person, standing, change=change)
        verdicts.append(verdict)
        if verdict.verdict in (*_WELCOME, Verdict.LEFT):
            known[person.key] = batch.take(person, standing, verdict.verdict, change=change)
    batch.write(connection)
    return verdicts


def sync_owner_list(
    connection: Connection, digest: str, recipients: Collection[str], now: datetime
) -> tuple[int, int]:
    """Bring the owner's part of a digest's list in line with `recipients`; how many came, and how many went."""
    wanted = {mailboxes.key_of(mailbox): mailboxes.parted(mailbox)[1] for mailbox in recipients}
    for key in erased(connection, wanted):
        del wanted[key]
    # Only those who are new: what stands in the way of an insertion takes a number all the same (PostgreSQL).
    known = _numbers(connection, wanted)
    new = {key: address for key, address in wanted.items() if key not in known}
    rows = [_subscriber_row(_listed_person(key, address), now) for key, address in new.items()]
    execute_many(connection, insert_into(connection, t.subscriber).on_conflict_do_nothing(), rows)
    keys = select(t.subscriber.c.number).where(t.subscriber.c.key.in_(listed(connection, wanted)))
    mine = t.subscription.c.digest == digest
    gone = connection.execute(
        t.subscription.delete()
        .where(mine, t.subscription.c.origin == Origin.OWNER, t.subscription.c.subscriber.not_in(keys))
        .returning(t.subscription.c.subscriber)
    ).all()
    has = exists().where(mine, t.subscription.c.subscriber == t.subscriber.c.number)
    of_it = or_(t.departure.c.digest == digest, t.departure.c.digest == "")
    left = exists().where(of_it, t.departure.c.subscriber == t.subscriber.c.number)
    fresh = connection.execute(
        keys.where(t.subscriber.c.state == SubscriberState.ACTIVE, ~has, ~left).order_by(
            t.subscriber.c.number
        )
    ).all()
    through = covered(connection, {digest})[digest]
    listing = Subscription(digest, origin=Origin.OWNER)
    if fresh:
        connection.execute(
            insert(t.subscription), [subscription_row(row[0], listing, through) for row in fresh]
        )
    happened(connection, now, "listed", {row[0]: digest for row in fresh})
    happened(connection, now, "unlisted", {row[0]: digest for row in gone})
    return len(fresh), len(gone)


def subscription_row(number: int, mine: Subscription, through: datetime | None) -> dict[str, Any]:
    """A row of the table `subscription`."""
    return {
        "digest": mine.digest,
        "subscriber": number,
        "keywords": _dumped(mine.keywords),
        "rhythm": mine.rhythm.value,
        "weekday": mine.weekday,
        "length": mine.length,
        "origin": mine.origin.value,
        "through": through,
    }


def put_subscriptions(connection: Connection, wanted: Iterable[tuple[int, Subscription]]) -> None:
    """Add subscriptions by number, or bring those that stand to these choices.

    A new one gets editions from the next that is recorded, whenever that was due.
    """
    pairs = list(wanted)
    if not pairs:
        return
    through = covered(connection, {mine.digest for _, mine in pairs})
    put = insert_into(connection, t.subscription)
    chosen = ("keywords", "rhythm", "weekday", "length", "origin")
    put = put.on_conflict_do_update(
        index_elements=["digest", "subscriber"], set_={name: put.excluded[name] for name in chosen}
    )
    rows = [subscription_row(number, mine, through[mine.digest]) for number, mine in pairs]
    execute_many(connection, put, rows)


@lru_cache(maxsize=1024)
def _dumped(labels: tuple[str, ...]) -> str:
    return json.dumps(labels, ensure_ascii=False)


class _Batch:
    """What is to be written for people who were admitted, collected by key until they have numbers."""

    def __init__(self, source: str, now: datetime) -> None:
        self._source, self._now = source, now
        self._new: dict[str, Subscriber] = {}
        self._states: dict[str, Subscriber] = {}
        self._gone: dict[str, SubscriberState] = {}
        self._subscriptions: dict[str, dict[str, Subscription]] = {}
        self._events: list[tuple[str, datetime, str, str]] = []

    def take(
        self, person: Subscriber, standing: Standing | None, verdict: Verdict, *, change: bool
    ) -> Standing:
        """Collect what an admission leads to; how the person stands after it."""
        if standing is None:
            self._new[person.key] = person
            self._events += [(person.key, each.at, each.what, each.detail) for each in person.history]
            standing = Standing(person.state)
        elif verdict is Verdict.LEFT:
            self._gone[person.key] = person.state
            self._subscriptions.pop(person.key, None)
            standing = Standing(person.state, left=standing.left | {""})
        elif standing.state is not SubscriberState.ACTIVE:
            self._states[person.key] = person
            standing.state = SubscriberState.ACTIVE
        taken = [] if verdict is Verdict.LEFT else self._chosen(person, standing, change=change)
        for mine in taken:
            self._subscriptions.setdefault(person.key, {})[mine.digest] = mine
            standing.gets[mine.digest] = mine
        what = {Verdict.ADDED: "subscribed", Verdict.CHANGED: "changed"}.get(verdict, person.state)
        detail = f"{', '.join(mine.digest for mine in taken)} ({self._source})" if taken else self._source
        self._events.append((person.key, self._now, what, detail))
        return standing

    def write(self, connection: Connection) -> None:
        """Write all of it."""
        if self._new:
            rows = [_subscriber_row(person, self._now) for person in self._new.values()]
            execute_many(connection, insert(t.subscriber), rows)
        keys = {key for key, *_ in self._events}
        numbers = _numbers(connection, keys)
        for key, person in self._states.items():
            row = _subscriber_row(person, self._now)
            mine = t.subscriber.update().where(t.subscriber.c.number == numbers[key])
            connection.execute(mine.values({name: row[name] for name in _ON_JOINING}))
        for key, state in self._gone.items():
            leave(connection, numbers[key], state, self._now)
        chosen = self._subscriptions.items()
        put_subscriptions(connection, [(numbers[key], mine) for key, own in chosen for mine in own.values()])
        if self._events:
            rows = [
                {"subscriber": numbers[key], "at": at, "what": what, "detail": detail}
                for key, at, what, detail in self._events
            ]
            execute_many(connection, insert(t.subscriber_event), rows)

    @staticmethod
    def _chosen(person: Subscriber, standing: Standing, *, change: bool) -> list[Subscription]:
        wanted = person.subscriptions
        return [mine for mine in wanted if standing.lacks(mine) or (change and standing.differs(mine))]


_ON_JOINING = ("state", "since", "language", "consent_at", "consent_source", "consent_text")


def _subscriber_row(person: Subscriber, now: datetime) -> dict[str, Any]:
    consent = person.consent
    return {
        "address": person.address,
        "key": person.key,
        "state": person.state.value,
        "language": person.language,
        "since": person.since or (consent.at if consent else now),
        "consent_at": consent.at if consent else None,
        "consent_source": consent.source if consent else "",
        "consent_text": consent.text if consent else "",
        "bounces": 0,
    }


def _listed_person(key: str, address: str) -> Subscriber:
    return Subscriber(0, address, key, SubscriberState.ACTIVE)


def _numbers(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    query = select(t.subscriber.c.key, t.subscriber.c.number).where(
        t.subscriber.c.key.in_(listed(connection, keys))
    )
    return {row.key: row.number for row in connection.execute(query)}


def standings(connection: Connection, keys: Collection[str]) -> dict[str, Standing]:
    """How those of the keys stand that are known."""
    query = select(t.subscriber.c.key, t.subscriber.c.number, t.subscriber.c.state)
    rows = connection.execute(query.where(t.subscriber.c.key.in_(listed(connection, keys)))).all()
    found = {row.number: Standing(SubscriberState(row.state)) for row in rows}
    theirs = numbered(connection, found)
    for row in connection.execute(select(t.subscription).where(t.subscription.c.subscriber.in_(theirs))):
        found[row.subscriber].gets[row.digest] = subscription(row)
    for row in connection.execute(select(t.departure).where(t.departure.c.subscriber.in_(theirs))):
        found[row.subscriber].left.add(row.digest)
    return {row.key: found[row.number] for row in rows}


def erased(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of the keys that were erased."""
    if not connection.execute(select(exists(select(t.suppression)))).scalar_one():
        return set()
    made_with = secret(connection)
    hashes = {hash_of(made_with, key): key for key in keys}
    found = connection.execute(
        select(t.suppression.c.hash).where(t.suppression.c.hash.in_(listed(connection, hashes)))
    )
    return {hashes[row.hash] for row in found}


def covered(connection: Connection, digests: Iterable[str]) -> Mapping[str, datetime | None]:
    """For each digest when its last recorded edition was due."""
    latest = select(func.max(t.edition.c.due_at))
    return {
        digest: connection.execute(latest.where(t.edition.c.digest == digest)).scalar() for digest in digests
    }
