"""Copies of the database: made while others write, looked over before they are put in place.

What is copied is one state, with what stands in the journal, packed and without what was deleted
(SQLite, VACUUM INTO). A copy is private to its owner: it holds the addresses of subscribers.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.exc import DatabaseError

from publisher.errors import StoreError
from publisher.store import tables as t
from publisher.store.columns import moment_of
from publisher.store.database import upgrade_file

_UNFINISHED, _FRESH = ".unfinished", ".restored"
_BESIDE = ("-wal", "-shm")
_OPEN = "SELECT count(*) FROM delivery WHERE state IN ('pending', 'claimed', 'sending', 'uncertain')"
_GONE = (
    "SELECT key, state, '' FROM subscriber WHERE state NOT IN ('pending', 'active')",
    """SELECT key, 'unsubscribed', digest FROM departure JOIN subscriber ON number = subscriber
    WHERE state = 'active' AND digest <> ''""",
    "SELECT hash, 'erased', '' FROM suppression",
)
_HOLD = """
    UPDATE edition SET held = ? WHERE held = '' AND number IN
    (SELECT edition FROM delivery WHERE state IN ('pending', 'claimed', 'sending', 'uncertain'))"""


def copy(source: Path, target: Path) -> None:
    """Put a copy of the database `source` at `target`, whole or not at all.

    `publisher.errors.StoreError` where it cannot be read or `target` cannot be made; what stands there stays.
    """
    with whole(target) as unfinished:
        try:
            with _opened(source) as database:
                database.execute("VACUUM INTO ?", (str(unfinished),))
        except sqlite3.Error as error:
            raise StoreError(f"{source}: cannot be copied: {error}") from error


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """An empty file, private to its owner, that is put at `target` in the end, whole or not at all.

    `publisher.errors.StoreError` where `target` cannot be made; what stands there stays.
    """
    unfinished = target.with_name(target.name + _UNFINISHED)
    if not target.parent.is_dir():
        raise StoreError(f"{target}: no such folder", hint="create it")
    try:
        if target.exists():
            raise FileExistsError
        _unlinked(unfinished)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL, 0o600))
        yield unfinished
        _synced(unfinished)
        os.link(unfinished, target)  # unlike a rename it replaces nothing
        _synced(target.parent)
    except FileExistsError:
        raise StoreError(f"{target}: stands there already", hint="name another file") from None
    except OSError as error:
        raise StoreError(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            _unlinked(unfinished)


def faults_of(file: Path) -> Iterator[str]:
    """What keeps a file from being a database of this program."""
    if not file.is_file():
        yield "no such file"
        return
    try:
        with _opened(file) as database:
            rows = database.execute("PRAGMA integrity_check(5)").fetchall()
            yield from (str(row[0]) for row in rows if row[0] != "ok")
            broken = len(database.execute("PRAGMA foreign_key_check").fetchall())
            if broken:
                yield f"{broken} broken references"
            yield from _of_schema(database)
    except sqlite3.Error as error:
        yield str(error)


@contextmanager
def prepared(source: Path, file: Path) -> Iterator[Path]:
    """A copy of the database `source` beside `file`, of this program's schema, for `replace`; else thrown away.

    What must hold as soon as it is in place is done to it here.
    """
    fresh = file.with_name(file.name + _FRESH)
    _unlinked(fresh)
    try:
        copy(source, fresh)
        try:
            upgrade_file(fresh)
        except DatabaseError as error:
            fault = f"{source}: cannot be brought to schema {t.SCHEMA}: {error.orig}"
            raise StoreError(fault, hint="nothing was changed") from error
        yield fresh
    finally:
        _unlinked(fresh)


def replace(file: Path, fresh: Path, kept: Path) -> None:
    """Put a database that was `prepared` in the place of `file`, which is kept at `kept`; nobody may be at work.

    Killed at any instant, there is a whole database at `file`: the old one or the new one.
    """
    _brought_in(fresh)
    _synced(fresh)
    if file.exists():
        if not any(faults_of(file)):
            _brought_in(file)
        _linked(file, kept)
        for suffix in _BESIDE:  # what could not be brought into a broken file goes with it
            with suppress(FileNotFoundError):
                os.replace(f"{file}{suffix}", f"{kept}{suffix}")
    os.replace(fresh, file)
    _synced(file.parent)


def hold_open(file: Path, reason: str) -> int:
    """Let every delivery that is open wait for a person; how many there are."""
    with closing(sqlite3.connect(file)) as database:
        number = int(database.execute(_OPEN).fetchone()[0])
        database.execute(_HOLD, (reason,))
        database.commit()
    return number


def last_moment(file: Path) -> datetime | None:
    """When the last run ended that a database knows of."""
    with suppress(sqlite3.Error), _opened(file) as database:
        seconds = database.execute("SELECT max(ended_at) FROM run").fetchone()[0]
        return moment_of(seconds) if seconds is not None else None
    return None


def editions_after(file: Path, other: Path) -> list[str]:
    """Pages of editions that `file` has and `other` does not; none where either cannot be read."""
    try:
        with _opened(file) as one, _opened(other) as two:
            known = {row[0] for row in two.execute("SELECT page FROM edition")}
            return [
                row[0]
                for row in one.execute("SELECT page FROM edition ORDER BY due_at")
                if row[0] not in known
            ]
    except sqlite3.Error:
        return []


def gone(file: Path) -> list[tuple[str, str, str]]:
    """Who left, by folded address: the state, and a digest that was left, or none for all.

    Who was erased has the state ``erased``, and a hash in the place of the address. Nobody, where the
    database cannot be read.
    """
    try:
        with _opened(file) as database:
            return [row for query in _GONE for row in database.execute(query)]
    except sqlite3.Error:
        return []


def _of_schema(database: sqlite3.Connection) -> Iterator[str]:
    try:
        row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        row = None
    if row is None:
        yield "not a database of this program"
    elif row[0] > t.SCHEMA:
        yield f"schema {row[0]}, this program knows {t.SCHEMA}: install the newer publisher"


def _brought_in(file: Path) -> None:
    """Bring the journal of a database that nobody uses into it; nothing stands beside it then."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _linked(file: Path, kept: Path) -> None:
    """Give a database a second name; that it has it already is the work of a try that was killed."""
    try:
        os.link(file, kept)
    except FileExistsError:
        if not kept.samefile(file):
            raise StoreError(f"{kept}: stands there already", hint="try again in a second") from None


def _unlinked(file: Path) -> None:
    """Take a database away, its journals first: they would be taken for those of the next one."""
    for suffix in (*_BESIDE, "-journal", ""):
        with suppress(FileNotFoundError):
            os.unlink(f"{file}{suffix}")


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A database to read; others may write to it meanwhile."""
    with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=30)) as database:
        yield database


def _synced(path: Path) -> None:
    """See that a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
