"""The seeds folder → readings: what is new or changed in it is read, each article by itself.

::

    files ─▶ shards ─ reader(order) ─▶ drafts, examined, without their blocks ─▶ readings
                                                     (these go into a `Spool`)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import mkstemp
from weakref import finalize
from zlib import crc32

from publisher.config import Config
from publisher.crew import WORTH_IT, Crew
from publisher.errors import SeedError, Stopped
from publisher.keywords import Rules, compile_rules
from publisher.model import Draft, Fault, KeywordSource, SeedFile, Subject
from publisher.planning import Reading, examine
from publisher.reading import (
    Options,
    Source,
    attach,
    digest_of,
    digest_of_file,
    holds_many,
    load,
    parts_of,
    read,
    source_of,
)
from publisher.stopping import Stop
from publisher.store import bodies

_SHARD = 100
"""Seeds, about, that are read together; much less than a process reads, so that all end together."""

_IN_MEMORY = 16_000_000
"""Bytes."""

Pictures = Mapping[str, SeedFile]
Read = tuple[Reading, str]
"""A reading without blocks, and what `publisher.store.bodies` makes of them."""


@dataclass(frozen=True, slots=True)
class Order:
    """What all seeds of a run have in common."""

    config: Config
    options: Options
    pictures: Pictures
    keep: bool
    """Whether topics that were made ready may be kept for the next run."""

    def rules(self) -> Rules:
        """The configuration of keywords, for a process that reads."""
        return compile_rules(self.config.keywords, self.config.topics_file, keep=self.keep)


class Spool:
    """Bodies that wait until their articles are recorded.

    They stay in memory while they are few; beyond, in a file without a name, which goes when nobody has it.
    """

    def __init__(self, most: int = _IN_MEMORY) -> None:
        self._left, self._file, self._end = most, -1, 0

    def put(self, body: str) -> Callable[[], str]:
        """Keep a body; returns what gives it back, as often as it is asked."""
        raw = body.encode()
        self._left -= len(raw)
        if self._left >= 0:
            return raw.decode
        if self._file < 0:
            self._file, name = mkstemp(prefix="publisher-")
            finalize(self, os.close, self._file)
            os.unlink(name)
        place = self._end
        self._end += os.pwrite(self._file, raw, place)
        return partial(self._get, place, len(raw))

    def _get(self, place: int, length: int) -> str:
        return os.pread(self._file, length, place).decode()


class _Shared:
    """What readings have in common as one object: what comes from another process brings its own of everything."""

    def __init__(self, files: Sequence[SeedFile]) -> None:
        self._files = {file.path: file for file in files}
        self._given: dict[Subject, Subject] = {}

    def of(self, reading: Reading, body: Callable[[], str] | None) -> Reading:
        """The same reading, with its `body`."""
        file, seen = self._files.get(reading.file.path, reading.file), reading.examined
        if seen:
            seen = replace(seen, subjects=tuple(map(self._subject, seen.subjects)))
        return replace(reading, file=file, examined=seen, body=body)

    def _subject(self, one: Subject) -> Subject:
        # What was found in a text has a score of its own.
        return one if one.source is KeywordSource.FOUND else self._given.setdefault(one, one)


def gather(
    order: Order,
    files: Sequence[SeedFile],
    crew: Crew,
    progress: Callable[[str, int, int], None],
    stop: Stop,
) -> Iterator[Reading]:
    """Read `files`, in whatever order; what cannot be read is a reading with its fault.

    `publisher.errors.Stopped` where it was asked to `stop` meanwhile.
    """
    spool, number, shared = Spool(), 0, _Shared(files)
    progress("reading", 0, len(files))
    for done, shard in _shards(order, files, crew, stop):
        for reading, body in shard:
            yield shared.of(reading, spool.put(body) if body else None)
        number += done
        progress("reading", number, len(files))
    if number < len(files):
        raise Stopped("stopped while it read; nothing was changed")


def _shards(
    order: Order, files: Sequence[SeedFile], crew: Crew, stop: Stop
) -> Iterator[tuple[int, Iterable[Read]]]:
    """Each with how many files it is of. A file that holds many articles is read here, as a stream."""
    here, source = reader(order) if len(files) < WORTH_IT else None, source_of(order.config)
    for many, some in groupby(files, key=lambda file: holds_many(file.path)):
        if many:
            rules = order.rules()
            for file in some:
                if stop.asked:
                    return
                yield 1, _many(order, file, rules, source)
        elif here:
            for file in some:
                if stop.asked:
                    return
                yield 1, here([file])
        else:
            for shard, read_ in crew.each(
                reader, order, shards_of(list(some), crew.larger), lambda: stop.asked
            ):
                yield len(shard), read_


def shards_of(files: Sequence[SeedFile], larger: int = 1) -> list[list[SeedFile]]:
    """The seeds in so many shards as pay; in which one a seed is says its path, whoever asks and whatever changed."""
    shards: list[list[SeedFile]] = [[] for _ in range(-(-len(files) // (_SHARD * larger)))]
    for file in files:
        shards[crc32(file.path.encode()) % len(shards)].append(file)
    return [shard for shard in shards if shard]


def reader(order: Order) -> Callable[[Sequence[SeedFile]], list[Read]]:
    """What reads the seeds of an order, in a process that knows nothing else of the run."""
    rules, source = order.rules(), source_of(order.config)

    def read_all(files: Sequence[SeedFile]) -> list[Read]:
        with source.at_hand(files) as folder:
            return [_one(order, folder, file, rules) for file in files]

    return read_all


def _one(order: Order, folder: Path, file: SeedFile, rules: Rules) -> Read:
    digest, options = "", order.options.of(file)
    try:
        raw = load(folder, file, options)
        digest = digest_of(raw)
        return _read(file, digest, attach(read(raw, file.path, options), file.path, order.pictures), rules)
    except SeedError as error:
        return Reading(file, digest, fault=_fault(file, error)), ""


def _many(order: Order, file: SeedFile, rules: Rules, source: Source) -> Iterator[Read]:
    """The articles of one file, and last the file itself, which is none."""
    with source.at_hand([file]) as folder:
        yield from _parts(order, folder, file, rules)


def _parts(order: Order, folder: Path, file: SeedFile, rules: Rules) -> Iterator[Read]:
    try:
        for part, digest, draft in parts_of(folder, file, order.options.of(file)):
            if isinstance(draft, SeedError):
                yield Reading(part, digest, fault=_fault(part, draft)), ""
            else:
                yield _read(part, digest, attach(draft, file.path, order.pictures), rules)
        yield Reading(file, digest_of_file(folder, file)), ""
    except SeedError as error:
        yield Reading(file, "", fault=_fault(file, error)), ""


def _read(file: SeedFile, digest: str, draft: Draft, rules: Rules) -> Read:
    identified = replace(draft, blocks=(), summary="", authors=(), keywords=(), language="")
    return Reading(file, digest, identified, examined=examine(draft, rules)), bodies.packed(draft)


def _fault(file: SeedFile, error: SeedError) -> Fault:
    return Fault(file.path, error.reason, error.line, error.hint)
