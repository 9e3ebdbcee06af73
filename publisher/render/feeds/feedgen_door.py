"""The one place that knows feedgen's traps; `rss` and `atom` speak only through it.

feedgen 1.0.0 drops the attributes of Atom entry links, takes the last link for the channel's, keeps
one `atom:link` of RSS, never writes `updated` into RSS, drops authors without an address, and formats
dates through `setlocale`, which is not safe among threads: hence the lock, the extension and the shapes below.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from threading import Lock
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from publisher import __version__, addresses
from publisher.render.feeds.entry import EPOCH, Channel
from publisher.render.feeds.shapes import CONTENT as CONTENT_SLOT
from publisher.render.feeds.shapes import Outline, Shape, slot
from publisher.render.feeds.words import hexed

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
FH = "http://purl.org/syndication/history/1.0"
MEDIA = "http://search.yahoo.com/mrss/"
XML = "http://www.w3.org/XML/1998/namespace"
NAMESPACES = {"atom": ATOM, "content": CONTENT, "dc": DC, "fh": FH, "media": MEDIA}
_LOCK = Lock()
"""Held while feedgen formats a date: it changes the locale of the process."""

_MARK = "<!--entries-->"


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


def entry_of(outline: Outline) -> FeedEntry:
    """An entry of slots, with everything set that has a bad default."""
    made = FeedEntry()
    made.id(slot("id"))
    made.guid(slot("id"), permalink=False)
    made.title(slot("title"))
    made.link(href=slot("url"))
    made.updated(EPOCH)
    for number in range(outline.authors):
        made.author(name=slot(f"author{number}"))
    for number in range(outline.categories):
        label = slot(f"category{number}")
        made.category(term=label, scheme=slot("scheme"), label=label)
    if outline.enclosures:
        made.enclosure(slot("enclosure0"), slot("length0"), slot("type0"))
    made.summary(slot("summary"), type="text")
    if outline.content:
        made.content(slot(CONTENT_SLOT), type="html")
    return made


@lru_cache(maxsize=1024)
def rss_shape(outline: Outline) -> Shape:
    """An item, with what feedgen leaves out: the date, authors by name, the last change, more pictures."""
    root = etree.Element("x", nsmap=NAMESPACES)
    node = entry_of(outline).rss_entry()
    root.append(node)  # so that its prefixes become those of the document
    etree.SubElement(node, "pubDate").text = slot("published")
    for number in range(outline.authors):
        etree.SubElement(node, f"{{{DC}}}creator").text = slot(f"author{number}")
    etree.SubElement(node, f"{{{ATOM}}}updated").text = slot("updated")
    for number, known in enumerate(outline.enclosures):
        if number:
            facts = {"url": slot(f"enclosure{number}"), "type": slot(f"type{number}"), "medium": "image"}
            length = {"fileSize": slot(f"length{number}")} if known else {}
            etree.SubElement(node, f"{{{MEDIA}}}content", facts | length)
    text = str(etree.tostring(root, encoding="unicode"))
    return Shape(text[text.index("<item>") : text.rindex("</x>")])


@lru_cache(maxsize=1024)
def atom_shape(outline: Outline) -> Shape:
    """An entry, with what feedgen leaves out: language, the link's type, pictures, moments with their fraction."""
    node = entry_of(outline).atom_entry()
    node.set(f"{{{XML}}}lang", slot("language"))
    for link in node.findall("link"):
        if link.get("href") == slot("url"):
            link.set("rel", "alternate")
            link.set("type", "text/html")
        else:
            node.remove(link)  # the first picture, without its type and length
    for number, known in enumerate(outline.enclosures):
        facts = {"rel": "enclosure", "type": slot(f"type{number}"), "href": slot(f"enclosure{number}")}
        etree.SubElement(node, "link", facts | ({"length": slot(f"length{number}")} if known else {}))
    node.find("updated").text = slot("updated")
    etree.SubElement(node, "published").text = slot("published")
    return Shape(str(etree.tostring(node, encoding="unicode")))


def _generator(channel: Channel, form: str) -> FeedGenerator:
    """A feed without entries; its own link first, its page last (RSS takes the last)."""
    made = FeedGenerator()
    made.id(channel.id)
    made.title(channel.title)
    made.subtitle(channel.about)
    made.description(channel.about)
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


@lru_cache(maxsize=64)
def rss_channel(channel: Channel) -> Shape:
    """A document without items, of a channel of slots, ready for its words."""
    made = _generator(channel, "rss")
    made.docs("https://www.rssboard.org/rss-specification")
    if channel.ttl:
        made.ttl(channel.ttl)
    if channel.icon:
        made.image(url=channel.icon, title=channel.title, link=channel.page)
    with _LOCK:
        root, _ = made._create_rss()
    root[0].find("lastBuildDate").text = slot("built")
    return _shell(root, root[0], channel.style)


@lru_cache(maxsize=64)
def atom_channel(channel: Channel) -> Shape:
    """A document without entries, of a channel of slots, ready for its words."""
    made = _generator(channel, "atom")
    if channel.icon:
        made.icon(channel.icon)
    root, _ = made._create_atom()
    return _shell(root, root, channel.style)


def _shell(root: Any, parent: Any, style: str) -> Shape:
    """A document's text around the slot of its entries, which belong at the end of `parent`.

    A short processing instruction names the style sheet for browsers; the root must begin within the
    first 512 bytes (some programs look no further).
    """
    parent.append(etree.Comment("entries"))
    text = hexed(str(etree.tostring(root, encoding="unicode")))
    before, _, after = text.rpartition(_MARK)
    styled = f'<?xml-stylesheet type="text/css" href="{escape(style)}"?>\n' if style else ""
    head = f"<?xml version='1.0' encoding='UTF-8'?>\n{styled}"
    return Shape(f"{head}{before}\n{slot(CONTENT_SLOT)}\n{after}\n")


def _links(channel: Channel) -> list[tuple[str, str]]:
    """In reverse, since each is put right behind the same place."""
    found = [("hub", hub) for hub in channel.hubs]
    ways = {"current": channel.current, "prev-archive": channel.previous, "next-archive": channel.next}
    return [*found, *((rel, href) for rel, href in ways.items() if href)][::-1]
