"""The databases that the store works with, each fresh for a test, and a way into them beside the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from conftest import demand
from postgresql import installed, server

from publisher.store import Store, postgres
from publisher.store.tables import metadata

DATABASES = ("sqlite", "postgresql")


@contextmanager
def fresh(kind: str, folder: Path, *, tables: bool = False) -> Iterator[Path | str]:
    """Where a database of this kind may be made, or stands, with `tables` and no rows."""
    if kind == "sqlite":
        file = folder / "publisher.db"
        if tables:
            Store.open(file)
        yield file
        return
    programs = installed()
    demand("PostgreSQL", str(programs) if programs else None)
    url = server().create(template=_template() if tables else "template0")
    try:
        yield url
    finally:
        postgres.dispose()
        server().drop(url)


@lru_cache(maxsize=1)
def _template() -> str:
    url = server().create()
    Store.open(url)
    postgres.dispose()
    return url.rpartition("/")[2].partition("?")[0]


class Raw:
    """A database as it lies there, for what the store has no questions for; each statement is a commit."""

    def __init__(self, place: Path | str) -> None:
        self.sqlite = isinstance(place, Path)
        self._connection: Any = (
            sqlite3.connect(place, isolation_level=None)
            if isinstance(place, Path)
            else psycopg.connect(place, autocommit=True)
        )

    def execute(self, statement: str, values: Sequence[object] = ()) -> Any:
        """The cursor of a statement, written as SQLite takes it."""
        if self.sqlite or not values:
            return self._connection.execute(statement, *([values] if values else []))
        return self._connection.execute(statement.replace("%", "%%").replace("?", "%s"), values)

    def executemany(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """One statement for each of the rows, in one commit."""
        self.execute("BEGIN")
        for row in rows:
            self.execute(statement, row)
        self.execute("COMMIT")

    def dump(self) -> str:
        """Every row of every table."""
        return "\n".join(str(self.execute(f"SELECT * FROM {name}").fetchall()) for name in metadata.tables)

    def numbered_on(self, table: str) -> None:
        """Let numbers that the database gives follow those that were written."""
        if not self.sqlite:
            last = f"(SELECT max(number) FROM {table})"
            self.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'number'), {last})")

    def close(self) -> None:
        """Leave."""
        self._connection.close()
