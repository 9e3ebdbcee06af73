"""Feeds of others, saved as files: RSS, Atom and whatever feedparser makes of XML."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import feedparser

from publisher.errors import SeedError
from publisher.reading.dates import parse_date
from publisher.reading.many.records import Record
from publisher.reading.options import Options
from publisher.reading.plainly import bytes_of


def records(path: Path, options: Options) -> Iterator[Record]:
    """A record for each entry (SeedError where the file is too large, or no feed)."""
    raw = bytes_of(path, options.max_bytes, "raise max_megabytes under [seeds]")
    if b"<!ENTITY" in raw[:100_000]:
        raise SeedError("it defines entities of its own", hint="save the feed again without them")
    try:
        parsed = feedparser.parse(BytesIO(raw))
    except Exception as fault:
        # Whatever trips the parser is the file's own fault: it goes to quarantine, the run goes on.
        raise SeedError(
            f"a feed that cannot be parsed: {type(fault).__name__}", hint="save it again"
        ) from fault
    if not parsed.get("version") or not parsed.entries:
        raise SeedError("no feed in it", hint="save an RSS or Atom feed with its entries")
    language = str(parsed.feed.get("language", ""))
    return (
        Record(number, 0, _values(entry, language, options.zone))
        for number, entry in enumerate(parsed.entries, 1)
    )


def _values(entry: Any, language: str, zone: ZoneInfo) -> dict[str, Any]:
    content = entry.get("content") or []
    moments = {name: found for name in ("published", "updated") if (found := _moment(entry, name, zone))}
    pictures = [each.get("href") for each in entry.get("enclosures", ()) if "image" in each.get("type", "")]
    pictures += [each.get("url") for each in entry.get("media_thumbnail", ())]
    if "published" not in moments and "updated" in moments:
        moments["published"] = moments["updated"]
    values = {
        "title": entry.get("title", ""),
        "summary": entry.get("summary", ""),
        "content_html": next((each.get("value", "") for each in content), "") or entry.get("summary", ""),
        "authors": [each.get("name", "") for each in entry.get("authors", ()) if each.get("name")],
        "tags": [each.get("label") or each.get("term") for each in entry.get("tags", ()) if each.get("term")],
        "language": language,
        "id": entry.get("id", ""),
        "url": entry.get("link", ""),
        "image": next(filter(None, pictures), ""),
    }
    return values | moments


def _moment(entry: Any, name: str, zone: ZoneInfo) -> str | int:
    """A date as it is written where we read it, for it has its offset; else in seconds, as feedparser does."""
    said = str(dict.get(entry, name, ""))  # feedparser's own makes a date of one that is not there
    try:
        if parse_date(said, zone) is not None:
            return said
    except SeedError:
        pass
    parsed = dict.get(entry, f"{name}_parsed")
    return timegm(parsed) if parsed else 0
