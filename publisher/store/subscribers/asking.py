"""People who speak for themselves: they ask, confirm that it was them, and change what they get."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, select

from publisher.model import Consent, Origin, Rhythm, Subscriber, SubscriberState, Subscription
from publisher.store import tables as t
from publisher.store.dialects import insert_into
from publisher.store.secret import hash_of, secret
from publisher.store.subscribers import leaving
from publisher.store.subscribers.events import happened
from publisher.store.subscribers.joining import put_subscriptions
from publisher.store.subscribers.questions import find
from publisher.store.subscribers.states import CONFIRMABLE


def ask(connection: Connection, person: Subscriber, now: datetime) -> tuple[int, int]:
    """Note what somebody asks for in the name of an address; his number, and that of the request.

    Nothing else changes, whoever has the address, until the request is confirmed. The same request keeps
    its number, another one takes the place of the one before.
    """
    new = {"address": person.address, "key": person.key, "state": SubscriberState.PENDING, "since": now}
    connection.execute(insert_into(connection, t.subscriber).values(new).on_conflict_do_nothing())
    number = select(t.subscriber.c.number).where(t.subscriber.c.key == person.key)
    subscriber = connection.execute(number).scalar_one()
    consent = person.consent or Consent(now, "")
    asked = {"choices": _dumped(person.subscriptions), "language": person.language}
    when = {"at": consent.at, "source": consent.source, "text": consent.text}
    mine = t.request.c.subscriber == subscriber
    before = connection.execute(select(t.request).where(mine)).one_or_none()
    if before and asked == {name: before._mapping[name] for name in asked}:
        connection.execute(t.request.update().where(mine).values(**when))
        return subscriber, before.number
    connection.execute(t.request.delete().where(mine))
    connection.execute(t.request.insert().values(subscriber=subscriber, **asked, **when))
    happened(connection, now, "asked", {subscriber: _named(person.subscriptions, consent.source)})
    return subscriber, connection.execute(select(t.request.c.number).where(mine)).scalar_one()


def confirm(connection: Connection, number: int, request: int, now: datetime) -> bool:
    """Do what a request asks for; false where it is not open, or the address may never be mailed again."""
    mine = (t.request.c.number == request) & (t.request.c.subscriber == number)
    asked = connection.execute(select(t.request).where(mine)).one_or_none()
    person = find(connection, t.subscriber.c.number == number)
    if asked is None or person is None or person.state not in CONFIRMABLE:
        return False
    choices = _loaded(asked)
    connection.execute(t.request.delete().where(mine))
    _come_back(connection, number, choices)
    forgotten = t.suppression.c.hash == hash_of(secret(connection), person.key)
    connection.execute(t.suppression.delete().where(forgotten))
    row = {"consent_at": asked.at, "consent_source": asked.source, "consent_text": asked.text, "bounces": 0}
    since = person.since if person.state is SubscriberState.ACTIVE else now
    connection.execute(
        t.subscriber.update()
        .where(t.subscriber.c.number == number)
        .values(**row, state=SubscriberState.ACTIVE, since=since, language=asked.language or person.language)
    )
    happened(connection, now, "confirmed", {number: _named(choices, asked.source)})
    return True


def change(
    connection: Connection, number: int, choices: Sequence[Subscription], language: str, now: datetime
) -> bool:
    """Bring what an active subscriber gets to exactly these choices of his; false where he is not active.

    Who chooses nothing unsubscribes.
    """
    person = find(connection, t.subscriber.c.number == number)
    if person is None or person.state is not SubscriberState.ACTIVE:
        return False
    if not choices:
        return leaving.unsubscribe(connection, number, "", "preferences", now)
    wanted = {mine.digest: mine for mine in choices}
    before = {mine.digest: mine for mine in person.subscriptions}
    chosen = [mine for mine in choices if _choice(before.get(mine.digest)) != _choice(mine)]
    _come_back(connection, number, chosen)
    for digest in sorted(before.keys() - wanted.keys()):
        leaving.unsubscribe(connection, number, digest, "preferences", now)
    if language != person.language:
        mine = t.subscriber.c.number == number
        connection.execute(t.subscriber.update().where(mine).values(language=language))
    if chosen or language != person.language:
        happened(connection, now, "changed", {number: _named(chosen, "preferences")})
    return True


def _come_back(connection: Connection, number: int, choices: Sequence[Subscription]) -> None:
    """Give somebody what he chose himself, whatever he left before."""
    left = t.departure.c.digest.in_([mine.digest for mine in choices])
    connection.execute(t.departure.delete().where(left, t.departure.c.subscriber == number))
    put_subscriptions(connection, [(number, mine) for mine in choices])


def _choice(mine: Subscription | None) -> object:
    return mine and (mine.origin, mine.keywords, mine.rhythm, mine.weekday, mine.length)


def _named(choices: Sequence[Subscription], source: str) -> str:
    digests = ", ".join(mine.digest for mine in choices)
    return f"{digests} ({source})" if digests and source else digests or source


def _dumped(choices: Sequence[Subscription]) -> str:
    rows = [[mine.digest, mine.keywords, mine.rhythm, mine.weekday, mine.length] for mine in choices]
    return json.dumps(rows, ensure_ascii=False)


def _loaded(asked: Row[tuple[object, ...]]) -> list[Subscription]:
    return [
        Subscription(digest, tuple(keywords), Rhythm(rhythm), weekday, length, Origin.READER)
        for digest, keywords, rhythm, weekday, length in json.loads(asked.choices)
    ]
