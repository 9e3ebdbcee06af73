"""Atom 1.0 through feedgen (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from publisher.render.feeds import feedgen_door as door
from publisher.render.feeds import rules
from publisher.render.feeds.entry import Channel, Entry
from publisher.render.feeds.shapes import Outline


def entry(article: Entry) -> tuple[bytes, ...]:
    """One ``entry``; content is escaped HTML, which every reader understands."""
    words = article.words | {
        "title": escape(article.title, quote=False),
        "summary": escape(article.lead, quote=False),
        "published": article.published.isoformat(),
        "updated": article.stamp,
    }
    pieces = door.atom_shape(Outline.of(article)).fill(words, article.content)
    rules.xml_is_sound(pieces[0] + b"".join(pieces[2:]))  # the content was read before
    rules.moments_are_sound(rules.from_rfc3339(words["published"]), rules.from_rfc3339(words["updated"]))
    return pieces


def document(channel: Channel, entries: Sequence[Sequence[bytes]]) -> bytes:
    """A whole document around serialised entries, newest first."""
    made = door.generator(channel, "atom")
    if channel.icon:
        made.icon(channel.icon)
    root, _ = made._create_atom()
    before, after = door.shell(root, root, channel.style)
    rules.shell_is_sound(before + after)
    return rules.joined(before, entries, b"\n", after)
