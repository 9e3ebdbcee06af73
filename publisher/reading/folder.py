"""The seeds folder as it stands."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from fnmatch import fnmatch
from pathlib import Path

from publisher.errors import PublisherError, UsageError
from publisher.model import SeedFile
from publisher.reading.pictures import TYPES, path_key

_LOG = logging.getLogger(__name__)

_BACKUPS = ("~", ".swp", ".swo", ".bak", ".tmp")
_COMPANIONS = frozenset(
    [
        ".bmp",
        ".heic",
        ".ico",
        ".svg",
        ".tif",
        ".tiff",
        ".aac",
        ".avi",
        ".flac",
        ".m4a",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp3",
        ".mp4",
        ".ogg",
        ".ogv",
        ".opus",
        ".wav",
        ".webm",
        ".wmv",
        ".css",
        ".js",
        ".map",
        ".mjs",
        ".eot",
        ".otf",
        ".ttf",
        ".woff",
        ".woff2",
    ]
)
"""What saved pages bring along: sound, film, style, script and pictures that not every browser shows."""


State = tuple[int, int]
"""Size in bytes and mtime in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in the seeds folder: what may be seeds, by path, and `pictures` by path in NFC."""

    found: Mapping[str, State] = field(default_factory=dict)
    pictures: Mapping[str, SeedFile] = field(default_factory=dict)

    @property
    def seeds(self) -> tuple[SeedFile, ...]:
        """What may be seeds, in order of their paths."""
        return tuple(SeedFile(path, *state) for path, state in sorted(self.found.items()))


def scan(folder: Path, ignore: Sequence[str]) -> Contents:
    """The regular files of the folder; UsageError where there is no such folder."""
    if not os.path.isdir(folder):  # unlike Path.is_dir, false where a parent is closed
        raise UsageError(f"no seeds folder at {folder}", hint="create it, or set path under [seeds]")
    seeds: dict[str, State] = {}
    beside: dict[str, State] = {}
    _walk(folder, _Sieve(ignore), seeds, beside)
    pictures: dict[str, SeedFile] = {}
    for path, state in sorted(beside.items()):
        pictures.setdefault(path_key(path), SeedFile(path, *state))
    return Contents(seeds, pictures)


def _walk(folder: Path, sieve: _Sieve, seeds: dict[str, State], beside: dict[str, State]) -> None:
    """Find the files below `folder`: a hundred thousand in every run, so that each call for one of them counts."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        start = f"{below}/" if below else ""
        for entry in _entries(folder / below):
            name = entry.name
            # From the last dot on; without a dot it is the last letter, which is no suffix of anything.
            kind = sieve[name[name.rfind(".") :]]
            if kind is _Kind.NONE or name[0] == "." or sieve.refuses(name, start):
                continue
            if entry.is_file(follow_symlinks=False):
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                found = beside if kind is _Kind.PICTURE else seeds
                found[start + name] = (status.st_size, status.st_mtime_ns)
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(start + name)


class _Kind(Enum):
    """What a file may be, by its suffix."""

    SEED = auto()
    PICTURE = auto()
    NONE = auto()


class _Sieve(dict[str, _Kind]):
    """Kinds by suffix as it is written, each found out once."""

    def __init__(self, ignore: Sequence[str]) -> None:
        super().__init__()
        self._ignore = tuple(ignore)

    def __missing__(self, suffix: str) -> _Kind:
        small = suffix.lower()
        kind = _Kind.PICTURE if small in TYPES else _Kind.SEED
        if small.endswith(_BACKUPS) or small in _COMPANIONS:
            kind = _Kind.NONE
        self[suffix] = kind
        return kind

    def refuses(self, name: str, start: str) -> bool:
        """Whether a file is passed over whatever its suffix."""
        return bool(self._ignore or not name.isascii()) and passed_over(name, start + name, self._ignore)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []  # removed while the walk was on its way
    except OSError as fault:
        # Passing over it would make every article in it look withdrawn.
        reason = f"cannot read the folder {str(folder)!r}: {fault.strerror}"
        raise PublisherError(reason, hint="allow reading it, or ignore it under [seeds]") from fault


def passed_over(name: str, path: str, ignore: Sequence[str]) -> bool:
    """Whether the file or folder `name` at `path` is none of seeds."""
    if name.startswith(".") or name.lower().endswith(_BACKUPS):
        return True
    if _suffix(name) in _COMPANIONS:
        return True
    if not name.isascii() and not _is_unicode(name):
        # Such a name could neither be stored nor shown.
        _LOG.warning("passed over, its name is not UTF-8: %r", path)
        return True
    return any(fnmatch(name, pattern) or fnmatch(path, pattern) for pattern in ignore)


def _suffix(name: str) -> str:
    """What follows the last dot of a name that does not begin with one, with it."""
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
