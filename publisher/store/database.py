"""Opening, creating and migrating the database; what is peculiar to SQLite stands here."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool, Pool, SingletonThreadPool

from publisher.errors import StoreError
from publisher.store import migrating
from publisher.store.tables import SCHEMA

_OUTSIDE = {
    "SQLITE_FULL": "make room on the disk; the next run goes on where this one stopped",
    "SQLITE_IOERR": "see that the disk is well and has room; the next run goes on where this one stopped",
    "SQLITE_READONLY": "see that you may write the database and its folder",
    "SQLITE_CANTOPEN": "see that you may write the database and its folder",
    "SQLITE_BUSY": "another program holds the database; end it, or try again later",
    "SQLITE_CORRUPT": "put a backup of it in place",
    "SQLITE_NOTADB": "put a backup of it in place",
}
"""Errors that come from outside of the program, by the beginnings of SQLite's names for them, and what to do."""

READING = {"publisher_reads": True}
"""Options of a connection that only asks: SQLite then lets it in beside whoever writes."""


def open_file(file: Path, *, often: bool = False) -> Engine:
    """Open the database `file` for writing; make it, with its folder, where there is none.

    An older schema is upgraded after a copy was put beside it; a newer one is refused. Who asks `often`, in one
    thread, keeps one connection.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(_url(file), SingletonThreadPool if often else NullPool)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin_immediate)
    version = migrating.version_of(engine)
    if version != SCHEMA:
        if version:
            _back_up(engine, file.with_name(f"{file.name}.{version}.bak"))
        upgrade_file(file)
    return engine


def upgrade_file(file: Path) -> None:
    """Bring the database `file` to `SCHEMA`, all of it or nothing; no copy of it is made."""
    upgrade(_engine(_url(file)))


@contextmanager
def reading(file: Path) -> Iterator[Engine]:
    """Open the database `file` so that no byte of it, nor beside it, changes.

    Where a journal of another process stands beside it, a copy outside of the site is read.
    """
    with ExitStack() as stack:
        options = {"mode": "ro", "immutable": "1", "uri": "true"}
        url = URL.create("sqlite", database=f"file:{quote(str(file))}", query=options)
        if _has_journal(file):
            url = _url(stack.enter_context(copied(file)))
        engine = _engine(url)
        version = migrating.version_of(engine)
        if version != SCHEMA:
            fault = f"{file.name}: schema {version or 'none'}, this program needs {SCHEMA}"
            raise StoreError(fault, hint="publish db upgrade")
        yield engine


@contextmanager
def still(file: Path) -> Iterator[Connection]:
    """A connection to ask `file` by while nobody writes to it; its schema may be any."""
    with _engine(_url(file)).connect() as connection:
        _set(connection, "busy_timeout=30000")
        _begin_immediate(connection)
        yield connection


@contextmanager
def filling(file: Path) -> Iterator[Connection]:
    """A connection to fill the new database `file` by, with tables that are empty; in the end it is written.

    What is left of it where it fails is no database: it is to be thrown away.
    """
    upgrade_file(file)
    with _engine(_url(file)).connect() as connection:
        _set(connection, "journal_mode=OFF", "synchronous=OFF", "foreign_keys=ON")
        _begin_immediate(connection)
        yield connection
        connection.commit()


@contextmanager
def copied(file: Path) -> Iterator[Path]:
    """A copy of the database `file`, if there is one, outside of the site; thrown away in the end."""
    with tempfile.TemporaryDirectory() as folder:
        for source in (file, _journal(file)):
            with suppress(FileNotFoundError):
                shutil.copy(source, folder)
        yield Path(folder) / file.name


def fault_of(engine: Engine) -> str:
    """Why a database does not answer; empty where it does."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM setting LIMIT 1"))
    except StoreError as error:
        return f"the database does not answer: {error}"
    except DatabaseError as error:
        return f"the database does not answer: {error.orig}"
    return ""


def upgrade(engine: Engine) -> None:
    """Bring the schema to `SCHEMA`, all of it or nothing, on an engine that opens no transaction of its own accord.

    Foreign keys rest meanwhile: to rebuild a table is to drop it, which would take rows along.
    """
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
        _begin_immediate(connection)
        migrating.upgrade(connection)
        if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
            raise StoreError(
                f"the database has {len(broken)} broken references and was not upgraded",
                hint="put a backup of it in place",
            )
        connection.commit()


def _journal(file: Path) -> Path:
    return file.with_name(file.name + "-wal")


def _has_journal(file: Path) -> bool:
    """Asked once: the process whose journal it is takes it away when it ends."""
    try:
        return _journal(file).stat().st_size > 0
    except FileNotFoundError:
        return False


def unsynced(connection: Connection) -> None:
    """Let the commits of a connection reach the disk when the system likes; said before its first transaction."""
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute("PRAGMA synchronous=NORMAL")


def _url(file: Path) -> URL:
    """A path may hold what would mean something in a URL."""
    return URL.create("sqlite", database=str(file))


def _engine(url: URL, pool: type[Pool] = NullPool) -> Engine:
    engine = create_engine(url, poolclass=pool)
    event.listen(engine, "handle_error", _from_outside, retval=True)
    return engine


def _from_outside(context: ExceptionContext) -> StoreError | None:
    return outside(context.original_exception)


def outside(error: BaseException) -> StoreError | None:
    """What is raised instead where a disk or a file is at fault, for that is no bug of the program."""
    name = getattr(error, "sqlite_errorname", "")
    for beginning, hint in _OUTSIDE.items():
        if name.startswith(beginning):
            return StoreError(f"the database cannot be used: {error}", hint=hint)
    return None


def _set(connection: Connection, *pragmas: str) -> None:
    """Set these for a connection; its transactions begin where that is said, from then on."""
    raw: Any = connection.connection.driver_connection
    raw.isolation_level = None
    for pragma in pragmas:
        raw.execute(f"PRAGMA {pragma}")


def _prepare_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    reads = READING.items() <= connection.get_execution_options().items()
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _back_up(engine: Engine, copy: Path) -> None:
    if copy.exists():
        os.unlink(copy)
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is not None:
            raw.execute("VACUUM INTO ?", (str(copy),))
