"""The seeds folder → readings: what is new or changed in it is read, each article by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from publisher.config import Config
from publisher.errors import SeedError, Stopped
from publisher.model import Fault, SeedFile
from publisher.planning import Reading
from publisher.reading import Options, attach, digest_of, digest_of_file, holds_many, load, parts_of, read
from publisher.stopping import Stop

Pictures = Mapping[str, SeedFile]


def gather(
    config: Config,
    files: Sequence[SeedFile],
    pictures: Pictures,
    options: Options,
    progress: Callable[[str, int, int], None],
    stop: Stop,
) -> Iterator[Reading]:
    """Read `files`, one after another; what cannot be read is a reading with its fault.

    `publisher.errors.Stopped` where it was asked to `stop` meanwhile.
    """
    for number, file in enumerate(files):
        if stop.asked:
            raise Stopped("stopped while it read; nothing was changed")
        progress("reading", number, len(files))
        if holds_many(file.path):
            yield from _many(config, file, pictures, options.of(file))
        else:
            yield _one(config, file, pictures, options.of(file))


def _one(config: Config, file: SeedFile, pictures: Pictures, options: Options) -> Reading:
    digest = ""
    try:
        raw = load(config.seeds_folder, file, options)
        digest = digest_of(raw)
        return Reading(file, digest, attach(read(raw, file.path, options), file.path, pictures))
    except SeedError as error:
        return Reading(file, digest, fault=_fault(file, error))


def _many(config: Config, file: SeedFile, pictures: Pictures, options: Options) -> Iterator[Reading]:
    """The articles of one file, and last the file itself, which is none."""
    try:
        for part, digest, draft in parts_of(config.seeds_folder, file, options):
            if isinstance(draft, SeedError):
                yield Reading(part, digest, fault=_fault(part, draft))
            else:
                yield Reading(part, digest, attach(draft, file.path, pictures))
        yield Reading(file, digest_of_file(config.seeds_folder, file))
    except SeedError as error:
        yield Reading(file, "", fault=_fault(file, error))


def _fault(file: SeedFile, error: SeedError) -> Fault:
    return Fault(file.path, error.reason, error.line, error.hint)
