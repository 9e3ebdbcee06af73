"""Files of other programs, and our own → people, or lines that are refused with their reason. Pure.

`READERS` is the table of forms. `publisher.mailing.exporting` is the other way.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

from publisher.mailing.importing import columns, objects
from publisher.mailing.importing.terms import Entry, Refusal, Terms

READERS: dict[str, Callable[[io.BufferedReader, Terms], Iterator[Entry | Refusal]]] = {
    "csv": columns.read,
    "json": objects.read,
}
"""The forms of files by name. A reader raises `publisher.errors.UsageError` for a file that it cannot read at all."""

__all__ = ["READERS", "Entry", "Refusal", "Terms"]
