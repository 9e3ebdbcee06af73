"""How far editions have come, and which deliveries are in trouble; asked through indexes over few rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, literal_column, or_, select

from publisher.model import DeliveryState, EditionFigures, Trouble
from publisher.store import tables as t
from publisher.store.columns import at_offset
from publisher.store.dialects import numbered, spelled

_D, _E, _S = t.delivery, t.edition, t.subscriber
TROUBLE = (DeliveryState.FAILED, DeliveryState.SUPPRESSED, DeliveryState.UNCERTAIN)
# Written into statements, as SQLite takes an index over some rows only where it sees those conditions.
_IS_TROUBLE = or_(*(_D.c.state == literal_column(f"'{state}'") for state in TROUBLE))
# Named outright: over these rows alone it is quick, however many were sent since the beginning.
_OPEN = """
    SELECT edition, count(*) FROM delivery INDEXED BY ix_delivery_open
    WHERE state IN ('pending', 'uncertain') GROUP BY edition"""
_DUE = """
    SELECT edition, count(*) FROM delivery INDEXED BY ix_delivery_open
    WHERE state IN ('pending', 'uncertain') AND due_at IS NOT NULL GROUP BY edition"""
_TAKEN = """
    SELECT edition, count(*) FROM delivery INDEXED BY ix_delivery_taken
    WHERE state IN ('claimed', 'sending') GROUP BY edition"""
_TROUBLE = """
    SELECT edition, state, count(*) FROM delivery INDEXED BY ix_delivery_trouble
    WHERE (state = 'failed' OR state = 'suppressed' OR state = 'uncertain') AND edition BETWEEN ? AND ?
    GROUP BY edition, state"""
_REPORTED = """
    SELECT edition, substr(reason, 1, instr(reason || ':', ':') - 1) AS mark, count(*)
    FROM delivery INDEXED BY ix_delivery_reported
    WHERE state = 'sent' AND reason != '' AND edition BETWEEN ? AND ? GROUP BY edition, mark"""
_BOUNCED = """
    SELECT edition, substr(reason, 1, instr(reason || ':', ':') - 1) AS mark, count(*)
    FROM delivery INDEXED BY ix_delivery_trouble
    WHERE state = 'failed' AND edition BETWEEN ? AND ?
    GROUP BY edition, mark"""
_BOUNCES = ("hard bounce", "soft bounce")
_COMPLAINT = "complaint"
"""What stands before the colon in the reason of a delivery of which a report came back (`publisher.returns`)."""


def newest(connection: Connection, most: int, skip: int = 0) -> list[EditionFigures]:
    """Editions with their figures, newest first."""
    query = select(_E).order_by(_E.c.number.desc()).limit(most).offset(skip)
    return _figures(connection, connection.execute(query).all())


def one(connection: Connection, number: int) -> EditionFigures | None:
    """An edition with its figures."""
    return next(
        iter(_figures(connection, connection.execute(select(_E).where(_E.c.number == number)).all())), None
    )


def held(connection: Connection) -> list[EditionFigures]:
    """Every edition that is held, newest first."""
    query = (
        select(_E)
        .where(_E.c.held != bindparam("none", "", literal_execute=True))
        .order_by(_E.c.number.desc())
    )
    return _figures(connection, connection.execute(query).all())


def under_way(connection: Connection) -> list[tuple[int, int, int]]:
    """The editions that are not held and have deliveries open: number, recipients, and how many are open."""
    left = _counted(connection, _DUE)
    for number, count in _counted(connection, _TAKEN).items():
        left[number] = left.get(number, 0) + count
    query = select(_E.c.number, _E.c.recipients).where(_E.c.number.in_(list(left)), _E.c.held == "")
    return [
        (row.number, row.recipients, left[row.number])
        for row in connection.execute(query.order_by(_E.c.number))
    ]


def subjects(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    """The subjects of editions by number."""
    query = select(_E.c.number, _E.c.subject).where(_E.c.number.in_(numbered(connection, numbers)))
    return {row.number: row.subject for row in connection.execute(query)}


def count(connection: Connection) -> int:
    """How many editions there are."""
    return int(connection.execute(select(func.count()).select_from(_E)).scalar_one())


def troubled(
    connection: Connection, state: DeliveryState | None, edition: int, most: int, skip: int
) -> list[Trouble]:
    """Deliveries that failed, were suppressed or are uncertain, of the newest editions first."""
    keys = select(_D.c.edition, _D.c.subscriber).where(_IS_TROUBLE)
    if state is not None:
        keys = keys.where(_D.c.state == state)
    if edition:
        keys = keys.where(_D.c.edition == edition)
    order = (_D.c.edition.desc(), _D.c.state.desc(), _D.c.subscriber.desc())
    some = keys.order_by(*order).limit(most).offset(skip).subquery()
    query = (
        select(_D, _S.c.address, _E.c.subject)
        .select_from(
            some.join(_D, (_D.c.edition == some.c.edition) & (_D.c.subscriber == some.c.subscriber))
            .join(_S, _S.c.number == _D.c.subscriber)
            .join(_E, _E.c.number == _D.c.edition)
        )
        .order_by(*order)
    )
    return [_trouble(row) for row in connection.execute(query)]


def trouble_counts(connection: Connection, edition: int = 0) -> dict[str, int]:
    """How many deliveries are in each of those states, and how many uncertain ones wait for a person (``waiting``)."""
    waits = (_D.c.state == DeliveryState.UNCERTAIN) & _D.c.due_at.is_(None)
    query = select(_D.c.state, func.count(), func.sum(case((waits, 1), else_=0))).where(_IS_TROUBLE)
    if edition:
        query = query.where(_D.c.edition == edition)
    rows = connection.execute(query.group_by(_D.c.state)).all()
    return {row[0]: int(row[1]) for row in rows} | {"waiting": sum(int(row[2]) for row in rows)}


def _figures(connection: Connection, rows: Sequence[Row[Any]]) -> list[EditionFigures]:
    if not rows:
        return []
    span = (min(row.number for row in rows), max(row.number for row in rows))
    left, taken = _counted(connection, _OPEN), _counted(connection, _TAKEN)
    trouble = _grouped(connection, _TROUBLE, span)
    marks = _grouped(connection, _REPORTED, span)
    for number, found in _grouped(connection, _BOUNCED, span).items():
        mine = marks.setdefault(number, {})
        for mark, times in found.items():
            mine[mark] = mine.get(mark, 0) + times
    return [
        _edition(
            row,
            left.get(row.number, 0),
            taken.get(row.number, 0),
            trouble.get(row.number, {}),
            marks.get(row.number, {}),
        )
        for row in rows
    ]


def _counted(connection: Connection, statement: str) -> dict[int, int]:
    return {int(row[0]): int(row[1]) for row in connection.exec_driver_sql(spelled(connection, statement))}


def _grouped(connection: Connection, statement: str, span: tuple[int, int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for number, name, times in connection.exec_driver_sql(spelled(connection, statement), span):
        found.setdefault(number, {})[name] = times
    return found


def _edition(
    row: Row[Any], left: int, taken: int, trouble: Mapping[str, int], marks: Mapping[str, int]
) -> EditionFigures:
    uncertain = trouble.get(DeliveryState.UNCERTAIN, 0)
    return EditionFigures(
        row.number,
        row.digest,
        row.page,
        row.subject,
        at_offset(row.due_at, row.due_offset),
        row.recorded_at,
        row.held,
        row.recipients,
        waiting=left - uncertain,
        leaving=taken,
        uncertain=uncertain,
        failed=trouble.get(DeliveryState.FAILED, 0),
        suppressed=trouble.get(DeliveryState.SUPPRESSED, 0),
        bounced=sum(marks.get(mark, 0) for mark in _BOUNCES),
        complaints=marks.get(_COMPLAINT, 0),
    )


def _trouble(row: Row[Any]) -> Trouble:
    state = DeliveryState(row.state)
    waits = state is DeliveryState.UNCERTAIN and row.due_at is None
    return Trouble(
        row.edition, row.subscriber, row.address, state, row.attempts, row.reason, row.subject, waits
    )
