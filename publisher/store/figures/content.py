"""Articles, seeds in quarantine and runs, in numbers and by the page."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from publisher.model import Fault, RunFigures
from publisher.store import tables as t
from publisher.store.columns import seconds_of
from publisher.store.dialects import spelled

_PUBLISHED = """
    SELECT (published_at + ?) / 86400 AS day, count(*) FROM article
    WHERE withdrawn = false AND published_at >= ? GROUP BY day ORDER BY day"""
_LIVING = "SELECT count(*) FROM article WHERE withdrawn = false"
_FIRST = date(1970, 1, 1)
_NEWS = ("added", "updated", "restored", "editions")
"""What is news to readers, by the name under which a run counts it."""


def published(connection: Connection, since: datetime, offset: timedelta) -> dict[date, int]:
    """How many living articles are dated to each day from `since` on; days begin at `offset` from UTC."""
    rows = connection.exec_driver_sql(
        spelled(connection, _PUBLISHED), (int(offset.total_seconds()), seconds_of(since))
    )
    return {_FIRST + timedelta(day): int(count) for day, count in rows}


def living(connection: Connection) -> int:
    """How many articles there are that were not withdrawn."""
    return int(connection.exec_driver_sql(spelled(connection, _LIVING)).scalar_one())


def faults(connection: Connection, most: int, skip: int) -> list[Fault]:
    """Seeds in quarantine by path, each with its reason."""
    faulty = t.seed.c.reason.is_not(None)
    query = select(t.seed.c.path, t.seed.c.reason, t.seed.c.line, t.seed.c.hint).where(faulty)
    rows = connection.execute(query.order_by(t.seed.c.path).limit(most).offset(skip))
    return [Fault(row.path, row.reason, row.line, row.hint) for row in rows]


def fault_count(connection: Connection) -> int:
    """How many seeds are in quarantine."""
    query = select(func.count()).select_from(t.seed).where(t.seed.c.reason.is_not(None))
    return int(connection.execute(query).scalar_one())


def runs(connection: Connection, most: int, skip: int) -> list[RunFigures]:
    """Runs that changed something, newest first."""
    query = select(t.run).order_by(t.run.c.started_at.desc(), t.run.c.id.desc()).limit(most).offset(skip)
    return [
        RunFigures(row.started_at, row.ended_at, json.loads(row.counts), tuple(json.loads(row.faults)))
        for row in connection.execute(query)
    ]


def last_news(connection: Connection, most: int) -> datetime | None:
    """When the last run ended that brought something new, among so many of the newest."""
    return next((run.ended for run in runs(connection, most, 0) if any(map(run.counts.get, _NEWS))), None)
