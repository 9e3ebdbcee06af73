"""Opening what lies in the seeds folder: files only, and never what they point to."""

from __future__ import annotations

import os


def open_plainly(path: str, flags: int) -> int:
    """An opener for `open`.

    The file may have become a link or a pipe since the scan: neither is followed or waited for.
    """
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
