"""Where reports wait: a Maildir, a mailbox elsewhere, a file or a stream → raw messages.

Each message is settled only when it was acted on, so that a crash in between shows it again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from publisher.errors import InboxError

_INFO = ":2,"
_LONGEST_LINE = 64 * 1024
_SETTLED = frozenset("SFTR")
"""Flags of messages that somebody has dealt with: seen, flagged, trashed, replied to."""

_MBOX_LINE = re.compile(rb"From \S+.* (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) .*\d{4}\s*$")
_QUOTED = re.compile(rb">+From ")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that came back: where it stands, its first bytes, and `settle`, which takes it off the pile.

    `settle` is told whether the message was understood; one that was not is marked for a person to see.
    """

    place: str
    raw: bytes
    settle: Callable[[bool], None]


def in_maildir(folder: Path, most_bytes: int) -> Iterator[Letter]:
    """Messages of a Maildir that nobody has dealt with, oldest first.

    Those in ``new``, and those that a mail reader only moved into ``cur``. Settled ones stand in ``cur``: as
    seen, or as flagged where they were not understood. Raises `InboxError` where it cannot be read.
    """
    try:
        waiting = [*_names(folder / "new", frozenset())]
        if (folder / "cur").exists():
            waiting += _names(folder / "cur", _SETTLED)
    except OSError as error:
        raise InboxError(f"{folder}: {error.strerror}") from error
    for name, part in sorted(waiting):
        file = folder / part / name
        try:
            with open(file, "rb") as stream:
                raw = stream.read(most_bytes)
        except FileNotFoundError:
            continue  # another process has settled it
        except OSError as error:
            raise InboxError(f"{file}: {error.strerror}") from error
        yield Letter(f"{folder}: {name.partition(_INFO)[0]}", raw, partial(_put_aside, file))


def in_file(file: Path, most_bytes: int) -> Iterator[Letter]:
    """The message in a file, or all of an mbox (RFC 4155); nothing is changed there. Raises `InboxError`."""
    try:
        with open(file, "rb") as stream:
            yield from in_stream(stream, str(file), most_bytes)
    except OSError as error:
        raise InboxError(f"{file}: {error.strerror}") from error


def in_stream(stream: BinaryIO, place: str, most_bytes: int) -> Iterator[Letter]:
    """The message that a stream brings, or all messages where it is an mbox."""
    for number, raw in enumerate(_messages(stream, most_bytes), 1):
        yield Letter(f"{place}:{number}", raw, _leave)


def _names(folder: Path, settled: Set[str]) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            flags = entry.name.partition(_INFO)[2]
            if entry.is_file(follow_symlinks=False) and not settled & set(flags):
                yield entry.name, folder.name


def _put_aside(file: Path, understood: bool) -> None:
    """Into ``cur``, with the flags that a mail reader shows (https://cr.yp.to/proto/maildir.html)."""
    name, _, flags = file.name.partition(_INFO)
    flags = "".join(sorted({*flags, "S" if understood else "F"}))
    (file.parent.parent / "cur").mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        os.rename(file, file.parent.parent / "cur" / f"{name}{_INFO}{flags}")


def _leave(understood: bool) -> None:
    """A file or a stream keeps what it has."""


def _messages(stream: BinaryIO, most_bytes: int) -> Iterator[bytes]:
    """The messages of an mbox; a stream that begins with no line of one is a single message."""
    first = stream.readline(_LONGEST_LINE)
    several = _MBOX_LINE.match(first) is not None
    pieces, size, blank = ([] if several else [first]), 0, False
    for line in iter(partial(stream.readline, _LONGEST_LINE), b""):
        if several and blank and _MBOX_LINE.match(line):
            yield b"".join(pieces)
            pieces, size, blank = [], 0, False
            continue
        blank = not line.strip()
        if size < most_bytes:
            pieces.append(line[1:] if several and _QUOTED.match(line) else line)
            size += len(line)
    if any(pieces):
        yield b"".join(pieces)[:most_bytes]
