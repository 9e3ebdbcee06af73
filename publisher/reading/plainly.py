"""Opening what lies in the seeds folder: files only, and never what they point to; and surviving it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from publisher.errors import SeedError

_LOG = logging.getLogger(__name__)
_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def open_plainly(path: str, flags: int) -> int:
    """An opener for `open`.

    The file may have become a link or a pipe since the scan: neither is followed or waited for.
    """
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def bytes_of(path: Path, most: int, hint: str) -> bytes:
    """What is in a file of at most so many bytes; SeedError where it has more, with the `hint`, or cannot be opened."""
    try:
        with open(path, "rb", opener=open_plainly) as file:
            size = os.fstat(file.fileno()).st_size
            large = size > most
            # What is asked for is set aside first, so no more than there is; then one byte, for the file may grow.
            raw = b"" if large else file.read(size + 1)
            if len(raw) > size:
                raw += file.read(most - size)
    except (OSError, ValueError) as fault:
        raise SeedError(f"cannot be opened: {getattr(fault, 'strerror', None) or fault}") from fault
    if large or len(raw) > most:
        raise SeedError(f"too large: more than {most / 1_000_000:g} MB", hint=hint)
    return raw


def whatever_is_wrong(do: Callable[_Given, _Made], *given: _Given.args, **named: _Given.kwargs) -> _Made:
    """What `do` gives; whatever it raises is the seed's own fault (SeedError): one stops no other."""
    try:
        return do(*given, **named)
    except SeedError:
        raise
    except Exception as fault:
        _LOG.warning("a reader has a fault", exc_info=fault)
        hint = "its reader has a fault: please report it with the file"
        raise SeedError(f"cannot be read: {type(fault).__name__}", hint=hint) from fault
