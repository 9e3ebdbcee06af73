"""What is wrong with a feed document: the standards' rules, and those that validators pass over.

`faults` is for tests only and knows nothing of the program. RSS 2.0 with the Advisory Board's advice,
Atom 1.0 (RFC 4287), JSON Feed 1.1, OPML 2.0, and archives as in RFC 5005.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from feedrules import atom, jsonfeed, opml, rss

__all__ = ["LARGEST", "faults"]

LARGEST = 5_000_000
"""Bytes; the W3C's validator reads no more, and some readers neither."""

_RULES: dict[str, Callable[[bytes, datetime | None], list[str]]] = {
    ".rss": rss.faults,
    ".atom": atom.faults,
    ".json": jsonfeed.faults,
    ".opml": opml.faults,
}


def faults(path_or_url: str, data: bytes, now: datetime | None = None) -> list[str]:
    """Every violation as a sentence; dates are compared with `now` where it is given."""
    suffix = PurePosixPath(urlsplit(path_or_url).path).suffix
    if suffix not in _RULES:
        raise ValueError(f"no rules for {path_or_url!r}: its name ends in none of {', '.join(_RULES)}")
    found = []
    if len(data) > LARGEST:
        found.append(f"The document has {len(data)} bytes, more than {LARGEST}.")
    if data.startswith(b"\xef\xbb\xbf"):
        found.append("The document begins with a byte order mark.")
        data = data[3:]
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as fault:
        return [*found, f"The document is not UTF-8: byte {fault.start} is {data[fault.start]:#04x}."]
    return found + _RULES[suffix](data, now)
