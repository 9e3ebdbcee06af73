"""RSS 2.0 through feedgen (RSS Advisory Board, RSS 2.0 specification; content, dc, media and atom modules)."""

from __future__ import annotations

from email.utils import format_datetime
from html import escape

from publisher.render.feeds import feedgen_door as door
from publisher.render.feeds.entry import Channel, Entry
from publisher.render.feeds.frames import Frame, Pieces
from publisher.render.feeds.shapes import Outline


def entry(article: Entry) -> Pieces:
    """One ``item``: description first, then the whole content (feedgen writes it only beside one)."""
    words = article.words | {
        "title": door.hexed(article.title),
        "summary": escape(escape(article.lead, quote=False), quote=False),
        "published": format_datetime(article.published),
        "updated": article.updated.isoformat(),
    }
    return door.rss_shape(Outline.of(article)).fill(words, article.content)


def frame(channel: Channel) -> Frame:
    """What stands around serialised items."""
    made = door.generator(channel, "rss")
    made.docs("https://www.rssboard.org/rss-specification")
    if channel.ttl:
        made.ttl(channel.ttl)
    if channel.icon:
        made.image(url=channel.icon, title=channel.title, link=channel.page)
    with door.LOCK:
        root, _ = made._create_rss()
    before, after = door.shell(root, root[0], channel.style, titles_hexed=True)
    return Frame(before, b"\n", after)
