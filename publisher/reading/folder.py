"""The seeds folder as it stands."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in the seeds folder: what may be `seeds`, by path, and `pictures` by path in NFC."""

    seeds: tuple[SeedFile, ...] = ()
    pictures: Mapping[str, SeedFile] = field(default_factory=dict)


def scan(folder: Path, ignore: Sequence[str]) -> Contents:
    """The regular files of the folder; UsageError where there is no such folder."""
    if not os.path.isdir(folder):  # unlike Path.is_dir, false where a parent is closed
        raise UsageError(f"no seeds folder at {folder}", hint="create it, or set path under [seeds]")
    seeds: list[SeedFile] = []
    pictures: dict[str, SeedFile] = {}
    for file in sorted(_walk(folder, tuple(ignore)), key=lambda file: file.path):
        if os.path.splitext(file.path)[1].lower() in TYPES:
            pictures.setdefault(path_key(file.path), file)
        else:
            seeds.append(file)
    return Contents(tuple(seeds), pictures)


def _walk(folder: Path, ignore: tuple[str, ...]) -> Iterator[SeedFile]:
    waiting = [""]
    while waiting:
        below = waiting.pop()
        for entry in _entries(folder / below):
            path = f"{below}/{entry.name}" if below else entry.name
            if passed_over(entry.name, path, ignore):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif entry.is_file(follow_symlinks=False) and (file := _file(entry, path)):
                yield file


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


def _file(entry: os.DirEntry[str], path: str) -> SeedFile | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return SeedFile(path=path, size=status.st_size, mtime_ns=status.st_mtime_ns)


def passed_over(name: str, path: str, ignore: Sequence[str]) -> bool:
    """Whether the file or folder `name` at `path` is none of seeds."""
    if name.startswith(".") or name.lower().endswith(_BACKUPS):
        return True
    if os.path.splitext(name)[1].lower() in _COMPANIONS:
        return True
    if not _is_unicode(name):
        # Such a name could neither be stored nor shown.
        _LOG.warning("passed over, its name is not UTF-8: %r", path)
        return True
    return any(fnmatch(name, pattern) or fnmatch(path, pattern) for pattern in ignore)


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
