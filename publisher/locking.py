"""One run at a time: a lock beside the database that dies with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publisher.errors import RunHeld


@contextmanager
def held(file: Path, doing: str) -> Iterator[None]:
    """Hold the lock `file` meanwhile; `publisher.errors.RunHeld` names the process that has it.

    The file is taken away in the end, so that a run that does nothing leaves nothing behind.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = _acquire(file)
    try:
        os.truncate(handle, 0)
        os.write(handle, f"process {os.getpid()} ({doing})".encode())
        yield
    finally:
        os.unlink(file)
        os.close(handle)


def holder(file: Path) -> str:
    """Who holds the lock `file`, as far as can be seen without touching it; empty where nobody seems to."""
    try:
        said = file.read_text(encoding="utf-8")
        os.kill(int(said.split()[1]), 0)
    except PermissionError:
        return said
    except (OSError, ValueError, IndexError):  # no file, no such process, or not yet written
        return ""
    return said


def _acquire(file: Path) -> int:
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 200).decode("utf-8", "replace") or "another process"
            os.close(handle)
            raise RunHeld(
                f"a run is under way: {holder} holds {file}", hint="wait until it has ended"
            ) from None
        if _still_there(handle, file):
            return handle
        os.close(handle)


def _still_there(handle: int, file: Path) -> bool:
    """Whether the locked file is the one at its path, and not one that its last holder took away."""
    try:
        return os.fstat(handle).st_ino == os.stat(file).st_ino
    except FileNotFoundError:
        return False


@contextmanager
def sharing(file: Path) -> Iterator[bool]:
    """Hold the lock `file` together with others meanwhile; gives whether there was nobody else at the beginning."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except BlockingIOError:
            alone = False
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield alone
    finally:
        os.close(handle)
