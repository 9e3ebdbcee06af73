"""What one run knows, decides and does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from publisher.model.articles import (
    Article,
    Fault,
    Keyword,
    KeywordCount,
    KeywordSource,
    Listing,
    SeedRecord,
)
from publisher.model.mail import Edition, PlannedEdition
from publisher.model.output import Document, DocumentRecord, Feed


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a run did, by the name of what it counts."""

    started: datetime
    ended: datetime
    counts: dict[str, int] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How many articles hold a phrase, by its key; `texts` is in how many keywords were sought.

    An article that declares keywords or is about topics has its text not searched, and does not count.
    """

    texts: int = 0
    articles: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store remembers, as one run needs it to decide."""

    seeds: dict[str, SeedRecord] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    keywords: dict[str, Keyword] = field(default_factory=dict)
    documents: dict[str, DocumentRecord] = field(default_factory=dict)
    editions: tuple[Edition, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    frequencies: Frequencies = field(default_factory=Frequencies)
    """Of the keywords; other phrases are counted too, and asked for when one becomes a keyword."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a site was left: its settings, and the seeds by path with size in bytes and mtime in nanoseconds."""

    settings: dict[str, str] = field(default_factory=dict)
    seeds: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Totals:
    """How many articles are out, and how many of them under each keyword by slug; none that has none.

    `given` are those that stand there by what they declare or by a topic, not by their text.
    """

    live: int = 0
    under: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """An article as the next run will remember it: `kind` is added, updated, restored or refiled."""

    article: Article
    digest: str
    version: str
    kind: str
    weight: int = 0
    fingerprint: int = 0
    body: Callable[[], str] | None = field(default=None, compare=False)
    """Gives what is kept of the article as one text; with it, the article may come without its blocks."""

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
            fingerprint=self.fingerprint,
            found=any(filing.source is KeywordSource.FOUND for filing in article.filings),
        )


@dataclass(frozen=True, slots=True)
class Likeness:
    """A seed that says what another says: the part of its text that both share, 1 where they are one article."""

    path: str
    other: str
    share: float


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
    alike: tuple[Likeness, ...] = ()
    held: tuple[Listing, ...] = ()
    counts: tuple[KeywordCount, ...] = ()
    catalogue: tuple[Feed, ...] = ()
    phrases: Mapping[str, str] = field(default_factory=dict)
    """What was found in the text of articles by id, a key in each line; of those alone where that changes."""
