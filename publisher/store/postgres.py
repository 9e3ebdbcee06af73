"""Opening, creating and migrating a database on PostgreSQL; what is peculiar to it stands here.

Transactions that write take turns, as SQLite has them do: what is read in one holds until it is
written. The ledger does not, since claims pass over each other's rows (``SKIP LOCKED``); nor does who
only asks, who sees one state throughout.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, MetaData, create_engine, event, make_url
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import QueuePool, StaticPool

from publisher.errors import StoreError
from publisher.store import migrating
from publisher.store.tables import SCHEMA, metadata

READING: dict[str, Any] = {
    "publisher_reads": True,
    "isolation_level": "REPEATABLE READ",
    "postgresql_readonly": True,
}
"""Options of a connection that only asks."""

KEY = "hashtext('publisher in ' || current_schema())"
"""What advisory locks of this program have in common within one schema of a database."""
TURN = 4
"""The lock of whoever writes; `publisher.store.locks` has those before it."""

_OUTSIDE = {
    "28": "see that the user and PUBLISHER_DATABASE_PASSWORD are right, and that pg_hba.conf lets it in",
    "3D": "create it: createdb --encoding=UTF8 NAME",
    "42501": "see that the user may write the database",
    "25006": "see that the server is not a standby: it only reads",
    "53100": "make room on the disk of the server; the next run goes on where this one stopped",
    "53": "see that the server has room for more; the next run goes on where this one stopped",
    "55P03": "another process holds what is wanted; try again later",
    "40": "another process was quicker; try again",
    "57": "see that the server runs; the next run goes on where this one stopped",
    "08": "see that the server runs and can be reached; the next run goes on where this one stopped",
    "": "see that the server runs and can be reached; the next run goes on where this one stopped",
}
"""Errors that come from outside of the program, by the beginnings of their codes, and what to do.

PostgreSQL, appendix A. No code at all: nobody answered.
"""
ARGUMENTS = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "publisher",
}
"""A machine that went away is noticed within half a minute, whichever side looks (libpq, 34.1.2)."""
_SESSION = """
    SET lock_timeout = '30s'; SET jit = off; SET TimeZone = 'UTC';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = 30000"""


def open_url(url: str) -> Engine:
    """Open a database for writing; makes the tables where there are none.

    A schema that is not ours is refused: another machine may be at work with it.
    """
    engine = _pooled(url)
    version = migrating.version_of(engine)
    if version:
        _refuse_other_schema(version)
    else:
        upgrade_url(url)
    return engine


def upgrade_url(url: str) -> None:
    """Make the tables, or bring them to `SCHEMA`; all of it or nothing."""
    with writing(url) as connection:
        make_tables(connection)


@contextmanager
def asking(url: str) -> Iterator[Connection]:
    """A connection to ask by, whatever schema there is, or none."""
    with _pooled(url).connect() as connection:
        yield connection.execution_options(**READING)


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """A transaction; its turn comes when nobody else is at it, and until it ends nobody else writes."""
    with _pooled(url).begin() as connection:
        yield connection


def make_tables(connection: Connection) -> None:
    """Make the tables, or bring them to `SCHEMA`, in the transaction of the caller."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreError(f"the database has the encoding {encoding}", hint="createdb --encoding=UTF8 NAME")
    if migrating.version_in(connection):
        migrating.upgrade(connection)
    else:
        tables().create_all(connection)
        migrating.stamp(connection)


def tables() -> MetaData:
    """The tables with what PostgreSQL is told of their indexes, too: only who asks loads its dialect."""
    for table in metadata.tables.values():
        for index in table.indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
    return metadata


@contextmanager
def reading(url: str) -> Iterator[Engine | None]:
    """Open a database without changing anything; nothing where it has no tables yet."""
    engine = _pooled(url)
    version = migrating.version_of(engine)
    if version:
        _refuse_other_schema(version)
    yield engine if version else None


@contextmanager
def rehearsed(url: str) -> Iterator[Engine]:
    """A database in which all that is done is one transaction, which is undone in the end."""
    open_url(url)
    whole = _url(url)
    made = _create(whole, poolclass=StaticPool, creator=lambda: _one_transaction(whole))
    engine = made.execution_options(publisher_rehearses=True)
    try:
        yield engine
    finally:
        with engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.undo()
        engine.dispose()


def reading_options(engine: Engine) -> dict[str, Any]:
    """Options of a connection to `engine` that only asks."""
    return {} if engine.get_execution_options().get("publisher_rehearses") else READING


def unsynced(connection: Connection) -> None:
    """Let the commits of a connection reach the disk when the server likes; it is used for nothing else after."""
    connection.detach()
    raw: Any = connection.connection.driver_connection
    raw.execute("SET synchronous_commit = off")
    raw.commit()


def dispose() -> None:
    """Close every connection that waits for use."""
    for engine in _engines:
        engine.dispose()
    _engines.clear()
    _pooled.cache_clear()


def _forget() -> None:
    """A process that was forked leaves the connections to the one that made them."""
    for engine in _engines:
        engine.dispose(close=False)


_engines: list[Engine] = []
os.register_at_fork(after_in_child=_forget)


@lru_cache(maxsize=8)
def _pooled(url: str) -> Engine:
    """The connections of this process to a database: made when needed, asked before use whether they live."""
    engine = _create(_url(url), poolclass=QueuePool, pool_size=4, max_overflow=28, pool_pre_ping=True)
    _engines.append(engine)
    return engine


def _url(url: str) -> URL:
    given = make_url(url).set(drivername="postgresql+psycopg")
    return given.update_query_dict({k: v for k, v in ARGUMENTS.items() if k not in given.query})


def _create(url: URL, **options: Any) -> Engine:
    try:
        engine = create_engine(url, **options)
    except (ModuleNotFoundError, NoSuchModuleError):
        hint = "pip install 'publisher[postgres]'"
        raise StoreError("database.url: PostgreSQL needs the extra postgres (psycopg)", hint=hint) from None
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _take_turn)
    event.listen(engine, "handle_error", _from_outside, retval=True)
    return engine


def _one_transaction(url: URL) -> Any:
    import psycopg

    class Rehearsal(psycopg.Connection[Any]):
        """A connection whose transaction goes on."""

        def commit(self) -> None:
            """Nothing: what was done stays in sight of this connection alone."""

        def rollback(self) -> None:
            """Nothing: what was done before stays in sight."""

        def undo(self) -> None:
            """Be as if nothing had been done."""
            super().rollback()

    given: dict[str, Any] = {**url.query, **url.translate_connect_args(username="user", database="dbname")}
    return Rehearsal.connect(**given)


def _prepare_connection(connection: Any, _record: object) -> None:
    connection.execute(_SESSION)
    connection.commit()


def _take_turn(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not (options.get("publisher_reads") or options.get("publisher_ledger")):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({KEY}, {TURN})")


def _refuse_other_schema(version: str) -> None:
    if version != SCHEMA:
        fault = f"the database has schema {version}, this program needs {SCHEMA}"
        raise StoreError(fault, hint="publish db upgrade")


def _from_outside(context: ExceptionContext) -> StoreError | None:
    if context.is_pre_ping:  # a connection that waited broke: another one is made
        return None
    return outside(context.original_exception)


def outside(error: BaseException) -> StoreError | None:
    """What is raised instead where the server or the way to it is at fault, for that is no bug of the program."""
    import psycopg

    if not isinstance(error, psycopg.Error):
        return None
    code = error.sqlstate or ""
    if not code and not isinstance(error, psycopg.OperationalError):
        return None
    said = str(error).strip().splitlines()
    for beginning, hint in _OUTSIDE.items():
        if code.startswith(beginning) if beginning else not code:
            return StoreError(f"the database cannot be used: {said[0] if said else code}", hint=hint)
    return None
