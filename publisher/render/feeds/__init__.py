"""Articles → feed documents: RSS 2.0, Atom 1.0, JSON Feed 1.1, and the list of them as OPML 2.0.

Each entry is serialised once and set into every feed that carries it. `FORMATS` is the table of
formats: an entry's bytes, and a document around entries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from publisher.render.feeds import atom, jsonfeed, rss
from publisher.render.feeds.entry import Channel, Enclosure, Entry
from publisher.render.feeds.frames import Frame, Pieces


@dataclass(frozen=True, slots=True)
class Format:
    """One feed format: `entry` makes an entry's bytes in pieces, `frame` what stands around entries.

    `entry` raises `publisher.errors.EntryError` where the entry could not stand in a feed.
    """

    entry: Callable[[Entry], Pieces]
    frame: Callable[[Channel], Frame]

    def document(self, channel: Channel, entries: Sequence[Pieces]) -> bytes:
        """A whole document with serialised entries, newest first."""
        return self.frame(channel).around(entries)


FORMATS = {
    "rss": Format(rss.entry, rss.frame),
    "atom": Format(atom.entry, atom.frame),
    "json": Format(jsonfeed.entry, jsonfeed.frame),
}

__all__ = ["FORMATS", "Channel", "Enclosure", "Entry", "Format", "Frame", "Pieces"]
