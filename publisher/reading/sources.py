"""Where seeds are: in a folder, or in a bucket. What reads them finds them in a folder, whichever it is."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from publisher.config import Config
from publisher.model import Fault, SeedFile
from publisher.reading.many import holds_many
from publisher.reading.oddities import name_faults, oddities
from publisher.states import State, seeds_and_pictures, sifted

_IN_THE_WAY = (errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EILSEQ)
"""Why a disk has no place for a name: it is too long, or one object would be the folder of another."""
_EPOCH, _NANO = datetime(1970, 1, 1, tzinfo=UTC), 1_000_000_000


class Source(Protocol):
    """Where seeds and their pictures are."""

    def look(self) -> tuple[dict[str, State], dict[str, State]]:
        """What may be seeds and what may be pictures, by path; `UsageError`, `BucketError` where it cannot be told."""

    def oddities(self) -> Iterator[Fault]:
        """What is passed over though it may look like a seed."""

    def at_hand(self, files: Sequence[SeedFile]) -> AbstractContextManager[Path]:
        """A folder in which these stand, each at its path; one that is gone meanwhile does not."""

    def sees(self, path: str, size: int | None) -> bool:
        """Whether a file is there, and of that size, as it was where a run looked, maybe on another machine."""


class Folder:
    """A folder of this machine, or one that it shares with others."""

    def __init__(self, folder: Path, ignore: Sequence[str]) -> None:
        self._folder, self._ignore = folder, ignore

    def look(self) -> tuple[dict[str, State], dict[str, State]]:
        """The regular files."""
        return seeds_and_pictures(self._folder, self._ignore)

    def oddities(self) -> Iterator[Fault]:
        """Links, pipes, names that are no text, names that some disks take for one."""
        return oddities(self._folder, self._ignore)

    def at_hand(self, files: Sequence[SeedFile]) -> AbstractContextManager[Path]:
        """The folder itself."""
        return nullcontext(self._folder)

    def sees(self, path: str, size: int | None) -> bool:
        """Times of change are not compared: network disks round them."""
        try:
            found = os.stat(self._folder / path).st_size
        except OSError:
            return False
        return size is None or found == size


class Bucket:
    """A bucket, of which what is read is fetched, and gone again when it has been read."""

    def __init__(self, config: Config) -> None:
        from publisher import buckets

        self._bucket, self._number_of = buckets.Bucket("seeds", config.seeds), buckets.number_of
        self._ignore, self._most = config.seeds.ignore, config.seeds.max_megabytes * 1_000_000

    def look(self) -> tuple[dict[str, State], dict[str, State]]:
        """Objects below the prefix: their bytes, and a time of change that is another one where the bytes are."""
        return sifted(self._states(), self._ignore)

    def oddities(self) -> Iterator[Fault]:
        """Names that differ in their capitals or their Unicode form only, or cannot be printed."""
        seeds, pictures = self.look()
        return name_faults(sorted((*seeds, *pictures)))

    @contextmanager
    def at_hand(self, files: Sequence[SeedFile]) -> Iterator[Path]:
        """A folder for a while, with copies."""
        with TemporaryDirectory(prefix="publisher-seeds-") as name:
            folder = Path(name)
            for _ in self._bucket.each(lambda file: self._fetch(file, folder), files):
                pass
            yield folder

    def sees(self, path: str, size: int | None) -> bool:
        """A bucket is the same from everywhere."""
        return True

    def _states(self) -> Iterator[tuple[str, State]]:
        for thing in self._bucket.things():
            seconds = int((thing.put_at - _EPOCH).total_seconds())
            mtime_ns = seconds * _NANO + self._number_of(thing.tag) % _NANO
            yield thing.name, (thing.size, mtime_ns)

    def _fetch(self, file: SeedFile, folder: Path) -> None:
        place = folder / file.path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with open(place, "xb") as copy:
                if file.size > self._most and not holds_many(file.path):
                    copy.truncate(file.size)  # too large to be read, which is told by its size
                    return
                for some in self._bucket.read(file.path):
                    copy.write(some)
        except FileNotFoundError:
            place.unlink(missing_ok=True)
        except OSError as error:
            if error.errno not in _IN_THE_WAY:
                raise


def source_of(config: Config) -> Source:
    """Where the seeds of a site are (`publisher.errors.BucketError` where it cannot be reached so)."""
    if config.seeds_bucket:
        return Bucket(config)
    return Folder(config.seeds_folder, config.seeds.ignore)
