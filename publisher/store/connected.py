"""What every kind of question to the store stands on: its engine, and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from publisher.errors import StoreError


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
