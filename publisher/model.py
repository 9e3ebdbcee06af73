"""The nouns. Every module speaks in these; none of them knows a file, a table or a template.

Times are aware datetimes in whole seconds. Paths of output are relative, with ``/``, and a page is
named by its folder with a final ``/`` (``articles/2023/05/30/slug/``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block of an article is."""

    PARAGRAPH = "paragraph"
    CAPTION = "caption"
    HEADING = "heading"
    IMAGE = "image"
    QUOTE = "quote"
    LIST = "list"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of an article's body, in reading order.

    `text` is always plain text. `html` is set where the block holds more than its text (links,
    emphasis, list items): one sanitised element, its links possibly still relative.
    """

    kind: BlockKind
    text: str
    html: str = ""


class KeywordSource(StrEnum):
    """Where a keyword of an article came from; in this order of trust."""

    DECLARED = "declared"
    TOPIC = "topic"
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

    `key` is its folded label: two labels with one key are one keyword. `slug` never moves.
    """

    slug: str
    label: str
    key: str


@dataclass(frozen=True, slots=True)
class Filing:
    """An article filed under a keyword, and why."""

    keyword: Keyword
    source: KeywordSource
    score: float = 0.0


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

    @property
    def keywords(self) -> tuple[Keyword, ...]:
        """The keywords it is filed under, the best first."""
        return tuple(filing.keyword for filing in self.filings)


@dataclass(frozen=True, slots=True)
class Listing:
    """What lists, feeds and editions need to know of an article without its body.

    `digest` stands for what was read from its seed; `version` changes whenever anything that is
    shown of the article changes, its keywords too.
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
class Section:
    """The articles of an edition under one keyword heading, by id; `keyword` is a slug, or empty."""

    keyword: str
    label: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One dated issue of a digest: fixed for ever once recorded.

    `due` is the scheduled moment in the site's zone; `recorded` when it was fixed. `omitted` are
    articles that it covers without room to show them.
    """

    id: str
    digest: str
    page: str
    subject: str
    due: datetime
    recorded: datetime
    sections: tuple[Section, ...]
    omitted: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of the articles that it shows, in order."""
        return tuple(article for section in self.sections for article in section.articles)


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One edition on its way to one subscriber; a row in the ledger before anything is sent."""

    id: str
    edition: str
    address: str
    message_id: str
    token: str
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    due: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A file of the output as it was last written.

    `inputs` is the digest of everything that it was made from, `size` and `mtime_ns` what the
    folder showed right after it was put in place.
    """

    path: str
    inputs: str
    size: int = 0
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a run did, by the name of what it counts."""

    started: datetime
    ended: datetime
    counts: dict[str, int] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeywordCount:
    """A keyword and how many articles stand under it now."""

    keyword: Keyword
    count: int


class DocumentKind(StrEnum):
    """What a file of the output is; the order is the order of writing: feeds after their pages."""

    STYLE = "style"
    ARTICLE = "article"
    WITHDRAWN = "withdrawn"
    EDITION = "edition"
    DIGEST = "digest"
    KEYWORD = "keyword"
    KEYWORDS = "keywords"
    INDEX = "index"
    SITE_FEED = "site feed"
    KEYWORD_FEED = "keyword feed"
    DIGEST_FEED = "digest feed"
    OPML = "opml"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that the output should hold: `inputs` is the digest of all that goes into it.

    `subject` is the id, slug or name of what it shows; `articles` are ids, newest first.
    """

    path: str
    kind: DocumentKind
    subject: str
    inputs: str
    articles: tuple[str, ...] = ()
    form: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store remembers, as one run needs it to decide."""

    seeds: dict[str, SeedRecord] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    keywords: dict[str, Keyword] = field(default_factory=dict)
    documents: dict[str, DocumentRecord] = field(default_factory=dict)
    editions: tuple[Edition, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """An article as the next run will remember it: `kind` is added, updated, restored or refiled."""

    article: Article
    digest: str
    version: str
    kind: str

    @property
    def listing(self) -> Listing:
        """The article without its body."""
        article = self.article
        return Listing(
            article.id,
            article.page,
            article.title,
            article.published,
            article.updated,
            self.digest,
            self.version,
            tuple(keyword.slug for keyword in article.keywords),
        )


@dataclass(frozen=True, slots=True)
class PlannedEdition:
    """An edition that is due, with the addresses that will get it."""

    edition: Edition
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedChange:
    """What will happen to a feed: how many entries come, change and go. `path` is its page's folder."""

    path: str
    title: str
    added: int
    updated: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run will do; printed by ``--dry-run`` and carried out otherwise."""

    now: datetime
    seeds: tuple[SeedRecord, ...] = ()
    seeds_gone: tuple[str, ...] = ()
    articles: tuple[ArticleChange, ...] = ()
    withdrawn: tuple[Listing, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    editions: tuple[PlannedEdition, ...] = ()
    feeds: tuple[FeedChange, ...] = ()
    documents: tuple[Document, ...] = ()
    removed: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    held: tuple[Listing, ...] = ()
    counts: tuple[KeywordCount, ...] = ()
