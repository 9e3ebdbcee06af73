"""Who is on the list of a digest, in groups that get the same; and the deliveries that an edition means for them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Join,
    MetaData,
    Select,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
)

from publisher.mailboxes import key_of
from publisher.model import Audience, DeliveryState, Origin, Rhythm, SubscriberState
from publisher.store import tables as t
from publisher.store.columns import WORDS, Moment
from publisher.store.dialects import count, insert_into, listed
from publisher.store.ledger import FIRST, REST
from publisher.store.subscribers import joining

_DUE = Table(
    "due",
    MetaData(),
    Column("keywords", WORDS),
    Column("rhythm", WORDS),
    Column("weekday", Integer),
    Column("length", Integer),
    Column("language", WORDS),
    Column("through", Moment),
    Column("part", Integer),
    prefixes=["TEMPORARY"],
)
"""Audiences that are due, for a join: there may be as many as subscribers."""
Index("due_alike", *(_DUE.c[name] for name in ("keywords", "language", "rhythm", "weekday", "length")))

_FRESH = [
    *("edition", "subscriber", "part", "state", "attempts", "repeats", "doubtful", "due_at", "reason", "rank")
]
"""What is said of a delivery that nobody has tried yet."""
_MANY = 1000
"""Deliveries of an edition that change what the database must know of all of them."""

_SAME = and_(
    t.subscription.c.keywords == _DUE.c.keywords,
    t.subscription.c.rhythm == _DUE.c.rhythm,
    t.subscription.c.weekday == _DUE.c.weekday,
    t.subscription.c.length == _DUE.c.length,
    t.subscriber.c.language == _DUE.c.language,
    t.subscription.c.through.is_not_distinct_from(_DUE.c.through),
)


def audiences(connection: Connection, digest: str, recipients: Collection[str]) -> list[Audience]:
    """The active subscriptions to a digest by what decides what they get, the owner's `recipients` among them.

    They are counted as if the owner's list were in line already.
    """
    mine, person = t.subscription.c, t.subscriber.c
    keys = set(map(key_of, recipients))
    here = or_(mine.origin != Origin.OWNER, person.key.in_(listed(connection, keys)))
    facts = (mine.keywords, mine.rhythm, mine.weekday, mine.length, person.language, mine.through)
    query = (
        select(*facts, func.count())
        .join_from(t.subscription, t.subscriber, person.number == mine.subscriber)
        .where(mine.digest == digest, person.state == SubscriberState.ACTIVE, here)
        .group_by(*facts)
    )
    found = [_audience(*row) for row in connection.execute(query).all()]
    if new := _newcomers(connection, digest, keys):
        found.append(Audience(through=joining.covered(connection, {digest})[digest], count=new))
    return found


def _newcomers(connection: Connection, digest: str, keys: set[str]) -> int:
    """How many of the owner's list will come to it when it is brought in line."""
    standings = joining.standings(connection, keys)

    def comes(key: str) -> bool:
        known = standings.get(key)
        if known is None:
            return True
        active = known.state is SubscriberState.ACTIVE
        return active and digest not in known.gets and known.left.isdisjoint({digest, ""})

    return sum(map(comes, keys - joining.erased(connection, keys)))


def deliveries(
    connection: Connection,
    digest: str,
    edition: int,
    due: Iterable[tuple[Audience, int | None]],
    covered: datetime,
    recorded: datetime,
) -> None:
    """A delivery for everybody in an audience that has a part, by number; all of them are covered until `covered`."""
    _DUE.create(connection)
    rows = [_row(audience, part) for audience, part in due]
    if rows:
        connection.execute(insert(_DUE), rows)
    mine = t.subscription
    joined = mine.join(t.subscriber, t.subscriber.c.number == mine.c.subscriber).join(_DUE, _SAME)
    active = and_(mine.c.digest == digest, t.subscriber.c.state == SubscriberState.ACTIVE)
    made = connection.execute(
        insert_into(connection, t.delivery)
        .from_select(_FRESH, _fresh(edition, recorded, joined).where(active))
        .on_conflict_do_nothing(),
        execution_options={"preserve_rowcount": True},
    )
    if made.rowcount >= _MANY:
        count(connection, t.delivery)
    this = t.edition.update().where(t.edition.c.number == edition)
    connection.execute(this.values(recipients=t.edition.c.recipients + made.rowcount))
    here = select(mine.c.subscriber).select_from(joined).where(active)
    connection.execute(
        mine.update().where(mine.c.digest == digest, mine.c.subscriber.in_(here)).values(through=covered)
    )
    _DUE.drop(connection)


def _fresh(edition: int, recorded: datetime, due: Join) -> Select[Any]:
    """Deliveries of an edition that nobody has tried yet, due at once to those who are; see `_FRESH`."""
    corrects = t.part.c.corrections != "[]"
    return (
        select(
            literal(edition),
            t.subscription.c.subscriber,
            _DUE.c.part,
            literal(str(DeliveryState.PENDING), WORDS),
            literal(0),
            literal(0),
            literal(False),
            literal(recorded, Moment),
            literal("", WORDS),
            case((corrects, literal(FIRST)), else_=literal(REST)),
        )
        .select_from(due.join(t.part, t.part.c.number == _DUE.c.part))
        .order_by(t.subscription.c.subscriber)
    )


def _audience(
    keywords: str,
    rhythm: str,
    weekday: int,
    length: int,
    language: str,
    through: datetime | None,
    count: int,
) -> Audience:
    labels = tuple(json.loads(keywords)) if keywords != "[]" else ()
    return Audience(labels, Rhythm(rhythm), weekday, length, language, through, count)


def _row(audience: Audience, part: int | None) -> dict[str, Any]:
    return {
        "keywords": json.dumps(audience.keywords, ensure_ascii=False) if audience.keywords else "[]",
        "rhythm": audience.rhythm,
        "weekday": audience.weekday,
        "length": audience.length,
        "language": audience.language,
        "through": audience.through,
        "part": part,
    }
