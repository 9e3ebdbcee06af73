"""Who is at work on a site: a file beside the database, or a lock within it; either dies with its process.

A lock in PostgreSQL is held by a connection of its own, and the name that the connection gives itself
says who that is: other machines see it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from publisher import locking
from publisher.errors import RunHeld, StoreError
from publisher.store.postgres import KEY, open_url, reading

_NUMBERS = {"lock": 1, "serving": 2, "sending": 3}
"""A run at work; who serves; who sends mail. `publisher.store.postgres.TURN` comes after them."""
_TRY = f"SELECT pg_try_advisory_lock({KEY}, %s)"
_TRY_MEANWHILE = f"SELECT pg_try_advisory_xact_lock({KEY}, %s)"
_SHARE = f"SELECT pg_advisory_lock_shared({KEY}, %s)"
_LEAVE = f"SELECT pg_advisory_unlock({KEY}, %s)"
_WHO = """
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = (KEY::bigint & 4294967295) AND objid = %s AND objsubid = 2 AND granted
    ORDER BY backend_start LIMIT 1""".replace("KEY", KEY)


@contextmanager
def held(place: Path | str, kind: str, doing: str) -> Iterator[None]:
    """Hold a lock of a site meanwhile; `publisher.errors.RunHeld` names the process that has it.

    On PostgreSQL any number may serve: each edition is recorded once, whoever is first.
    """
    if isinstance(place, Path):
        with locking.held(place.with_suffix(f".{kind}"), doing):
            yield
        return
    with _connected(place, doing) as connection:
        if kind == "serving":
            connection.exec_driver_sql(_SHARE, (_NUMBERS[kind],))
        elif not connection.exec_driver_sql(_TRY, (_NUMBERS[kind],)).scalar():
            fault = f"a run is under way: {_who(connection, kind)} holds the lock in the database"
            raise RunHeld(fault, hint="wait until it has ended")
        yield


@contextmanager
def sharing(place: Path | str, kind: str) -> Iterator[bool]:
    """Hold a lock together with others meanwhile; gives whether there was nobody else at the beginning."""
    if isinstance(place, Path):
        with locking.sharing(place.with_suffix(f".{kind}")) as alone:
            yield alone
        return
    with _connected(place, "publish") as connection:
        number = (_NUMBERS[kind],)
        alone = bool(connection.exec_driver_sql(_TRY, number).scalar())
        connection.exec_driver_sql(_SHARE, number)
        if alone:
            connection.exec_driver_sql(_LEAVE, number)
        yield alone


@contextmanager
def alone(place: Path | str, doing: str) -> Iterator[None]:
    """Be the only one at work on a site meanwhile; `publisher.errors.StoreError` names who serves, runs or sends."""
    if not isinstance(place, Path):
        with _connected(place, doing) as connection:
            _take_all(connection, _TRY)
            yield
        return
    with ExitStack() as stack:
        for kind in ("serving", "lock"):
            try:
                stack.enter_context(held(place, kind, doing))
            except RunHeld as error:
                holder = error.lines[0].partition(": ")[2]
                raise StoreError(f"the site is in use: {holder}", hint="stop it first") from None
        if not stack.enter_context(sharing(place, "sending")):
            raise StoreError("the site is in use: a process sends mail", hint="wait until it has ended")
        yield


def take_all(connection: Connection) -> None:
    """Be the only one at work on a site on PostgreSQL to the end of a transaction; see `alone`."""
    _take_all(connection, _TRY_MEANWHILE)


def holder(place: Path | str, kind: str) -> str:
    """Who holds a lock, as far as can be seen without touching it; empty where nobody seems to."""
    if isinstance(place, Path):
        return locking.holder(place.with_suffix(f".{kind}"))
    with reading(place) as engine:
        if engine is None:
            return ""
        with engine.connect() as connection:
            found = connection.execution_options(publisher_reads=True).exec_driver_sql(
                _WHO, (_NUMBERS[kind],)
            )
            return str(found.scalar() or "")


def _take_all(connection: Connection, attempt: str) -> None:
    for kind, number in _NUMBERS.items():
        if not connection.exec_driver_sql(attempt, (number,)).scalar():
            raise StoreError(f"the site is in use: {_who(connection, kind)}", hint="stop it first")


def _who(connection: Connection, kind: str) -> str:
    return connection.exec_driver_sql(_WHO, (_NUMBERS[kind],)).scalar() or "another process"


@contextmanager
def _connected(url: str, doing: str) -> Iterator[Connection]:
    """A connection of its own: a lock is a matter of the connection, and goes with it."""
    name = f"process {os.getpid()} ({doing}) on {socket.gethostname()}"
    with open_url(url).connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT", publisher_reads=True)
        alone.detach()
        alone.exec_driver_sql("SELECT set_config('application_name', %s, false)", (name[:63],))
        try:
            yield alone
        finally:
            # A server takes its time to notice that somebody left.
            with suppress(StoreError, SQLAlchemyError):
                alone.exec_driver_sql("SELECT pg_advisory_unlock_all()")
