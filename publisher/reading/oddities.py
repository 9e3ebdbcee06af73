"""What stands in the seeds folder and is passed over, though it may look like a seed; told by `publish check`."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from publisher.model import Fault
from publisher.states import entries, passed_over

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def oddities(folder: Path, ignore: Sequence[str]) -> Iterator[Fault]:
    """Links, pipes, sockets and devices, names that are no text, and names that some disks take for one; each once."""
    waiting, names = [""], dict[str, str]()
    while waiting:
        below = waiting.pop()
        for entry in sorted(entries(folder / below), key=lambda entry: entry.name):
            path = f"{below}/{entry.name}" if below else entry.name
            if not _is_text(entry.name):
                yield Fault(path, "its name is not UTF-8, so it is not read", hint="rename it")
                continue
            if passed_over(entry.name, path, ignore):
                continue
            fault = _kind_fault(entry, path) or _name_fault(path, names)
            if fault:
                yield fault
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)


def name_faults(paths: Iterable[str]) -> Iterator[Fault]:
    """What is odd about the paths of files that are read all the same."""
    names = dict[str, str]()
    for path in paths:
        if fault := _name_fault(path, names):
            yield fault


def _kind_fault(entry: os.DirEntry[str], path: str) -> Fault | None:
    if entry.is_symlink():
        hint = "put the file itself into the folder, or ignore the link under [seeds]"
        return Fault(path, "a symbolic link, and links are not followed", hint=hint)
    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return None
    kind = _KINDS.get(stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode), "something else")
    return Fault(path, f"{kind}, not a file", hint="remove it, or ignore it under [seeds]")


def _name_fault(path: str, names: dict[str, str]) -> Fault | None:
    other = names.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
    if other != path:
        same = unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", path)
        how = "the Unicode form" if same else "capitals"
        reason = f"its name differs from that of {other} in {how} only, and some disks take both for one"
        return Fault(path, reason, hint="rename one of them")
    if not path.isprintable():
        return Fault(
            path, "its name holds a character that is not printed, such as a newline", hint="rename it"
        )
    return None


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
