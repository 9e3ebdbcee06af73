"""The ledger of deliveries: what may be sent next, and what became of it.

::

    pending ─ claim ─▶ claimed ─ leave ─▶ sending ─ settle ─▶ sent, failed
       ▲                  │                  │
       └──── release ─────┘                  └─ settle or recover ─▶ uncertain ─ claim ─▶ …

A row is `sending`, committed, before the first byte of its body leaves. Found in that state when its
lease is over, the message may have arrived: the delivery is `uncertain`. One that is `due` is sent once
more, with the same Message-ID; one that is not waits for a person.

A process that was cut off and comes back still has what it had claimed, while another may have taken that over:
its lease tells, so nothing of it leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union_all,
    update,
)

from publisher.model import Delivery, DeliveryKey, DeliveryState, SubscriberState
from publisher.store import tables as t
from publisher.store.columns import Moment
from publisher.store.dialects import spelled

_OPEN = (DeliveryState.PENDING, DeliveryState.UNCERTAIN)
_TAKEN = (DeliveryState.CLAIMED, DeliveryState.SENDING)
FIRST, REST = 0, 1
"""Ranks of deliveries: what holds corrections, and everything else."""
_D, _S, _E = t.delivery, t.subscriber, t.edition
# Written into the statement: SQLite uses an index over some rows only where it sees that it asks for those.
_IS_OPEN = and_(
    _D.c.state.in_(bindparam("open", _OPEN, expanding=True, literal_execute=True)),
    _D.c.rank.in_((FIRST, REST)),
)
_IS_TAKEN = _D.c.state.in_(bindparam("taken", _TAKEN, expanding=True, literal_execute=True))
# A sum, here and below: the index over leases would be asked for a whole claim, and PostgreSQL takes that for little.
_MINE = and_(
    _D.c.edition == bindparam("of"),
    _D.c.subscriber == bindparam("to"),
    type_coerce(_D.c.lease_at, BigInteger) + literal_column("0") == bindparam("lease", type_=Moment()),
)
"""A delivery as long as nobody took it over from a process that seemed to be gone: that would have another lease."""
_RESTING = case((_D.c.doubtful, DeliveryState.UNCERTAIN), else_=DeliveryState.PENDING)
_UNCLAIMED: dict[str, Any] = {"state": _RESTING, "lease_at": None}
"""A claim that came to nothing: what was in doubt before is in doubt again."""
# What every message takes is written out: to the driver as it is, it costs a fifth of a built statement.
_LEAVE = """
    UPDATE delivery SET state = 'sending', attempts = attempts + 1, repeats = repeats + CAST(doubtful AS INTEGER)
    WHERE edition = ? AND subscriber = ? AND lease_at + 0 = ?"""
_SENT = """
    UPDATE delivery SET state = 'sent', sent_at = ?, lease_at = NULL, due_at = NULL, reason = ''
    WHERE edition = ? AND subscriber = ?"""
_CLAIM = "UPDATE delivery SET state = 'claimed', lease_at = ? WHERE edition = ? AND subscriber = ?"
_TALLY = """
    INSERT INTO tally (hour, relay, sent) VALUES (?, ?, ?)
    ON CONFLICT (hour, relay) DO UPDATE SET sent = tally.sent + excluded.sent"""


Leases = Mapping[DeliveryKey, datetime]
"""When each claim of a process is over."""


class Taken(Exception):
    """Another process took over what this one had claimed, as that seemed to be gone."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a delivery is after a try: its state, when it is `due` again if it is, why, and how many tries count."""

    key: DeliveryKey
    state: DeliveryState
    due: datetime | None = None
    reason: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Strike:
    """A failure that speaks against an address: for good where it is `hard`."""

    subscriber: int
    hard: bool
    reason: str


def recover(connection: Connection, now: datetime, *, resend: bool, everything: bool) -> tuple[int, int]:
    """Take back what was left lying by processes that are gone; how many were not sent, and how many may have been.

    That is what has outlived its lease, or `everything` where no other process is at it. Where it is to
    `resend`, what may have been sent is due at once.
    """
    over = and_(_IS_TAKEN, true() if everything else _D.c.lease_at <= now)
    claimed = connection.execute(
        update(_D).where(over, _D.c.state == DeliveryState.CLAIMED).values(_UNCLAIMED)
    ).rowcount
    doubtful = connection.execute(
        update(_D)
        .where(over, _D.c.state == DeliveryState.SENDING)
        .values(
            state=DeliveryState.UNCERTAIN,
            doubtful=True,
            lease_at=None,
            due_at=now if resend else None,
            reason="the process ended meanwhile",
        )
    ).rowcount
    return claimed, doubtful


def suppress(connection: Connection, now: datetime) -> int:
    """Give up what is due to people who may not be mailed any more; how many."""
    gone = select(_S.c.number).where(_S.c.state != SubscriberState.ACTIVE)
    values = {"state": DeliveryState.SUPPRESSED, "due_at": None, "reason": "the address may not be mailed"}
    due = and_(_IS_OPEN, _D.c.due_at <= now, _D.c.subscriber.in_(gone))
    return connection.execute(update(_D).where(due).values(values)).rowcount


def claim(connection: Connection, now: datetime, until: datetime, most: int) -> list[Delivery]:
    """Take at most `most` deliveries whose moment has come; nobody else gets them before `until`.

    What holds corrections goes before the rest, however much waits; then the oldest.
    Those of one part follow one another, so that its body is at hand for all of them.
    People who may not be mailed are passed over here, whatever was planned, and editions that are held.
    """
    query = _query().where(
        _IS_OPEN, _D.c.due_at <= now, _E.c.held == "", _S.c.state == SubscriberState.ACTIVE
    )
    oldest = query.order_by(_D.c.due_at, _D.c.part, _D.c.edition, _D.c.subscriber)
    # SQLite has one writer at a time and knows no such words; PostgreSQL leaves to others what they are taking.
    alone = oldest.with_for_update(of=_D, skip_locked=True)
    taken: list[Delivery] = []
    for rank in (FIRST, REST):
        if len(taken) < most:
            rows = connection.execute(alone.where(_D.c.rank == rank).limit(most - len(taken)))
            taken += [_delivery(row) for row in rows]
    lease = _seconds(connection, until)
    if taken:
        connection.exec_driver_sql(
            spelled(connection, _CLAIM), [(lease, each.number, each.subscriber) for each in taken]
        )
    return taken


def release(connection: Connection, leases: Leases, due: datetime | None = None) -> None:
    """Put claimed deliveries back as they were, or off until `due`; no try is counted."""
    if leases:
        values = _UNCLAIMED | ({"due_at": due} if due else {})
        mine = update(_D).where(_MINE, _D.c.state == DeliveryState.CLAIMED)
        connection.execute(mine.values(values), _named(leases))


def leave(connection: Connection, leases: Leases) -> None:
    """Messages are about to leave; one that may have arrived before is repeated by that.

    `Taken` where one of them is another process's now: then none may leave.
    """
    if rows := [(*key, _seconds(connection, until)) for key, until in leases.items()]:
        done = connection.exec_driver_sql(
            spelled(connection, _LEAVE), rows, execution_options={"preserve_rowcount": True}
        )
        if done.rowcount != len(rows):
            raise Taken


def sent(connection: Connection, keys: Iterable[DeliveryKey], now: datetime) -> None:
    """Messages were taken by a relay."""
    at = _seconds(connection, now)
    if rows := [(at, edition, subscriber) for edition, subscriber in keys]:
        connection.exec_driver_sql(spelled(connection, _SENT), rows)


def settle(connection: Connection, settled: Iterable[Settled], leases: Leases) -> None:
    """Messages were not taken, or it is not known; what another process took over is its to settle."""
    for each in settled:
        doubt = {"doubtful": True} if each.state is DeliveryState.UNCERTAIN else {}
        values: dict[str, Any] = {"state": each.state, "due_at": each.due, "lease_at": None, **doubt}
        values |= {"reason": each.reason, "attempts": each.attempts}
        mine = {each.key: leases[each.key]}
        connection.execute(update(_D).where(_MINE).values(values), _named(mine))


def hold(connection: Connection, edition: int, reason: str) -> bool:
    """Let the deliveries of an edition wait for a person; false where they do already."""
    this = update(_E).where(_E.c.number == edition, _E.c.held == "")
    return connection.execute(this.values(held=reason)).rowcount > 0


def tally(connection: Connection, hour: datetime, relay: str, number: int) -> None:
    """Count messages that left."""
    beginning = hour.replace(minute=0, second=0, microsecond=0)
    connection.exec_driver_sql(spelled(connection, _TALLY), (_seconds(connection, beginning), relay, number))


def sent_since(connection: Connection, moment: datetime) -> int:
    """How many messages left in the hour of `moment` and after it."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    count = select(func.coalesce(func.sum(t.tally.c.sent), 0)).where(t.tally.c.hour >= hour)
    return int(connection.execute(count).scalar_one())


def sent_by_relay(connection: Connection, moment: datetime) -> dict[str, int]:
    """How many messages each relay took in the hour of `moment` and after it, by name; the first has none."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    query = select(t.tally.c.relay, func.sum(t.tally.c.sent)).where(t.tally.c.hour >= hour)
    rows = connection.execute(query.group_by(t.tally.c.relay).order_by(t.tally.c.relay))
    return {relay: int(number) for relay, number in rows}


def first_sent(connection: Connection) -> datetime | None:
    """The hour in which the first message left."""
    found: datetime | None = connection.execute(select(func.min(t.tally.c.hour, type_=Moment))).scalar()
    return found


def retry(connection: Connection, now: datetime, *, uncertain: bool) -> int:
    """Take up again what failed, what is held, and where asked for what may have arrived; how many deliveries."""
    held = select(_E.c.number).where(_E.c.held != "")
    waiting = and_(_D.c.state == DeliveryState.PENDING, _D.c.edition.in_(held))
    wanted = or_(_D.c.state == DeliveryState.FAILED, waiting)
    if uncertain:
        wanted = or_(wanted, and_(_D.c.state == DeliveryState.UNCERTAIN, _D.c.due_at.is_(None)))
    values = {"state": _RESTING, "due_at": now, "attempts": 0}
    number = connection.execute(update(_D).where(wanted).values(values)).rowcount
    connection.execute(update(_E).where(_E.c.held != "").values(held=""))
    return number


def free(connection: Connection, edition: int, now: datetime) -> bool:
    """Let the deliveries of an edition that was held go on from the beginning; false where it was not."""
    this = update(_E).where(_E.c.number == edition, _E.c.held != "").values(held="")
    if not connection.execute(this).rowcount:
        return False
    waiting = and_(_D.c.edition == edition, _D.c.state == DeliveryState.PENDING)
    connection.execute(update(_D).where(waiting).values(due_at=now, attempts=0))
    return True


def retry_edition(
    connection: Connection, edition: int, now: datetime, *, subscriber: int = 0, uncertain: bool = False
) -> int:
    """Take up again what failed of an edition, or the delivery to one subscriber; how many deliveries.

    What may have arrived is taken up only where that is asked for.
    """
    lost = _D.c.state == DeliveryState.FAILED
    doubted = and_(_D.c.state == DeliveryState.UNCERTAIN, _D.c.due_at.is_(None))
    wanted = and_(_D.c.edition == edition, or_(lost, doubted) if uncertain else lost)
    if subscriber:
        wanted = and_(wanted, _D.c.subscriber == subscriber)
    values = {"state": _RESTING, "due_at": now, "attempts": 0}
    return connection.execute(update(_D).where(wanted).values(values)).rowcount


def of_subscriber(connection: Connection, subscriber: int, edition: int, most: int) -> list[Delivery]:
    """Deliveries to a subscriber, of at most so many editions up to one (0: the newest), newest first."""
    upto = _E.c.number <= edition if edition else true()
    editions = select(_E.c.number).where(upto).order_by(_E.c.number.desc()).limit(most)
    query = _query().where(_D.c.edition.in_(editions), _D.c.subscriber == subscriber)
    return [_delivery(row) for row in connection.execute(query.order_by(_D.c.edition.desc()))]


def learn(connection: Connection, delivery: Delivery) -> None:
    """Remember what a report said of a delivery, unless a process is sending it now."""
    mine = and_(_D.c.edition == delivery.number, _D.c.subscriber == delivery.subscriber)
    due = _D.c.due_at if delivery.state in _OPEN else None
    values = {"state": delivery.state, "reason": delivery.reason, "due_at": due, "doubtful": False}
    connection.execute(update(_D).where(mine, _D.c.state.not_in(_TAKEN)).values(values))


def forget_bodies(connection: Connection) -> None:
    """Drop what was kept for repeats of editions that have nothing open any more."""
    unfinished = union_all(select(_D.c.part).where(_IS_OPEN), select(_D.c.part).where(_IS_TAKEN))
    done = and_(t.part.c.body.is_not(None), t.part.c.number.not_in(unfinished))
    connection.execute(update(t.part).where(done).values(body=None))


def listing(connection: Connection, limit: int, state: DeliveryState | None = None) -> list[Delivery]:
    """The newest deliveries, in whatever state."""
    query = _query().where(_D.c.state == state) if state else _query()
    rows = connection.execute(query.order_by(_D.c.edition.desc(), _D.c.subscriber).limit(limit))
    return [_delivery(row) for row in rows]


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries stand in each state."""
    query = select(_D.c.state, func.count()).group_by(_D.c.state)
    return {row.state: int(row[1]) for row in connection.execute(query)}


def waiting(connection: Connection, now: datetime) -> int:
    """How many deliveries are due."""
    due = and_(_IS_OPEN, _D.c.due_at <= now, _S.c.state == SubscriberState.ACTIVE, _E.c.held == "")
    count = select(func.count()).select_from(_joined()).where(due)
    return int(connection.execute(count).scalar_one())


def waiting_since(connection: Connection, now: datetime) -> datetime | None:
    """Since when the oldest delivery is due."""
    due = and_(_IS_OPEN, _D.c.due_at <= now, _S.c.state == SubscriberState.ACTIVE, _E.c.held == "")
    query = select(func.min(_D.c.due_at, type_=Moment())).select_from(_joined()).where(due)
    return connection.execute(query).scalar()


def soonest(connection: Connection, now: datetime) -> datetime | None:
    """The first moment after `now` at which a delivery that waits is due."""
    query = select(func.min(_D.c.due_at, type_=Moment())).where(_IS_OPEN, _D.c.due_at > now)
    return connection.execute(query).scalar()


def _seconds(connection: Connection, moment: datetime) -> int | None:
    return Moment().process_bind_param(moment, connection.dialect)


def _joined() -> Any:
    return _D.join(_E, _E.c.number == _D.c.edition).join(_S, _S.c.number == _D.c.subscriber)


def _query() -> Any:
    return select(_D, _E.c.id.label("edition_id"), _D.c.edition.label("number"), _S.c.address).select_from(
        _joined()
    )


def _named(leases: Leases) -> Sequence[dict[str, Any]]:
    return [
        {"of": edition, "to": subscriber, "lease": until} for (edition, subscriber), until in leases.items()
    ]


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.edition_id,
        row.number,
        row.subscriber,
        row.part,
        row.address,
        DeliveryState(row.state),
        row.attempts,
        row.repeats,
        row.due_at,
        row.reason,
        row.doubtful,
    )
