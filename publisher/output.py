"""Bytes → files of the output folder, whole and only when they differ."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from publisher import addresses


class Folder:
    """The output folder. Paths are those of `publisher.addresses`; none can leave the folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def state(self, path: str) -> tuple[int, int] | None:
        """Size in bytes and mtime in nanoseconds of what stands at `path`."""
        try:
            found = os.stat(self._file(path))
        except OSError:
            return None
        return found.st_size, found.st_mtime_ns

    def put(self, path: str, content: bytes) -> bool:
        """Put `content` in place in one step; false where the same bytes stood there already."""
        file = self._file(path)
        with suppress(OSError):
            if file.read_bytes() == content:
                return False
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f".{file.name}.{os.getpid()}.new")
        try:
            # Not synced to disk: a file that a power cut left short is not as it was remembered, and is made again.
            with open(fresh, "wb") as stream:
                stream.write(content)
            os.replace(fresh, file)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(fresh)
        return True

    def remove(self, path: str) -> bool:
        """Take the file at `path` away, and the folders that it leaves empty."""
        file = self._file(path)
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

    def _file(self, path: str) -> Path:
        relative = addresses.file_of(path)
        if relative.startswith("/") or ".." in relative.split("/"):
            raise ValueError(f"not a path of the output: {path!r}")
        return self._root / relative
