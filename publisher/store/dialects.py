"""What SQLite and PostgreSQL say differently, said in one place; questions are written once.

Texts are compared by code point in both: SQLite does so by itself, PostgreSQL under the collation "C".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Connection, Insert, Select, String, Table, Text, bindparam, func, select
from sqlalchemy.dialects import sqlite

from publisher.store.columns import seconds_of

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_NAMED = re.compile(r" INDEXED BY \w+")


def is_postgres(connection: Connection) -> bool:
    """Whether a connection leads to PostgreSQL."""
    return connection.dialect.name == "postgresql"


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insertion that may say what becomes of a row that stands already (``ON CONFLICT``)."""
    if not is_postgres(connection):
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # loaded where it is asked, here and below

    return postgresql.insert(table)


def count(connection: Connection, *tables: Table) -> None:
    """Have PostgreSQL count what tables hold, where much has come at once: it would plan for what they held before.

    Its own housekeeping would do so within a minute, in which every question might read all of it (ANALYZE).
    """
    if is_postgres(connection):
        connection.exec_driver_sql("ANALYZE " + ", ".join(table.name for table in tables))


def spelled(connection: Connection, statement: str) -> str:
    """A statement that goes to the driver as it is; it is written as SQLite takes it, with ``?`` for values."""
    return _for_postgres(statement) if is_postgres(connection) else statement


@lru_cache(maxsize=256)
def _for_postgres(statement: str) -> str:
    """Its planner picks an index by itself; a percent sign would begin a value."""
    unhinted = _NAMED.sub("", statement).replace("instr(", "strpos(")
    return unhinted.replace("%", "%%").replace("?", "%s")


def listed(connection: Connection, texts: Iterable[str]) -> Select[tuple[Any]]:
    """The texts as rows of one column, for ``IN``; one parameter however many there are."""
    return _rows(connection, list(texts), Text)


def numbered(connection: Connection, numbers: Iterable[int]) -> Select[tuple[Any]]:
    """The numbers as rows of one column; see `listed`."""
    return _rows(connection, list(numbers), BigInteger)


def _rows(connection: Connection, given: list[Any], kind: type[Text | BigInteger]) -> Select[tuple[Any]]:
    if not is_postgres(connection):
        rows = func.json_each(json.dumps(given, ensure_ascii=False)).table_valued("value")
        return select(rows.c.value)
    from sqlalchemy.dialects import postgresql

    rows = func.unnest(bindparam(None, given, type_=postgresql.ARRAY(kind))).table_valued("value")
    return select(rows.render_derived().c.value)


def execute_many(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, object]]) -> None:
    """Execute an insertion for each row, of texts, numbers and aware times.

    Without SQLAlchemy's own way with each value, which costs more than the database's with the row.
    """
    if not rows:
        return
    compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    if is_postgres(connection):
        plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
        connection.exec_driver_sql(str(compiled), plain)
    else:
        values = itemgetter(*(compiled.positiontup or ()))
        connection.exec_driver_sql(str(compiled), [tuple(map(_plain, values(row))) for row in rows])


def _plain(value: object) -> object:
    return seconds_of(value) if isinstance(value, datetime) else value


def texts(table: Table) -> list[str]:
    """The names of the columns of a table that hold text."""
    return [column.name for column in table.columns if isinstance(column.type, String)]
