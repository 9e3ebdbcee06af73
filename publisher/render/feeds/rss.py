"""RSS 2.0 through feedgen (RSS Advisory Board, RSS 2.0 specification; content, dc, media and atom modules)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from publisher.render.feeds import feedgen_door as door
from publisher.render.feeds import rules
from publisher.render.feeds.entry import Channel, Entry


def entry(article: Entry) -> tuple[bytes, ...]:
    """One ``item``: description first, then the whole content (feedgen writes it only beside one)."""
    made = door.feed_entry(article)
    made.description(escape(article.lead, quote=False))
    if article.enclosures:
        first = article.enclosures[0]
        made.enclosure(first.url, str(first.length), first.type)
    pieces = door.filled(made.rss_entry(), "content:encoded", article.content, hexed=True)
    item = door.read_back("item", b"".join(pieces))
    rules.entry_is_sound(
        item.findtext("guid"),
        [item.findtext("link"), *(node.get("url") for node in item.iter("enclosure"))],
        rules.from_rfc822(item.findtext("pubDate")),
        rules.from_rfc3339(item.findtext(f"{{{door.ATOM}}}updated")),
    )
    rules.content_is_sound(article.html)
    return pieces


def document(channel: Channel, entries: Sequence[Sequence[bytes]]) -> bytes:
    """A whole document around serialised items, newest first."""
    made = door.generator(channel, "rss")
    made.docs("https://www.rssboard.org/rss-specification")
    if channel.ttl:
        made.ttl(channel.ttl)
    if channel.icon:
        made.image(url=channel.icon, title=channel.title, link=channel.page)
    with door.LOCK:
        root, _ = made._create_rss()
    before, after = door.shell(root, root[0], channel.style, hexed=True)
    rules.shell_is_sound(before + after)
    return rules.joined(before, entries, b"\n", after)
