"""What every kind of question to the store stands on: its engine, and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine

from publisher.errors import StoreError
from publisher.store import database, postgres


class Connected:
    """A database, or none: then nothing is remembered, and nothing can be."""

    def __init__(self, engine: Engine | None) -> None:
        self._engine = engine

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if self._engine is None:
            raise StoreError("there is no database yet", hint="publish makes it")
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A connection to ask by: it waits for nobody who writes, and sees one state throughout."""
        if self._engine is None:
            raise StoreError("there is no database yet", hint="publish makes it")
        with self._engine.connect() as connection:
            yield connection.execution_options(**_options(self._engine))


def _options(engine: Engine) -> dict[str, Any]:
    return postgres.reading_options(engine) if engine.dialect.name == "postgresql" else database.READING
