"""Opening what lies in the seeds folder: files only, and never what they point to; and surviving it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
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
