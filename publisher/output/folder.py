"""Documents as files of a folder, whole and only when they differ."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

from publisher import addresses
from publisher.states import accompanied, amiss

Given = TypeVar("Given")
Made = TypeVar("Made")


def gzipped(content: bytes) -> bytes:
    """The content as a gzip file without a name or a time, so that equal content gives equal bytes (RFC 1952)."""
    packer = zlib.compressobj(6, wbits=31)
    return packer.compress(content) + packer.flush()


def brotlied(content: bytes) -> bytes:
    """The content as a Brotli stream (RFC 7932); quality 5 costs a third of gzip and saves more."""
    import brotli

    return bytes(brotli.compress(content, quality=5))


COMPRESSED: dict[str, Callable[[bytes], bytes]] = {"gz": gzipped, "br": brotlied}
"""How a sibling is made, by its suffix."""

_UNFINISHED = ".unfinished"
"""The folder of files that are being written: on the disk of the output, since they are moved from there."""


class Folder:
    """The output folder, for one thread. Paths are those of `publisher.addresses`; none can leave the folder.

    A document may have compressed siblings, which web servers send instead of it. They have its time
    of change: one that has another is not of this document.
    """

    at_once = 1

    def __init__(self, root: Path) -> None:
        self._root, self._start = root, str(root)
        # Not the number of the process: machines that share a folder have the same ones.
        self._fresh = f"{root}/{_UNFINISHED}/{token_hex(8)}"

    def state(self, path: str, siblings: Collection[str] = ()) -> tuple[int, int] | None:
        """Size in bytes and mtime in nanoseconds of what stands at `path`; None where a sibling is amiss."""
        file = self._named(
            path
        )  # asked for every document of every run: a `Path` would cost more than the disk
        try:
            found = os.stat(file)
            if not accompanied(file, found.st_mtime_ns, siblings):
                return None
        except OSError:
            return None
        return found.st_size, found.st_mtime_ns

    def amiss(self, documents: Mapping[str, tuple[int, int]], siblings: Collection[str]) -> bool:
        """Whether any of the documents, given with size and mtime, is not in place, or a feed's sibling is not."""
        return amiss(self._start, documents, siblings)

    def put(self, path: str, content: bytes, siblings: Collection[str] = ()) -> bool:
        """Put `content` in place in one step; false where the same bytes stood there already."""
        file = self._named(path)
        changed = not _holds(file, content)
        if changed:
            self._replace(file, content)
        mtime = os.stat(file).st_mtime_ns if siblings else 0
        for suffix in siblings:
            sibling = f"{file}.{suffix}"
            if changed or not _is_of(sibling, mtime):
                self._replace(sibling, COMPRESSED[suffix](content), mtime)
        return changed

    def remove(self, path: str) -> bool:
        """Take the file at `path` away with its siblings, and the folders that it leaves empty."""
        file = self._file(path)
        self.remove_siblings(path)
        try:
            os.unlink(file)
        except FileNotFoundError:
            return False
        with suppress(OSError):
            for folder in file.parents:
                if folder == self._root:
                    break
                folder.rmdir()
        return True

    def remove_siblings(self, path: str, keep: Collection[str] = ()) -> None:
        """Take the compressed forms of a document away, but for those to `keep`."""
        for suffix in COMPRESSED:
            if suffix not in keep:
                with suppress(FileNotFoundError):
                    os.unlink(f"{self._file(path)}.{suffix}")

    def sweep(self) -> None:
        """Take away what writers that were killed left half-written; none may be at work."""
        shutil.rmtree(self._root / _UNFINISHED, ignore_errors=True)

    def leave_sign(self) -> str:
        """Leave an empty file that goes when it is swept; its name."""
        sign = token_hex(8)
        file = f"{self._start}/{_UNFINISHED}/{sign}.sign"
        _made_in_its_folder(file, lambda: _write(file, b""))
        return sign

    def has_sign(self, sign: str) -> bool:
        """Whether that file stands here."""
        return os.path.exists(f"{self._start}/{_UNFINISHED}/{sign}.sign")

    def each(self, do: Callable[[Given], Made], some: Iterable[Given]) -> Iterator[Made]:
        """Do it for one after another."""
        return map(do, some)

    def _replace(self, file: str, content: bytes, mtime: int | None = None) -> None:
        fresh = self._fresh
        # Not synced to disk: a file that a power cut left short is not as it was remembered, and is made again.
        try:
            _made_in_its_folder(fresh, lambda: _write(fresh, content))
            if mtime is not None:
                os.utime(fresh, ns=(mtime, mtime))
            _made_in_its_folder(file, lambda: os.replace(fresh, file))
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(fresh)
            raise

    def _file(self, path: str) -> Path:
        return Path(self._named(path))

    def _named(self, path: str) -> str:
        relative = addresses.file_of(path)
        if relative.startswith("/") or ".." in relative.split("/"):
            raise ValueError(f"not a path of the output: {path!r}")
        return f"{self._start}/{relative}"


def _write(file: str, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)


def _made_in_its_folder(file: str, make: Callable[[], object]) -> None:
    """Do what makes a file; its folder, which is nearly always there, is made where it is missed."""
    try:
        make()
    except FileNotFoundError:
        os.makedirs(os.path.dirname(file), exist_ok=True)
        make()


def _holds(file: str, content: bytes) -> bool:
    try:
        if os.stat(file).st_size != len(content):
            return False
        with open(file, "rb") as stream:
            return stream.read() == content
    except OSError:
        return False


def _is_of(sibling: str, mtime: int) -> bool:
    try:
        return os.stat(sibling).st_mtime_ns == mtime
    except OSError:
        return False
