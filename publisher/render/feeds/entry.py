"""What every format is made of: one entry, and the channel that carries entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from html import escape

from publisher.errors import EntryError
from publisher.render.feeds.words import marked


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A picture of an entry: an absolute URL, its media type, and its bytes, 0 where not known."""

    url: str
    type: str
    length: int


@dataclass(frozen=True)
class Entry:
    """One article as a feed shows it. URLs are absolute; `html` is empty where feeds hold summaries.

    `categories` are keywords by their labels, `scheme` is the URL of the list of keywords.
    """

    id: str
    url: str
    title: str
    published: datetime
    updated: datetime
    summary: str
    html: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    scheme: str
    language: str
    enclosures: tuple[Enclosure, ...] = ()

    @property
    def lead(self) -> str:
        """The summary, or the title where there is none: some readers show nothing else."""
        return self.summary or self.title

    @cached_property
    def content(self) -> bytes:
        """The HTML as the text of an XML element; made once for all formats that hold it so."""
        return encoded(escape(self.html, quote=False).replace("\r", "&#13;"))

    @cached_property
    def words(self) -> dict[str, str]:
        """What RSS and Atom say alike, ready for elements and attributes: names as in `shapes`."""
        words = {f"author{number}": marked(name) for number, name in enumerate(self.authors)}
        for number, label in enumerate(self.categories):
            words[f"category{number}"] = marked(label)
        for number, picture in enumerate(self.enclosures):
            words[f"enclosure{number}"] = marked(picture.url)
            words[f"type{number}"] = marked(picture.type)
            words[f"length{number}"] = str(picture.length)
        return words | {"id": self.id, "url": marked(self.url), "scheme": marked(self.scheme)}

    @cached_property
    def stamp(self) -> str:
        """When it was last changed (RFC 3339), with a fraction of a second that is the entry's own.

        Articles are dated to the minute; validators warn where two entries of a feed changed at one
        instant. The fraction comes from the id, so it is the same in every feed and at every run.
        """
        changed = self.updated.isoformat()
        fraction = int.from_bytes(blake2b(self.id.encode(), digest_size=8).digest()) % 1_000_000_000
        return f"{changed[:19]}.{fraction:09}{changed[19:]}"


@dataclass(frozen=True, slots=True)
class Channel:
    """One feed document.

    `updated` is the newest change among its entries (RFC 4287, section 4.2.15), `stamp` the same as
    that entry says it.
    `description` may be empty: then the title stands for it.
    `current` is set in archive documents; `previous` and `next` are archive documents of the same
    format (RFC 5005, section 4). `ttl` is in minutes. `note` tells a person what this is.
    """

    id: str
    title: str
    description: str
    url: str
    page: str
    language: str
    author: str
    updated: datetime
    stamp: str
    style: str = ""
    icon: str = ""
    rights: str = ""
    note: str = ""
    ttl: int = 0
    hubs: tuple[str, ...] = ()
    current: str = ""
    previous: str = ""
    next: str = ""

    @property
    def about(self) -> str:
        """The description, or the title where there is none."""
        return self.description or self.title


EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""When a feed without entries was last changed: a constant, but one that validators find plausible."""


def encoded(text: str) -> bytes:
    """UTF-8 (`publisher.errors.EntryError` where a half of a character is left over)."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise EntryError(f"a lone surrogate, U+{ord(text[error.start]):04X}") from error
