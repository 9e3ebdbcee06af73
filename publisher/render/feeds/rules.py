"""What must hold of every entry and document before it may replace what stands: each reads bytes back.

An entry is read back once, when it is made, and a document's frame when that is made; what is joined
from sound pieces is sound. `publisher.errors.EntryError` says what is wrong with an entry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from xml.parsers import expat

from lxml import etree

from publisher.errors import EntryError, RenderError
from publisher.render.feeds.entry import Entry

_URL = re.compile(r"https?://[!-~]+")
_LOST_LINK = re.compile(r"""<[a-z][^<>]*?\s(?:href|src|cite)="(?!https?://|mailto:)[^"]*""", re.IGNORECASE)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC822 = re.compile(
    rf"(?:{'|'.join(_DAYS)}), ([0-9]{{2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) ([0-9:]{{8}}) ([+-][0-9]{{4}})"
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_FIRST, _LAST = 1000, 9998
_STRICT = etree.XMLParser(resolve_entities=False, huge_tree=True)


def from_rfc3339(text: str | None) -> datetime | None:
    """A moment as Atom and JSON Feed write it (RFC 3339, section 5.6); None where it is none."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


def from_rfc822(text: str | None) -> datetime | None:
    """A moment as RSS writes it (RFC 822, section 5, with a year of four digits); None where it is none."""
    found = _RFC822.fullmatch(text or "")
    if not found:
        return None
    day, month, year, time, zone = found.groups()
    moment = from_rfc3339(f"{year}-{_MONTHS.index(month) + 1:02}-{day}T{time}{zone}")
    return moment if moment and _DAYS[moment.weekday()] == found[0][:3] else None


def moments_are_sound(*moments: datetime | None) -> None:
    """Each is a date that is plausible and knows its offset, in whole minutes."""
    for moment in moments:
        offset = moment.utcoffset() if moment else None
        if moment is None or offset is None or offset.total_seconds() % 60:
            raise EntryError(f"no date with an offset (got {moment})")
        if not _FIRST <= moment.year <= _LAST:
            raise EntryError(f"an implausible date (got {moment})")


def article_is_sound(entry: Entry) -> None:
    """What is the same in every format: asked once, before any of them is made.

    An id, a title, absolute URLs; no character in the words that is forbidden (XML 1.0, section 2.2)
    or means nothing (Unicode, noncharacters); content whose links are absolute, and which can be read back.
    """
    if not entry.id or not entry.id.isascii():
        raise EntryError(f"no id that is an IRI (got {entry.id!r})")
    if not entry.title.strip():
        raise EntryError("no title")
    for url in (entry.url, *(picture.url for picture in entry.enclosures)):
        if not _URL.fullmatch(url):
            raise EntryError(f"not an absolute URL: {url!r}")
    for text in (entry.title, entry.summary, *entry.authors):
        if found := _FORBIDDEN.search(text):
            raise EntryError(f"a character that no feed may hold: U+{ord(found[0]):04X}")
    if lost := _LOST_LINK.search(entry.html):
        raise EntryError(f"a link that leads nowhere: {lost[0][:100]}")
    xml_is_sound(b"<x>" + entry.content + b"</x>")


def xml_is_sound(element: bytes) -> None:
    """An element is well-formed."""
    try:
        expat.ParserCreate().Parse(element, True)
    except expat.ExpatError as error:
        raise EntryError(f"not well-formed: {error}") from error


def shell_is_sound(frame: bytes) -> None:
    """The document without its entries can be read (`publisher.errors.RenderError`)."""
    try:
        etree.fromstring(frame, _STRICT)
    except etree.XMLSyntaxError as error:
        raise RenderError(f"the document would not parse: {error}") from error


def joined(before: bytes, entries: Sequence[Sequence[bytes]], between: bytes, after: bytes) -> bytes:
    """A document from its frame and its entries, each in pieces."""
    parts = [before]
    for number, pieces in enumerate(entries):
        if number:
            parts.append(between)
        parts += pieces
    parts.append(after)
    return b"".join(parts)
