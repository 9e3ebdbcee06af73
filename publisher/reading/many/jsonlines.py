"""JSON Lines (jsonlines.org): an object a line, read one after another, whatever the size of the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from publisher.errors import SeedError
from publisher.reading.many.records import Record
from publisher.reading.options import Options
from publisher.reading.plainly import open_plainly


def records(path: Path, options: Options) -> Iterator[Record]:
    """A record for each line that is not blank; one that cannot be read says why."""
    try:
        with open(path, "rb", opener=open_plainly) as file:
            for number, line in enumerate(iter(lambda: file.readline(options.max_bytes + 1), b""), 1):
                if len(line) > options.max_bytes:
                    _skip(file, line, options.max_bytes)
                    yield _bad(number, f"too large: more than {options.max_bytes / 1_000_000:g} MB")
                elif line.strip():
                    yield _record(number, line)
    except OSError as fault:
        raise SeedError(f"cannot be opened: {fault.strerror}") from fault


def _skip(file: BinaryIO, line: bytes, most: int) -> None:
    """Pass over the rest of a line."""
    while line and not line.endswith(b"\n"):
        line = file.readline(most)


def _record(number: int, line: bytes) -> Record:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _bad(number, "not UTF-8")
    except (ValueError, RecursionError):
        return _bad(number, "not JSON")
    return Record(number, number, value) if isinstance(value, dict) else _bad(number, "no object of JSON")


def _bad(number: int, reason: str) -> Record:
    return Record(
        number, number, {}, SeedError(reason, hint='each line is an object of its own, as in {"title": …}')
    )
