"""Each feed document is read back before it may replace what stands: what no reader could use is found here.

The whole document is parsed as a reader would parse it, and each entry is asked what it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
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


def faults(form: str, content: bytes, expected: Sequence[str], known: set[str]) -> dict[str, str]:
    """What is wrong with entries of a document, by id: the first fault of each that has one.

    The whole document is parsed, and must hold the `expected` ids, each once, in their order. What an
    entry says is asked once: those in `known` were asked in another document, and those that are found
    sound are added. `publisher.errors.RenderError` where the document as a whole is no good.
    """
    if len(content) >= LARGEST_DOCUMENT:
        raise RenderError(f"{len(content):,} bytes, and readers give up at {LARGEST_DOCUMENT:,}")
    reader, found = _READERS[form], dict[str, str]()
    try:
        items = reader.items(content)
        ids = [reader.id_of(item) for item in items]
        for key, item in zip(ids, items, strict=True):
            if key not in known:
                found[key] = next(reader.read(item).faults(), "")
    except (etree.XMLSyntaxError, ValueError, KeyError, TypeError) as error:
        raise RenderError(f"the document would not parse: {error}") from error
    if ids != list(expected):
        raise RenderError("the document does not hold the entries that were put into it, each once")
    known.update(key for key, fault in found.items() if not fault)
    return {key: fault for key, fault in found.items() if fault}


def _rss(item: Any) -> Read:
    enclosures = [*item.iterfind("enclosure"), *item.iterfind(f"{_MEDIA}content")]
    return Read(
        item.findtext("guid") or "",
        item.findtext("title") or "",
        (from_rfc822(item.findtext("pubDate")), from_rfc3339(item.findtext(f"{_ATOM}updated"))),
        (item.findtext("link") or "", *(node.get("url") or "" for node in enclosures)),
    )


def _atom(entry: Any) -> Read:
    texts = (entry.findtext(f"{_ATOM}{name}") for name in ("published", "updated"))
    return Read(
        entry.findtext(f"{_ATOM}id") or "",
        entry.findtext(f"{_ATOM}title") or "",
        tuple(map(from_rfc3339, texts)),
        tuple(link.get("href") or "" for link in entry.iterfind(f"{_ATOM}link")),
    )


def _json(item: Any) -> Read:
    attached: list[dict[str, Any]] = item.get("attachments", [])
    return Read(
        item["id"],
        item["title"],
        (from_rfc3339(item["date_published"]), from_rfc3339(item["date_modified"])),
        (item["url"], *(one["url"] for one in attached)),
    )


class _Reader(NamedTuple):
    """How a format is read: its entries, the id of one, and what one says."""

    items: Callable[[bytes], list[Any]]
    id_of: Callable[[Any], str]
    read: Callable[[Any], Read]


_READERS = {
    "rss": _Reader(
        lambda content: etree.fromstring(content, _STRICT).findall("channel/item"),
        lambda item: item.findtext("guid") or "",
        _rss,
    ),
    "atom": _Reader(
        lambda content: etree.fromstring(content, _STRICT).findall(f"{_ATOM}entry"),
        lambda entry: entry.findtext(f"{_ATOM}id") or "",
        _atom,
    ),
    "json": _Reader(
        lambda content: list(orjson.loads(content)["items"]),
        lambda item: str(item["id"]),
        _json,
    ),
}
