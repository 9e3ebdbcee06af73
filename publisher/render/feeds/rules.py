"""What must hold of every entry and document before it may replace what stands: each reads bytes back.

An entry is read back once, when it is made, and a document's frame when that is made; what is joined
from sound pieces is sound. `publisher.errors.EntryError` says what is wrong with an entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from publisher.errors import EntryError, RenderError

_URL = re.compile(r"https?://[!-~]+")
_LOST_LINK = re.compile(r"""<[a-z][^<>]*?\s(?:href|src|cite)="(?!https?://|mailto:)[^"]*""", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_FIRST, _LAST = 1000, 9998


def from_rfc3339(text: str | None) -> datetime | None:
    """A moment as Atom and JSON Feed write it (RFC 3339, section 5.6); None where it is none."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


def from_rfc822(text: str | None) -> datetime | None:
    """A moment as RSS writes it (RFC 822, section 5, with a year of four digits); None where it is none."""
    try:
        return parsedate_to_datetime(text or "")
    except ValueError:
        return None


def entry_is_sound(identity: str | None, urls: Iterable[str | None], *moments: datetime | None) -> None:
    """An id, absolute URLs, and plausible moments that know their offset in whole minutes."""
    if not identity or not identity.isascii():
        raise EntryError(f"no id that is an IRI (got {identity!r})")
    for url in urls:
        if not _URL.fullmatch(url or ""):
            raise EntryError(f"not an absolute URL: {url!r}")
    for moment in moments:
        offset = moment.utcoffset() if moment else None
        if moment is None or offset is None or offset.total_seconds() % 60:
            raise EntryError(f"no date with an offset (got {moment})")
        if not _FIRST <= moment.year <= _LAST:
            raise EntryError(f"an implausible date (got {moment})")


def content_is_sound(html: str) -> None:
    """Every link is absolute, and no character is forbidden (XML 1.0, section 2.2)."""
    text_is_sound(html)
    if lost := _LOST_LINK.search(html):
        raise EntryError(f"a link that leads nowhere: {lost[0][:100]}")


def text_is_sound(*texts: str) -> None:
    """No character is forbidden (XML 1.0, section 2.2) or means nothing (Unicode, noncharacters)."""
    for text in texts:
        if found := _FORBIDDEN.search(text):
            raise EntryError(f"a character that no feed may hold: U+{ord(found[0]):04X}")


def shell_is_sound(frame: bytes) -> None:
    """The document without its entries can be read (`publisher.errors.RenderError`)."""
    try:
        etree.fromstring(frame, etree.XMLParser(resolve_entities=False))
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
