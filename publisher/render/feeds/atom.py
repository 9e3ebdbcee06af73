"""Atom 1.0 through feedgen (RFC 4287)."""

from __future__ import annotations

from publisher.render.feeds import feedgen_door as door
from publisher.render.feeds.entry import Channel, Entry
from publisher.render.feeds.frames import Frame, Pieces
from publisher.render.feeds.shapes import Outline, outline_of
from publisher.render.feeds.words import marked


def entry(article: Entry) -> Pieces:
    """One ``entry``; content is escaped HTML, which every reader understands."""
    words = article.words | {
        "language": marked(article.language),
        "title": marked(article.title),
        "summary": marked(article.lead),
        "published": article.published.isoformat(),
        "updated": article.stamp,
    }
    return door.atom_shape(Outline.of(article)).fill(words, article.content)


def frame(channel: Channel) -> Frame:
    """What stands around serialised entries."""
    return door.atom_channel(outline_of(channel)).around(channel)
