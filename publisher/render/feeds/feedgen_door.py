"""The one place that knows feedgen's traps; `rss` and `atom` speak only through it.

feedgen 1.0.0 drops the attributes of Atom entry links, takes the last link for the channel's, keeps
one `atom:link` of RSS, never writes `updated` into RSS, drops authors without an address, and formats
dates through `setlocale`, which is not safe among threads: hence the lock and the extensions below.
An entry's content does not go through it but is set into the bytes afterwards, escaped once for all
formats: it is nine tenths of an entry.
"""

from __future__ import annotations

import re
from email.utils import format_datetime
from html import escape
from threading import Lock
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from publisher import __version__, addresses
from publisher.errors import EntryError
from publisher.render.feeds.entry import Channel, Entry, encoded

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
FH = "http://purl.org/syndication/history/1.0"
MEDIA = "http://search.yahoo.com/mrss/"
NAMESPACES = {"atom": ATOM, "content": CONTENT, "dc": DC, "fh": FH, "media": MEDIA}
LOCK = Lock()
"""Held while feedgen formats a date: it changes the locale of the process."""

_SLOT = "-content-"
_MARK = "<!--entries-->"
_DECLARED = re.compile(rf' xmlns:\w+="(?:{"|".join(map(re.escape, NAMESPACES.values()))})"')
_TAG = re.compile(r"<[^<>]*>")
_TITLE = re.compile(r"(?<=<title>)[^<]*")
_HEX = {"&amp;": "&#x26;", "&lt;": "&#x3C;", "&gt;": "&#x3E;"}
_NAMED = re.compile("&amp;|&lt;|&gt;")


class ChannelExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Namespaces of the root, links that feedgen leaves out, and the channel's link: the page, not the feed."""

    channel: Channel
    prefixes: tuple[str, ...]

    def extend_ns(self) -> dict[str, str]:
        """Prefixes that the document declares."""
        return {prefix: NAMESPACES[prefix] for prefix in self.prefixes}

    def extend_atom(self, feed: Any) -> Any:
        """Links and the mark of an archive (RFC 5005, section 4); the exact moment of the last change."""
        feed.find("updated").text = self.channel.stamp
        after = feed.findall("link")[-1]
        for rel, href in _links(self.channel):
            after.addnext(etree.Element("link", rel=rel, href=href))
        self._mark(feed)
        return feed

    def extend_rss(self, root: Any) -> Any:
        """The same in RSS, where Atom's elements have a namespace."""
        channel = root[0]
        channel.find("link").text = self.channel.page
        after = channel.find(f"{{{ATOM}}}link")
        for rel, href in _links(self.channel):
            after.addnext(etree.Element(f"{{{ATOM}}}link", rel=rel, href=href))
        self._mark(channel)
        return root

    def _mark(self, node: Any) -> None:
        if self.channel.current:
            node.append(etree.Element(f"{{{FH}}}archive"))


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """What feedgen leaves out of entries."""

    entry: Entry

    def extend_atom(self, node: Any) -> Any:
        """The type of the alternate link, pictures, the moments (there are no namespaces in entries yet)."""
        for link in node.findall("link"):
            link.set("rel", "alternate")
            link.set("type", "text/html")
            for picture in reversed(self.entry.enclosures):
                length = {"length": str(picture.length)} if picture.length else {}
                kind = {"rel": "enclosure", "type": picture.type}
                link.addnext(etree.Element("link", kind | length, href=picture.url))
        node.find("updated").text = self.entry.stamp
        etree.SubElement(node, "published").text = self.entry.published.isoformat()
        return node

    def extend_rss(self, node: Any) -> Any:
        """The date, authors by name, the moment of the last change, pictures beyond the first."""
        entry = self.entry
        for category, shown in zip(node.findall("category"), entry.categories, strict=True):
            category.text = shown.label
        etree.SubElement(node, "pubDate").text = format_datetime(entry.published)
        for author in entry.authors:
            etree.SubElement(node, f"{{{DC}}}creator", nsmap={"dc": DC}).text = author
        changed = etree.SubElement(node, f"{{{ATOM}}}updated", nsmap={"atom": ATOM})
        changed.text = entry.updated.isoformat()
        for picture in entry.enclosures[1:]:
            facts = {"url": picture.url, "type": picture.type, "medium": "image"}
            if picture.length:
                facts["fileSize"] = str(picture.length)
            etree.SubElement(node, f"{{{MEDIA}}}content", facts, nsmap={"media": MEDIA})
        return node


def feed_entry(entry: Entry) -> FeedEntry:
    """An entry with everything set that has a bad default; its content is a slot."""
    made = FeedEntry()
    made.id(entry.id)
    made.guid(entry.id, permalink=False)
    made.title(entry.title)
    made.link(href=entry.url)
    made.updated(entry.updated)
    for category in entry.categories:
        made.category(term=category.label, scheme=category.scheme, label=category.label)
    if entry.html:
        made.content(_SLOT, type="html")
    made.register_extension("publisher", EntryExtension)
    made.publisher.entry = entry
    return made


def generator(channel: Channel, form: str) -> FeedGenerator:
    """A feed without entries; its own link first, its page last (RSS takes the last)."""
    made = FeedGenerator()
    made.id(channel.id)
    made.title(channel.title)
    made.subtitle(channel.description or channel.title)
    made.description(channel.description or channel.title)
    made.language(channel.language)
    if channel.author:
        made.author(name=channel.author)
    made.rights(channel.rights or None)
    made.link(href=channel.url, rel="self", type=addresses.FEED_TYPES[form])
    made.link(href=channel.page, rel="alternate", type="text/html")
    made.updated(channel.updated)
    made.lastBuildDate(channel.updated)
    made.generator("publisher", version=__version__)
    made.register_extension("publisher", ChannelExtension, None)
    made.publisher.channel = channel
    made.publisher.prefixes = ("dc", "fh", "media") if form == "rss" else ("fh",)
    return made


def filled(node: Any, slot: str, content: bytes, *, hexed: bool = False) -> tuple[bytes, ...]:
    """An entry's bytes in pieces, so that `content` is one object for all formats.

    `slot` is the name of the element that waits for it. Namespaces that the document declares are
    taken off. Only tags are touched: text that looks like a declaration stays as it is.
    """
    text = _TAG.sub(_plain_tag, str(etree.tostring(node, encoding="unicode")))
    if hexed:
        text = _TITLE.sub(hexed_marks, text, count=1)
    before, found, after = text.partition(f">{_SLOT}</{slot}>")
    if not found:
        return (encoded(text),)
    return encoded(before + ">"), content, encoded(f"</{slot}>{after}")


def hexed_marks(text: re.Match[str]) -> str:
    """A title of RSS with `&`, `<` and `>` as hexadecimal references (RSS Advisory Board, RSS profile)."""
    return _NAMED.sub(lambda mark: _HEX[mark[0]], text[0])


def _plain_tag(found: re.Match[str]) -> str:
    tag = found.group()
    if ":" not in tag:
        return tag
    return _DECLARED.sub("", tag).replace("<ns0:", "<content:").replace("</ns0:", "</content:")


def shell(root: Any, parent: Any, style: str, *, hexed: bool = False) -> tuple[bytes, bytes]:
    """A document's bytes before and after its entries, which belong at the end of `parent`.

    A short processing instruction names the style sheet for browsers; the root must begin within the
    first 512 bytes (some programs look no further).
    """
    parent.append(etree.Comment("entries"))
    text = str(etree.tostring(root, encoding="unicode"))
    if hexed:
        text = _TITLE.sub(hexed_marks, text)
    before, _, after = text.rpartition(_MARK)
    styled = f'<?xml-stylesheet type="text/css" href="{escape(style)}"?>\n' if style else ""
    return encoded(f"<?xml version='1.0' encoding='UTF-8'?>\n{styled}{before}\n"), encoded(f"\n{after}\n")


def read_back(name: str, raw: bytes) -> Any:
    """An element read from bytes that lean on the document's namespaces (`publisher.errors.EntryError`)."""
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    default = f' xmlns="{ATOM}"' if name == "entry" else ""
    try:
        return etree.fromstring(f"<x{declared}{default}>".encode() + raw + b"</x>", _STRICT)[0]
    except etree.XMLSyntaxError as error:
        raise EntryError(f"not well-formed: {error.msg}") from error


_STRICT = etree.XMLParser(resolve_entities=False, huge_tree=True)


def _links(channel: Channel) -> list[tuple[str, str]]:
    """In reverse, since each is put right behind the same place."""
    found = [("hub", hub) for hub in channel.hubs]
    ways = {"current": channel.current, "prev-archive": channel.previous, "next-archive": channel.next}
    return [*found, *((rel, href) for rel, href in ways.items() if href)][::-1]
