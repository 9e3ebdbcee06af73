"""What the output holds: documents, feeds and their archives, and hubs that are told of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
class Ping:
    """A hub that is to be told that the document at the URL `topic` changed (WebSub, section 6)."""

    hub: str
    topic: str
    attempts: int = 0
    due: datetime | None = None
    reason: str = ""


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
    MOVED = "moved"
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
    identity: str = ""
    """The folder by which it keeps its id, where it had another one first."""


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
