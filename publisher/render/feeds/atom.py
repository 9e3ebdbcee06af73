"""Atom 1.0 through feedgen (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence

from publisher.render.feeds import feedgen_door as door
from publisher.render.feeds import rules
from publisher.render.feeds.entry import Channel, Entry

_ATOM = f"{{{door.ATOM}}}"


def entry(article: Entry) -> tuple[bytes, ...]:
    """One ``entry``; content is escaped HTML, which every reader understands."""
    made = door.feed_entry(article)
    for author in article.authors:
        made.author(name=author)
    made.summary(article.lead, type="text")
    pieces = door.filled(made.atom_entry(), "content", article.content)
    node = door.read_back("entry", b"".join(pieces))
    rules.entry_is_sound(
        node.findtext(f"{_ATOM}id"),
        [link.get("href") for link in node.iter(f"{_ATOM}link")],
        rules.from_rfc3339(node.findtext(f"{_ATOM}published")),
        rules.from_rfc3339(node.findtext(f"{_ATOM}updated")),
    )
    rules.content_is_sound(article.html)
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
