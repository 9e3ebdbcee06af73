"""The one place that knows feedgen's traps; `rss` and `atom` speak only through it.

feedgen 1.0.0 drops the attributes of Atom entry links, takes the last link for the channel's,
never writes `updated` into RSS, drops authors without an address, and formats dates through
`setlocale`, which is not safe among threads: hence the lock and the extensions below.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from publisher import __version__, addresses
from publisher.render.feeds.entry import Channel, Entry

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
LOCK = Lock()
"""Held while feedgen formats a date: it changes the locale of the process."""

_MARK = "<!--entries-->"
_TAG = re.compile(r"<[^<>]*>")
_DECLARED = re.compile(rf' xmlns:\w+="(?:{"|".join(re.escape(name) for name in (ATOM, DC, CONTENT))})"')


class ChannelExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Namespaces of the root, and the channel's link, which must be the page and not the feed."""

    channel: Channel

    def extend_ns(self) -> dict[str, str]:
        """Prefixes that the document declares."""
        return {"dc": DC}

    def extend_rss(self, rss_feed: Any) -> Any:
        """Set the link of the channel to its page, wherever feedgen put the feed's own address."""
        rss_feed[0].find("link").text = self.channel.page
        return rss_feed


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """What feedgen leaves out of entries."""

    entry: Entry

    def extend_atom(self, node: Any) -> Any:
        """Give the alternate link its type (there are no namespaces in entries at this point)."""
        for link in node.findall("link"):
            link.set("rel", "alternate")
            link.set("type", "text/html")
        return node

    def extend_rss(self, node: Any) -> Any:
        """Authors by name, and the moment of the last change."""
        for author in self.entry.authors:
            etree.SubElement(node, f"{{{DC}}}creator", nsmap={"dc": DC}).text = author
        changed = etree.SubElement(node, f"{{{ATOM}}}updated", nsmap={"atom": ATOM})
        changed.text = self.entry.updated.isoformat()
        return node


def feed_entry(entry: Entry) -> FeedEntry:
    """An entry with everything set that has a bad default."""
    made = FeedEntry()
    made.id(entry.id)
    made.guid(entry.id, permalink=False)
    made.title(entry.title)
    made.link(href=entry.url)
    made.published(entry.published)
    made.updated(entry.updated)
    for author in entry.authors:
        made.author(name=author)
    for category in entry.categories:
        made.category(term=category.term, scheme=category.scheme, label=category.label)
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
    made.link(href=channel.url, rel="self", type=addresses.FEED_TYPES[form])
    made.link(href=channel.page, rel="alternate", type="text/html")
    made.updated(channel.updated)
    made.lastBuildDate(channel.updated)
    made.generator("publisher", version=__version__)
    made.docs("https://www.rssboard.org/rss-specification" if form == "rss" else None)
    made.register_extension("publisher", ChannelExtension, None)
    made.publisher.channel = channel
    return made


def serialise(node: Any) -> bytes:
    """An entry's bytes without the namespaces that its document declares.

    Only tags are touched: text that looks like a declaration stays as it is.
    """
    return _TAG.sub(_plain_tag, str(etree.tostring(node, encoding="unicode"))).encode()


def _plain_tag(found: re.Match[str]) -> str:
    tag = found.group()
    if ":" not in tag:
        return tag
    return _DECLARED.sub("", tag).replace("<ns0:", "<content:").replace("</ns0:", "</content:")


def splice(root: Any, parent: Any, entries: list[bytes]) -> bytes:
    """The document with entries set at the end of `parent`, where they belong."""
    parent.append(etree.Comment("entries"))
    shell = str(etree.tostring(root, encoding="unicode"))
    before, _, after = shell.rpartition(_MARK)
    head = "<?xml version='1.0' encoding='UTF-8'?>\n" + before
    return b"\n".join([head.encode(), *entries, after.encode()])


def escaped(text: str) -> str:
    """Plain text as HTML, for elements that hold HTML."""
    return html.escape(text, quote=False)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was last changed."""
