"""Whole tables as streams of rows, each as it lies there: read in the order of the primary key, and written.

Neither way is more in memory than a batch. On PostgreSQL both are COPY; the order of texts is the same in both
databases. Numbers that a database gives by itself are read and set here too.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Column, Connection, String, Table, func, insert, select
from sqlalchemy.exc import DBAPIError

from publisher.errors import StoreError
from publisher.store import database, postgres
from publisher.store.dialects import is_postgres
from publisher.store.tables import metadata

Row = tuple[Any, ...]
"""The values of a row as the driver gives them, in the order of the table's columns."""

BATCH = 5_000
"""Rows of one COPY: a server keeps what a foreign key has to be asked for to the end of each."""

_LINE = re.compile(r"COPY \w+, line (\d+)")
_LAST_GIVEN = "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)"
_GO_ON = "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)"


def key_of(table: Table) -> Callable[[Row], Row]:
    """What takes the values of the primary key out of a row."""
    names = table.c.keys()
    first, *more = (names.index(column.name) for column in table.primary_key)
    return itemgetter(first, *more) if more else lambda row: row[first : first + 1]


def named(table: Table, key: Row) -> str:
    """A row as people may look for it: the table, and the value of each column of its primary key."""
    keys = ", ".join(f"{column.name} {value!r}" for column, value in zip(table.primary_key, key, strict=True))
    return f"{table.name} ({keys})"


def read(connection: Connection, table: Table) -> Iterator[Row]:
    """Every row of a table in the order of its primary key (`publisher.errors.StoreError`)."""
    query = _text(connection, select(table).order_by(*table.primary_key))
    return (_read_from_server if is_postgres(connection) else _read_from_file)(connection, table, query)


def write(connection: Connection, table: Table, rows: Iterator[Row]) -> int:
    """Put rows into a table that is empty; how many they were.

    What cannot stand there is named (`publisher.errors.StoreError`).
    """
    if not is_postgres(connection):
        return _insert(connection, table, rows)
    written = 0
    while some := _copy(connection, table, islice(rows, BATCH)):
        written += some
    return written


def size(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def numbers(connection: Connection) -> dict[str, int]:
    """The number that each table gave last, also to a row that is gone; 0 where it never gave one."""
    return {name: _last_number(connection, column) for name, column in _counted().items()}


def number_on(connection: Connection, last: dict[str, int]) -> None:
    """Let each table go on behind the number that it gave last elsewhere."""
    for name, column in _counted().items():
        if is_postgres(connection):
            values = (name, column.name, max(last[name], 1), last[name] > 0)
            connection.exec_driver_sql(_GO_ON, values)
        elif last[name] and _is_remembered(column):
            connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES (?, ?)", (name, last[name]))


def _counted() -> dict[str, Column[Any]]:
    """The column of each table whose values the database gives."""
    found = {name: table.autoincrement_column for name, table in metadata.tables.items()}
    return {name: column for name, column in found.items() if column is not None}


def _is_remembered(column: Column[Any]) -> bool:
    """Whether SQLite remembers the last number; otherwise it goes on behind the last row that is there."""
    return bool(column.table.dialect_options["sqlite"]["autoincrement"])


def _last_number(connection: Connection, column: Column[Any]) -> int:
    name = column.table.name
    last = connection.execute(select(func.max(column))).scalar() or 0
    if is_postgres(connection):
        given = connection.exec_driver_sql(_LAST_GIVEN, (name, column.name)).scalar()
    elif _is_remembered(column):
        query = "SELECT max(seq) FROM sqlite_sequence WHERE name = ?"
        given = connection.exec_driver_sql(query, (name,)).scalar()
    else:
        given = None
    return max(int(last), int(given or 0))


def _text(connection: Connection, statement: ClauseElement) -> str:
    """A statement for the driver itself, which gives and takes values as they lie there."""
    return str(statement.compile(dialect=connection.dialect))


def _read_from_file(connection: Connection, table: Table, query: str) -> Iterator[Row]:
    last: Row = ()
    try:
        for row in connection.exec_driver_sql(query):
            last = tuple(row)
            yield last
    except DBAPIError as error:
        place = f"behind {named(table, key_of(table)(last))}" if last else f"{table.name}, first row"
        raise StoreError(f"{place}: cannot be read: {error.orig}", hint="put it right in FROM") from error


def _read_from_server(connection: Connection, table: Table, query: str) -> Iterator[Row]:
    import psycopg

    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor:
            # The types are those of the server, so that each value comes back as it does from a query.
            types = [each.type_code for each in cursor.execute(f"{query} LIMIT 0").description]
            with cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
                copy.set_types(types)
                yield from copy.rows()
    except psycopg.Error as error:
        raise _fault(postgres.outside, table.name, error) from error


def _insert(connection: Connection, table: Table, rows: Iterator[Row]) -> int:
    raw: Any = connection.connection.driver_connection
    number, last = 0, Row()

    def noted() -> Iterator[Row]:
        nonlocal number, last
        for last in rows:
            number += 1
            yield last

    try:
        raw.executemany(_text(connection, insert(table)), noted())
    except (sqlite3.Error, OverflowError, UnicodeError) as error:
        place = named(table, key_of(table)(last)) if last else table.name
        raise _fault(database.outside, place, error) from error
    return number


def _copy(connection: Connection, table: Table, rows: Iterator[Row]) -> int:
    """Put a batch of rows into a table; how many they were."""
    import psycopg

    raw: Any = connection.connection.driver_connection
    quoted = connection.dialect.identifier_preparer
    names = ", ".join(quoted.format_column(column) for column in table.c)
    statement = f"COPY {quoted.format_table(table)} ({names}) FROM STDIN"
    texts = [place for place, column in enumerate(table.c) if isinstance(column.type, String)]
    keys, key = list[Row](), key_of(table)
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                keys.append(key(row))
                _refuse_nul(table, row, texts)
                copy.write_row(row)
    except psycopg.Error as error:
        line = _LINE.search(error.diag.context or "")
        place = named(table, keys[int(line[1]) - 1]) if line and int(line[1]) <= len(keys) else table.name
        raise _fault(postgres.outside, place, error) from error
    return len(keys)


def _refuse_nul(table: Table, row: Row, texts: list[int]) -> None:
    for place in texts:
        if isinstance(row[place], str) and "\0" in row[place]:
            fault = f"{named(table, key_of(table)(row))}: {table.c[place].name} holds a NUL"
            hint = (
                "PostgreSQL takes no NUL in a text: take it out where it came from, publish, then copy again"
            )
            raise StoreError(fault, hint=hint)


def _fault(outside: Callable[[BaseException], StoreError | None], place: str, error: Exception) -> StoreError:
    """What is said of an error: what is wrong around the database, or with a row that cannot stand there."""
    said = outside(error)
    if said is not None:
        return said
    diagnosis = getattr(error, "diag", None)
    parts = (diagnosis.message_primary, diagnosis.message_detail) if diagnosis else (str(error),)
    text = ": ".join(part for part in parts if part) or str(error)
    return StoreError(f"{place}: {text}", hint="put this row right in FROM, then copy again")
