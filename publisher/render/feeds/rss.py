"""RSS 2.0 through feedgen (RSS Advisory Board, RSS 2.0 specification; content and dc modules)."""

from __future__ import annotations

from collections.abc import Sequence

from publisher.render.feeds import feedgen_door as door
from publisher.render.feeds.entry import Channel, Entry


def entry(article: Entry) -> bytes:
    """One ``item``: description first, then the whole content (feedgen writes it only beside one)."""
    made = door.feed_entry(article)
    made.description(door.escaped(article.summary or article.title))
    made.author([], replace=True)
    if article.html:
        made.content(article.html, type="html")
        made.summary(door.escaped(article.summary or article.title), type="html")
    with door.LOCK:
        node = made.rss_entry()
    for category, shown in zip(node.findall("category"), article.categories, strict=True):
        category.text = shown.label
    return door.serialise(node)


def document(channel: Channel, entries: Sequence[bytes]) -> bytes:
    """A whole document around serialised items, newest first."""
    with door.LOCK:
        root, _ = door.generator(channel, "rss")._create_rss()
    return door.splice(root, root[0], list(entries))
