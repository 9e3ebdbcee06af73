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
    feed. `pictures` are those that lie beside the seed.
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
class Ping:
    """A hub that is to be told that the document at the URL `topic` changed (WebSub, section 6)."""

    hub: str
    topic: str
    attempts: int = 0
    due: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KeywordCount:
    """A keyword and how many articles stand under it now."""

    keyword: Keyword
    count: int


class DocumentKind(StrEnum):
    """What a file of the output is; the order is the order of writing: what is linked to comes first."""

    ASSET = "asset"
    PICTURE = "picture"
    ARTICLE = "article"
    WITHDRAWN = "withdrawn"
    EDITION = "edition"
    DIGEST = "digest"
    ARCHIVE_PAGE = "archive page"
    KEYWORD = "keyword"
    COMBINED = "combined"
    KEYWORDS = "keywords"
    FEEDS = "feeds"
    INDEX = "index"
    ARCHIVE = "archive"
    FEED = "feed"
    DIGEST_FEED = "digest feed"
    OPML = "opml"


FEED_KINDS = frozenset({DocumentKind.ARCHIVE, DocumentKind.FEED, DocumentKind.DIGEST_FEED, DocumentKind.OPML})
"""Documents for programs: read back before they are put in place, and put there in compressed forms too."""


ANNOUNCED_KINDS = frozenset({DocumentKind.FEED, DocumentKind.DIGEST_FEED})
"""Documents that readers poll, so that hubs are told when they change."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a document stands in its feed (RFC 5005, section 4), as folders of the output.

    `feed` is the folder of the feed itself. `month` is empty in the subscription document, and
    ``2023-05`` in an archive document; `part` counts where a month is too big for one document.
    `previous` leads to older and `next` to newer archive documents.
    """

    feed: str
    month: str = ""
    part: int = 1
    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A stream of articles: of the site, of a keyword, or of a combination.

    `folder` is that of its page, beside which its documents stand; empty for the site. `label` is
    its name among others, `title` its name on its own. `archives` are oldest first.
    """

    folder: str
    label: str
    title: str
    description: str = ""
    count: int = 0
    archives: tuple[Chain, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file that the output should hold: `inputs` is the digest of all that goes into it.

    `subject` is the id, slug or name of what it shows; `articles` are ids, newest first. Documents
    and pages of a feed have `feed`, and those of its archives `chain` too.
    """

    path: str
    kind: DocumentKind
    subject: str
    inputs: str
    articles: tuple[str, ...] = ()
    form: str = ""
    feed: Feed | None = None
    chain: Chain | None = None


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
    weight: int = 0

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
            weight=self.weight,
            pictures=tuple(picture for picture in article.pictures if picture.source),
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
    """All that a run will do; printed by ``--dry-run`` and carried out otherwise.

    `feeds` are what happens to feeds, `catalogue` every feed that there is.
    """

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
    catalogue: tuple[Feed, ...] = ()
