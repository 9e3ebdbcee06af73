"""Atom 1.0 through feedgen (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from publisher.render.feeds import feedgen_door as door
from publisher.render.feeds.entry import Channel, Entry
from publisher.render.feeds.shapes import Outline, joined


def entry(article: Entry) -> tuple[bytes, ...]:
    """One ``entry``; content is escaped HTML, which every reader understands."""
    words = article.words | {
        "language": escape(article.language),
        "title": escape(article.title, quote=False),
        "summary": escape(article.lead, quote=False),
        "published": article.published.isoformat(),
        "updated": article.stamp,
    }
    return door.atom_shape(Outline.of(article)).fill(words, article.content)


def document(channel: Channel, entries: Sequence[Sequence[bytes]]) -> bytes:
    """A whole document around serialised entries, newest first."""
    made = door.generator(channel, "atom")
    if channel.icon:
        made.icon(channel.icon)
    root, _ = made._create_atom()
    before, after = door.shell(root, root, channel.style)
    return joined(before, entries, b"\n", after)
