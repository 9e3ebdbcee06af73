"""Files as their folders show them, by the hundred thousand in every run: so each call for one of them counts."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum, auto
from fnmatch import fnmatch
from pathlib import Path
from types import MappingProxyType

from publisher import addresses
from publisher.errors import PublisherError, UsageError

_LOG = logging.getLogger(__name__)

State = tuple[int, int]
"""Size in bytes and mtime in nanoseconds."""

PICTURE_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".avif": "image/avif",
        ".gif": "image/gif",
        ".jpeg": "image/jpeg",
        ".jpg": "image/jpeg",
        ".png": "image/png",
        ".webp": "image/webp",
    }
)
"""The media type for each suffix, in small letters. SVG is left out: it can hold script."""

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


def seeds_and_pictures(folder: Path, ignore: Sequence[str]) -> tuple[dict[str, State], dict[str, State]]:
    """What may be seeds and what may be pictures of them, by path; UsageError where there is no such folder."""
    if not os.path.isdir(folder):  # unlike Path.is_dir, false where a parent is closed
        raise UsageError(f"no seeds folder at {folder}", hint="create it, or set path under [seeds]")
    seeds: dict[str, State] = {}
    pictures: dict[str, State] = {}
    _walk(folder, _Sieve(ignore), seeds, pictures)
    return seeds, pictures


def sifted(
    files: Iterable[tuple[str, State]], ignore: Sequence[str]
) -> tuple[dict[str, State], dict[str, State]]:
    """The same of a list of files that tells of folders only by the paths of what is in them."""
    sieve, seeds, pictures = _Sieve(ignore), dict[str, State](), dict[str, State]()
    entered = {"": True}

    def enters(folder: str) -> bool:
        if folder not in entered:
            above, _, name = folder.rpartition("/")
            entered[folder] = enters(above) and sieve.takes(name, f"{above}/" if above else "")
        return entered[folder]

    for path, state in files:
        folder, _, name = path.rpartition("/")
        if sieve.takes(name, f"{folder}/" if folder else "") and enters(folder):
            found = pictures if sieve[name[name.rfind(".") :]] is _Kind.PICTURE else seeds
            found[path] = state
    # Consoles of buckets make a folder as an object without a byte.
    for path in [path for path, (size, _) in seeds.items() if not size and path in entered]:
        del seeds[path]
    return seeds, pictures


_FOLDER = ("", "/")
"""How the path of a page ends."""
_FEEDS = (addresses.OPML, *(addresses.feed("", form) for form in addresses.FEED_TYPES))


def amiss(root: str, documents: Mapping[str, State], siblings: Collection[str]) -> bool:
    """Whether any of the documents is not in place below `root`, or a compressed sibling of a feed is not."""
    start, stat = f"{root}/", os.stat
    try:
        for path, state in documents.items():
            file = f"{start}{path}index.html" if path[-1:] in _FOLDER else start + path
            found = stat(file)
            if (found.st_size, found.st_mtime_ns) != state:
                return True
            if siblings and path.endswith(_FEEDS) and not accompanied(file, found.st_mtime_ns, siblings):
                return True
    except OSError:
        return True
    return False


def accompanied(file: str, mtime_ns: int, siblings: Collection[str]) -> bool:
    """Whether each sibling of a file has its time of change; `OSError` where one is not there."""
    return all(os.stat(f"{file}.{suffix}").st_mtime_ns == mtime_ns for suffix in siblings)


def _walk(folder: Path, sieve: _Sieve, seeds: dict[str, State], beside: dict[str, State]) -> None:
    waiting, lstat, picture, none = [""], os.lstat, _Kind.PICTURE, _Kind.NONE
    while waiting:
        below = waiting.pop()
        start, place = (f"{below}/", folder / below) if below else ("", folder)
        whole = f"{place}/"
        for entry in entries(place):
            name = entry.name
            # From the last dot on; without a dot it is the last letter, which is no suffix of anything.
            kind = sieve[name[name.rfind(".") :]]
            if (
                kind is none
                or name[0] == "."
                or ((not name.isascii() or sieve.ignore) and sieve.refuses(name, start))
            ):
                continue
            if entry.is_file(follow_symlinks=False):
                try:
                    status = lstat(whole + name)  # three quarters of what `entry.stat` costs
                except FileNotFoundError:
                    continue
                found = beside if kind is picture else seeds
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
        self.ignore = tuple(ignore)

    def __missing__(self, suffix: str) -> _Kind:
        small = suffix.lower()
        kind = _Kind.PICTURE if small in PICTURE_TYPES else _Kind.SEED
        if small.endswith(_BACKUPS) or small in _COMPANIONS:
            kind = _Kind.NONE
        self[suffix] = kind
        return kind

    def takes(self, name: str, start: str) -> bool:
        """Whether a file, or what is in a folder, of this name is looked at."""
        if not name or name[0] == "." or "\0" in name:
            return False
        return self[name[name.rfind(".") :]] is not _Kind.NONE and not self.refuses(name, start)

    def refuses(self, name: str, start: str) -> bool:
        """Whether a file is passed over whatever its suffix."""
        return bool(self.ignore or not name.isascii()) and passed_over(name, start + name, self.ignore)


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """What stands in a folder; `PublisherError` where it cannot be read, nothing where it is gone."""
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
        _LOG.info("passed over, its name is not UTF-8: %r", path)
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
