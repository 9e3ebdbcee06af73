"""Atom 1.0 through feedgen (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence

from publisher.render.feeds import feedgen_door as door
from publisher.render.feeds.entry import Channel, Entry


def entry(article: Entry) -> bytes:
    """One ``entry``; content is escaped HTML, which every reader understands."""
    made = door.feed_entry(article)
    if article.html:
        made.content(article.html, type="html")
    made.summary(article.summary or article.title, type="text")
    return door.serialise(made.atom_entry())


def document(channel: Channel, entries: Sequence[bytes]) -> bytes:
    """A whole document around serialised entries, newest first."""
    root, _ = door.generator(channel, "atom")._create_atom()
    return door.splice(root, root, list(entries))
