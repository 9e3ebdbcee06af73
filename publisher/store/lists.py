"""Lists as parameters: one statement, prepared once, for lists of any length."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from sqlalchemy import Connection, Insert, Select, func, select

from publisher.store.tables import seconds_of


def listed(values: Iterable[str | int]) -> Select[tuple[str | int]]:
    """The values as rows of one column, for ``IN``; one parameter however many there are (SQLite's JSON functions)."""
    rows = func.json_each(json.dumps(list(values), ensure_ascii=False)).table_valued("value")
    return select(rows.c.value)


def execute_many(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, object]]) -> None:
    """Execute an insertion for each row, of texts, numbers and aware times.

    Without SQLAlchemy's own way with each value, which costs more than SQLite's with the row.
    """
    if rows:
        compiled = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
        values = itemgetter(*(compiled.positiontup or ()))
        connection.exec_driver_sql(str(compiled), [tuple(map(_plain, values(row))) for row in rows])


def _plain(value: object) -> object:
    return seconds_of(value) if isinstance(value, datetime) else value
