"""Articles, the seeds that they come from and the keywords that they stand under."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class BlockKind(StrEnum):
    """What a block of an article is."""

    PARAGRAPH = "paragraph"
    CAPTION = "caption"
    HEADING = "heading"
    IMAGE = "image"
    QUOTE = "quote"
    LIST = "list"
    CODE = "code"


class Block(NamedTuple):
    """One piece of an article's body, in reading order.

    `text` is always plain text. `html` is set where the block holds more than its text (links,
    emphasis, list items): one sanitised element, its links possibly still relative.
    """

    kind: BlockKind
    text: str
    html: str = ""


class KeywordSource(StrEnum):
    """Where a keyword of an article came from; in this order of trust.

    `VOCABULARY` is found in the text and given to other articles. It is remembered as `FOUND`: what others are given
    is told when it is shown.
    """

    DECLARED = "declared"
    TOPIC = "topic"
    VOCABULARY = "vocabulary"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Subject:
    """A keyword that an article is about, before it has a slug: `score` ranks the best first."""

    label: str
    source: KeywordSource
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Keyword:
    """A subject under which articles are grouped.

    `key` is its folded label: two labels with one key are one keyword. `slug` moves only where a topic asks for
    it; then `origin` is the one that its feeds had first, by which they keep their ids, and another keyword stays
    at the old address, whose key has a second line.
    """

    slug: str
    label: str
    key: str
    origin: str = ""

    @property
    def leads_to(self) -> str:
        """The key of the keyword that moved away from here; empty where none did."""
        key, line, _ = self.key.partition("\n")
        return key if line else ""


@dataclass(frozen=True, slots=True)
class Filing:
    """An article filed under a keyword, and why; `spelling` is how it has the label, empty where it is the same."""

    keyword: Keyword
    source: KeywordSource
    score: float = 0.0
    spelling: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an article: an enclosure (RFC 4287, section 4.2.7.2; RSS 2.0, `enclosure`).

    `url` is absolute, or relative to the article's page for a file that was found beside the seed:
    `source` is that file below the seeds folder, `length` its bytes and `mtime_ns` its time of
    change. `length` is 0 where it is not known: elsewhere, or not (yet) in the folder.
    """

    url: str
    type: str
    length: int = 0
    source: str = ""
    mtime_ns: int = 0

    @property
    def shown(self) -> bool:
        """Whether it can be seen: it stands elsewhere, or its file is there."""
        return not self.source or self.length > 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader found in a seed. It has no identity yet: that is given by what is known."""

    title: str
    published: datetime
    blocks: tuple[Block, ...]
    summary: str = ""
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    language: str = ""
    updated: datetime | None = None
    declared_id: str = ""
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """What was read from a seed and has an identity.

    `id` is an IRI that never moves (RFC 4287, section 4.2.6). `page` is the folder of its page.
    `filings` are ranked, the best first. `updated` equals `published` until the seed is edited.
    """

    id: str
    page: str
    title: str
    published: datetime
    updated: datetime
    blocks: tuple[Block, ...]
    summary: str
    authors: tuple[str, ...]
    declared: tuple[str, ...]
    language: str
    filings: tuple[Filing, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def keywords(self) -> tuple[Keyword, ...]:
        """The keywords it is filed under, the best first."""
        return tuple(filing.keyword for filing in self.filings)


@dataclass(frozen=True, slots=True)
class Listing:
    """What lists, feeds and editions need to know of an article without its body.

    `digest` stands for what was read from its seed; `version` changes whenever anything that is
    shown of the article changes, its keywords too. `weight` is about the bytes of its body in a
    feed. `pictures` are those that lie beside the seed. `fingerprint` is that of its text, 0 where it has
    none (`publisher.planning.likeness`). `found` says that its keywords were found in its text.
    """

    id: str
    page: str
    title: str
    published: datetime
    updated: datetime
    digest: str
    version: str
    keywords: tuple[str, ...]
    withdrawn: bool = False
    weight: int = 0
    pictures: tuple[Picture, ...] = ()
    fingerprint: int = 0
    found: bool = False

    @property
    def order(self) -> tuple[float, str]:
        """Newest last: by date, then by id, so that no two articles tie."""
        return (self.published.timestamp(), self.id)


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A file in the seeds folder as the folder shows it: `path` is relative, with ``/``."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a seed is in quarantine."""

    path: str
    reason: str
    line: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SeedRecord:
    """A seed as it was last read: its article, or the fault that keeps it in quarantine."""

    file: SeedFile
    digest: str
    article: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class KeywordCount:
    """A keyword and how many articles stand under it now."""

    keyword: Keyword
    count: int
