"""Files that hold many articles: a line each, or an entry each. Such a file is read as if it were a folder.

An article in one is a seed of its own, at the path of the file with its key behind it: its id where it has
one, else its line. So one that cannot be read stops no other, and each keeps its identity.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from publisher.errors import SeedError
from publisher.model import Draft, SeedFile
from publisher.reading.gate import checked
from publisher.reading.many.records import Record
from publisher.reading.options import Options
from publisher.reading.plainly import open_plainly, whatever_is_wrong

_PLAIN_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Source = Callable[[Path, Options], Iterator[Record]]


def _json_lines(file: Path, options: Options) -> Iterator[Record]:
    from publisher.reading.many.jsonlines import records

    return records(file, options)


def _json(file: Path, options: Options) -> Iterator[Record]:
    from publisher.reading.many.jsonfile import records

    return records(file, options)


def _feed(file: Path, options: Options) -> Iterator[Record]:
    from publisher.reading.many.feedfile import records

    return records(file, options)


MANY: Mapping[str, Source] = MappingProxyType(
    {
        ".jsonl": _json_lines,
        ".ndjson": _json_lines,
        ".json": _json,
        ".rss": _feed,
        ".atom": _feed,
        ".xml": _feed,
    }
)
"""What reads the records of a file, by its suffix in small letters."""


def holds_many(path: str) -> bool:
    """Whether the file at `path` is read as if it were a folder."""
    return posixpath.splitext(path)[1].lower() in MANY


def parts_of(
    folder: Path, seed: SeedFile, options: Options
) -> Iterator[tuple[SeedFile, str, Draft | SeedError]]:
    """Each article of a file: the seed that it is, the digest of its record, and its draft or why there is none.

    SeedError where the file itself cannot be read.
    """
    taken: set[str] = set()
    source = MANY[posixpath.splitext(seed.path)[1].lower()]
    for record in source(folder / seed.path, options):
        key = _key(record)
        while key in taken:
            key += f"~{record.number}"  # no id that stands as it is holds a tilde
        taken.add(key)
        part = SeedFile(f"{seed.path}/{key}", seed.size, seed.mtime_ns)
        yield part, record.digest, _drafted(record, options)


def digest_of_file(folder: Path, seed: SeedFile) -> str:
    """The digest of a file of any size, as `publisher.reading.digest_of` has it (SeedError where it cannot be read)."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        with open(folder / seed.path, "rb", opener=open_plainly) as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError as fault:
        raise SeedError(f"cannot be opened: {fault.strerror}") from fault
    return digest.hexdigest()


def _drafted(record: Record, options: Options) -> Draft | SeedError:
    try:
        return checked(whatever_is_wrong(record.draft, options))
    except SeedError as fault:
        return SeedError(fault.reason, line=record.line, hint=fault.hint)


def _key(record: Record) -> str:
    name = record.name
    if not name:
        return str(record.number)
    if _PLAIN_KEY.fullmatch(name):
        return name
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
