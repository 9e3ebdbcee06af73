"""RSS 2.0 through feedgen (RSS Advisory Board, RSS 2.0 specification; content, dc, media and atom modules)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

from publisher.render.feeds import feedgen_door as door
from publisher.render.feeds.entry import Channel, Entry
from publisher.render.feeds.frames import Frame, Pieces
from publisher.render.feeds.shapes import Outline, outline_of
from publisher.render.feeds.words import marked


def entry(article: Entry) -> Pieces:
    """One ``item``: description first, then the whole content (feedgen writes it only beside one)."""
    words = article.words | {
        "title": marked(article.title),
        "summary": escape(escape(article.lead, quote=False), quote=False),
        "published": format_datetime(_written(article.published)),
        "updated": article.updated.isoformat(),
    }
    return door.rss_shape(Outline.of(article)).fill(words, article.content)


def _written(moment: datetime) -> datetime:
    """In UTC where the offset is not one of whole or half hours: some programs know no other (RFC 822, section 5)."""
    offset = moment.utcoffset() or timedelta(0)
    return moment.astimezone(UTC) if offset % timedelta(minutes=30) else moment


def frame(channel: Channel) -> Frame:
    """What stands around serialised items."""
    return door.rss_channel(outline_of(channel)).around(channel, format_datetime(channel.updated))
