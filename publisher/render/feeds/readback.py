"""Each feed document is read back before it may replace what stands: what no reader could use is found here.

`read` parses bytes as a reader would; `faults` says which entries break the rules, by id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from publisher.errors import RenderError
from publisher.render.feeds.moments import fault_in, from_rfc822, from_rfc3339

LARGEST_DOCUMENT = 5_000_000
"""Bytes; validators and readers give up on more."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_URL = re.compile(r"https?://[!-~]+")
_STRICT = etree.XMLParser(resolve_entities=False, huge_tree=True)


@dataclass(frozen=True, slots=True)
class Read:
    """An entry as it was read back."""

    id: str
    title: str
    moments: tuple[datetime | None, ...]
    urls: tuple[str, ...]

    def faults(self) -> Iterator[str]:
        """What is wrong with it."""
        if not self.id.isascii() or not self.id:
            yield f"no id that is an IRI (got {self.id!r})"
        if not self.title.strip():
            yield "no title"
        yield from filter(None, map(fault_in, self.moments))
        yield from (f"not an absolute URL: {url!r}" for url in self.urls if not _URL.fullmatch(url))


def read(form: str, content: bytes) -> list[Read]:
    """The entries of a document (`publisher.errors.RenderError` where it is too big or cannot be parsed)."""
    if len(content) >= LARGEST_DOCUMENT:
        raise RenderError(f"{len(content):,} bytes, and readers give up at {LARGEST_DOCUMENT:,}")
    try:
        return list(_READERS[form](content))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RenderError(f"the document would not parse: {error}") from error


def faults(entries: list[Read]) -> dict[str, str]:
    """The first fault of each entry that has one, by id."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for entry in entries:
        wrong = [*entry.faults(), *(["its id stands twice"] if entry.id in seen else [])]
        seen.add(entry.id)
        if wrong:
            found.setdefault(entry.id, wrong[0])
    return found


def _rss(content: bytes) -> Iterator[Read]:
    for item in etree.fromstring(content, _STRICT).iterfind("channel/item"):
        enclosures = [*item.iterfind("enclosure"), *item.iterfind(f"{_MEDIA}content")]
        yield Read(
            item.findtext("guid") or "",
            item.findtext("title") or "",
            (from_rfc822(item.findtext("pubDate")), from_rfc3339(item.findtext(f"{_ATOM}updated"))),
            (item.findtext("link") or "", *(node.get("url") or "" for node in enclosures)),
        )


def _atom(content: bytes) -> Iterator[Read]:
    for entry in etree.fromstring(content, _STRICT).iterfind(f"{_ATOM}entry"):
        texts = (entry.findtext(f"{_ATOM}{name}") for name in ("published", "updated"))
        yield Read(
            entry.findtext(f"{_ATOM}id") or "",
            entry.findtext(f"{_ATOM}title") or "",
            tuple(map(from_rfc3339, texts)),
            tuple(link.get("href") or "" for link in entry.iterfind(f"{_ATOM}link")),
        )


def _json(content: bytes) -> Iterator[Read]:
    for item in json.loads(content)["items"]:
        attached: list[dict[str, Any]] = item.get("attachments", [])
        yield Read(
            item["id"],
            item["title"],
            (from_rfc3339(item["date_published"]), from_rfc3339(item["date_modified"])),
            (item["url"], *(one["url"] for one in attached)),
        )


_READERS: dict[str, Callable[[bytes], Iterator[Read]]] = {"rss": _rss, "atom": _atom, "json": _json}
