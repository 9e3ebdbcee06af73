"""The files of the output as they are asked for again and again: looked at each time, read when they changed.

One look (``stat``) for each request is what it takes to notice a replaced file at once. Files are
replaced whole, so that another inode, size or time is another file.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote_to_bytes

from publisher.errors import StoreError
from publisher.kinds import Kind, kind_of
from publisher.output import COMPRESSED
from publisher.web.conditions import name_of

_logger = logging.getLogger(__name__)
Fields = list[tuple[bytes, bytes]]

LARGEST = 1 << 20
"""Octets of a file that is kept in memory; larger ones are read anew each time."""
_SHORTEST = 512
"""Octets below which packing gains nothing."""

State = tuple[int, int, int, int, int]


@dataclass(slots=True)
class Variant:
    """A file in one coding: its strong entity tag, its `fields` beside those of all files, and its content.

    `content` is None where the file is too large to be kept.
    """

    tag: bytes
    content: bytes | None
    size: int
    fields: Fields
    unchanged: Fields


@dataclass(slots=True)
class Entry:
    """What stands at one address: a file as it was found, and its variants by coding, as far as they were made.

    `gone` is the notice of something withdrawn; `links` are header fields of its own. It is not `lasting` where
    nobody could say whether it is gone.
    """

    file: str
    state: State
    kind: Kind
    modified: int
    gone: bool
    links: Fields
    variants: dict[str, Variant] = field(default_factory=dict)
    lasting: bool = True

    @property
    def codings(self) -> tuple[str, ...]:
        """The codings in which it can be had."""
        return tuple(COMPRESSED) if self.kind.text and _SHORTEST <= self.state[2] <= LARGEST else ()

    @property
    def kept(self) -> int:
        """Octets that it holds in memory, and about what else it costs."""
        return 4096 + sum(len(variant.content or b"") for variant in self.variants.values())


class Shelf:
    """Finds files below `root` by the path of a request; holds at most `room` octets.

    `keeps` is how long current feeds keep, in seconds; `is_gone` tells of a path whether what stood there
    was withdrawn; `common` are header fields of every answer, `links` those of a file by its name.
    `held` is how much it holds.
    """

    def __init__(
        self,
        root: Path,
        room: int,
        keeps: int,
        is_gone: Callable[[str], bool],
        common: Fields,
        links: Callable[[str], Fields] = lambda name: [],
    ) -> None:
        self._links = links
        self._root, self._room, self._keeps = os.fspath(root), room, keeps
        self._is_gone, self._common = is_gone, common
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self._sizes: dict[bytes, int] = {}
        self.held = 0

    def at_hand(self, path: bytes) -> Entry | None:
        """What was found before, if it is still the same file."""
        entry = self._entries.get(path)
        if entry is None:
            return None
        if state_of(entry.file) == entry.state:
            self._entries.move_to_end(path)
            return entry
        self._drop(path)
        return None

    def place(self, path: bytes) -> str | None:
        """The file for a path as it was sent, with ``%`` and all; None where none may be there."""
        name = name_in(path)
        return None if name is None else f"{self._root}/{name}"

    def keep(self, path: bytes, entry: Entry) -> None:
        """Keep what was found, if it is lasting; what was not asked for longest goes where there is no room."""
        self._drop(path)
        if not entry.lasting:
            return
        self._entries[path], self._sizes[path] = entry, entry.kept
        self.held += entry.kept
        while self.held > self._room and len(self._entries) > 1:
            self._drop(next(iter(self._entries)))

    def find(self, path: bytes) -> Entry | None:
        """Look for the file at a path. May take long, and changes nothing here: it is for threads."""
        name = name_in(path)
        if name is None:
            return None
        file, root = f"{self._root}/{name}", os.path.realpath(self._root)
        state = state_of(file)
        # Links within the tree are the owner's; none leads out of it.
        if state is None or not os.path.realpath(file).startswith(f"{root}/"):
            return None
        gone = self._withdrawn(name)
        kind, modified = kind_of(name, self._keeps), state[3] // 1_000_000_000
        return Entry(file, state, kind, modified, bool(gone), self._links(name), lasting=gone is not None)

    def _withdrawn(self, name: str) -> bool | None:
        """Whether a file is the notice of something withdrawn; None where that cannot be known now."""
        page = name.removesuffix("index.html")
        try:
            return page != name and self._is_gone(page)
        except StoreError as error:
            # Better a notice that is called a page for a while than no page.
            _logger.warning("it is not known whether a page is withdrawn", extra={"why": str(error)})
            return None

    def make(self, entry: Entry, coding: str) -> Variant | None:
        """The variant of an entry in a coding; None where the file is not what it was. For threads, as `find`."""
        if entry.state[2] > LARGEST:
            return self._variant(entry, "", None, f"{entry.state[3]:x}-{entry.state[2]:x}")
        content = _content(entry.file)
        if content is None or state_of(entry.file) != entry.state:
            return None
        name = hashlib.blake2b(content, digest_size=12).hexdigest()
        return self._variant(entry, coding, _packed(entry, coding, content) if coding else content, name)

    def _variant(self, entry: Entry, coding: str, content: bytes | None, name: str) -> Variant:
        tag = f'"{name}-{coding}"'.encode() if coding else f'"{name}"'.encode()
        size = entry.state[2] if content is None else len(content)
        kind = entry.kind
        unchanged = [
            (b"cache-control", f"public, max-age={kind.keeps}".encode()),
            *([(b"vary", b"Accept-Encoding")] if entry.codings else []),
            *([(b"access-control-allow-origin", b"*")] if kind.open else []),
            *entry.links,
        ]
        if not entry.gone:
            modified = formatdate(entry.modified, usegmt=True).encode()
            unchanged = [(b"etag", tag), (b"last-modified", modified), *unchanged]
        fields = [
            *unchanged,
            (b"content-type", kind.type.encode()),
            (b"content-length", str(size).encode()),
            *([(b"content-encoding", name_of(coding).encode())] if coding else []),
            *([(b"accept-ranges", b"bytes")] if not (coding or entry.gone) else []),
            *self._common,
        ]
        return Variant(tag, content, size, fields, unchanged)

    def _drop(self, path: bytes) -> None:
        self._entries.pop(path, None)
        self.held -= self._sizes.pop(path, 0)


def opened(entry: Entry) -> int | None:
    """A handle of the very file that was found, to be closed; None where another stands there now, or none."""
    try:
        handle = os.open(entry.file, os.O_RDONLY)
    except OSError:
        return None
    if state_of(handle) == entry.state:
        return handle
    os.close(handle)
    return None


def state_of(file: str | int) -> State | None:
    """What tells a file, by name or open, from the one that replaces it; None where there is no regular file."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return None
    if (found.st_mode & 0o170000) != 0o100000:
        return None
    return found.st_ino, found.st_dev, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def name_in(path: bytes) -> str | None:
    """The name of a file below the root for a path as it was sent; None for what can have none.

    Nothing hidden has an address, so that ``..`` and what a writer has not finished have none either.
    """
    try:
        name = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return None
    if not name.startswith("/") or "\0" in name or "\\" in name or b"%2f" in path.lower():
        return None
    steps = name[1:].split("/")
    if any(step.startswith(".") for step in steps) or "" in steps[:-1]:
        return None
    return f"{name[1:]}index.html" if name.endswith("/") else name[1:]


def _content(file: str) -> bytes | None:
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError:
        return None


def _packed(entry: Entry, coding: str, content: bytes) -> bytes:
    """The sibling that a writer put there, if it is of this file; else what it would have put."""
    sibling = f"{entry.file}.{coding}"
    state = state_of(sibling)
    found = _content(sibling) if state is not None and state[3] == entry.state[3] else None
    return found or COMPRESSED[coding](content)
