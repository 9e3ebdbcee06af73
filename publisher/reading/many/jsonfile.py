"""JSON in one piece: one article, a list of them, or a JSON Feed (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from publisher.errors import SeedError
from publisher.reading.many.records import Record, every
from publisher.reading.options import Options
from publisher.reading.plainly import bytes_of

_LISTS = ("items", "articles", "posts", "entries", "data")


def records(path: Path, options: Options) -> Iterator[Record]:
    """A record for each article (SeedError where the file is too large or no JSON)."""
    hint = "write an article a line into a .jsonl file, which may have any size"
    raw = bytes_of(path, options.max_bytes, hint)
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as fault:
        line = getattr(fault, "lineno", 0)
        raise SeedError("not JSON", line=line, hint=str(fault)[:200]) from fault
    return every(_articles(value))


def _articles(value: Any) -> list[Any]:
    if isinstance(value, dict):
        found = next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)
        return [value] if found is None else found
    if isinstance(value, list):
        return value
    raise SeedError("no article in it", hint="it must hold an object of JSON, or a list of them")
