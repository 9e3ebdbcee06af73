"""Live articles × configuration → every file that the output should hold, and which must be made. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from publisher import addresses
from publisher.config import Config
from publisher.model import (
    Document,
    DocumentKind,
    DocumentRecord,
    Edition,
    FeedChange,
    Keyword,
    KeywordCount,
    Listing,
)
from publisher.planning.identity import digest_of

FRONT_PAGE = 30
"""Articles on the front page."""


class Library:
    """The articles that are out, in order, and by keyword."""

    def __init__(self, live: Sequence[Listing], keywords: Mapping[str, Keyword], min_articles: int) -> None:
        self.live = sorted(live, key=lambda listing: listing.order, reverse=True)
        self.keywords = keywords
        self.under: dict[str, list[Listing]] = {}
        for listing in self.live:
            for slug in listing.keywords:
                self.under.setdefault(slug, []).append(listing)
        self.listed = {slug for slug, found in self.under.items() if len(found) >= min_articles}
        self.by_id = {listing.id: listing for listing in self.live}

    def counts(self) -> tuple[KeywordCount, ...]:
        """The keywords that have pages, the fullest first."""
        counts = [KeywordCount(self.keywords[slug], len(self.under[slug])) for slug in self.listed]
        return tuple(sorted(counts, key=lambda count: (-count.count, count.keyword.slug)))


def wanted(
    config: Config, library: Library, withdrawn: Sequence[Listing], editions: Sequence[Edition], look: str
) -> Iterator[Document]:
    """Every file of the output; `look` is the digest of what all of them share (templates, site)."""
    maker = _Maker(config, library, look)
    if config.output.base == "full":
        yield from maker.pages(withdrawn, editions)
    yield from maker.feeds(editions)


def to_make(
    documents: Sequence[Document],
    records: Mapping[str, DocumentRecord],
    stands: Callable[[str], tuple[int, int] | None],
) -> list[Document]:
    """Those whose inputs changed or whose file is not as it was left; in the order of writing."""
    kinds = list(DocumentKind)

    def needed(document: Document) -> bool:
        record = records.get(document.path)
        if record is None or record.inputs != document.inputs:
            return True
        return stands(document.path) != (record.size, record.mtime_ns)

    return sorted(filter(needed, documents), key=lambda document: kinds.index(document.kind))


def feed_changes(
    config: Config, before: Library, after: Library, made: Sequence[Document]
) -> Iterator[FeedChange]:
    """What happens to each feed that will be made, counted in its window of newest entries."""
    seen = set()
    for document in made:
        if (
            document.kind not in (DocumentKind.SITE_FEED, DocumentKind.KEYWORD_FEED)
            or document.subject in seen
        ):
            continue
        seen.add(document.subject)
        yield _feed_change(config, document, before, after)
    for slug in sorted(before.listed - after.listed):
        gone = len(before.under[slug][: config.feeds.items])
        yield FeedChange(addresses.keyword(slug), before.keywords[slug].label, 0, 0, gone)


def _feed_change(config: Config, document: Document, before: Library, after: Library) -> FeedChange:
    slug = document.subject
    old = {listing.id: listing for listing in _window(before, slug, config.feeds.items)}
    new = {listing.id: listing for listing in _window(after, slug, config.feeds.items)}
    out = before.by_id.keys() - after.by_id.keys()
    left = sum(
        1 for identity in old if identity in out or (slug and slug not in after.by_id[identity].keywords)
    )
    changed = sum(1 for key in old.keys() & new.keys() if old[key].version != new[key].version)
    title = after.keywords[slug].label if slug else config.site.title
    folder = addresses.keyword(slug) if slug else ""
    return FeedChange(folder, title, len(new.keys() - old.keys()), changed, left)


def _window(library: Library, slug: str, items: int) -> Sequence[Listing]:
    return (library.under.get(slug, ()) if slug else library.live)[:items]


class _Maker:
    """Makes documents: each with the digest of what it shows."""

    def __init__(self, config: Config, library: Library, look: str) -> None:
        self._config, self._library, self._look = config, library, look
        self._digests = [f"{digest.name}={digest.title}" for digest in config.digest]
        self._counts = [f"{c.keyword.slug}={c.keyword.label}={c.count}" for c in library.counts()]

    def pages(self, withdrawn: Sequence[Listing], editions: Sequence[Edition]) -> Iterator[Document]:
        library = self._library
        yield self._document(addresses.STYLE, DocumentKind.STYLE)
        for listing in library.live:
            linked = [slug for slug in listing.keywords if slug in library.listed]
            yield self._document(listing.page, DocumentKind.ARTICLE, listing.id, [listing], linked)
        for listing in withdrawn:
            yield self._document(listing.page, DocumentKind.WITHDRAWN, listing.id)
        for slug in sorted(library.listed):
            chosen = library.under[slug]
            facts = [library.keywords[slug].label, len(chosen)]
            chosen = chosen[: self._config.feeds.items]
            yield self._document(addresses.keyword(slug), DocumentKind.KEYWORD, slug, chosen, facts)
        yield self._document(addresses.KEYWORDS, DocumentKind.KEYWORDS, facts=self._counts)
        front = library.live[:FRONT_PAGE]
        yield self._document("", DocumentKind.INDEX, "", front, [*self._counts, *self._digests])
        yield from self._digest_pages(editions)

    def feeds(self, editions: Sequence[Edition]) -> Iterator[Document]:
        library, items = self._library, self._config.feeds.items
        for form in self._config.feeds.formats:
            live = library.live[:items]
            yield self._feed("", DocumentKind.SITE_FEED, "", form, live)
            for slug in sorted(library.listed):
                folder, label = addresses.keyword(slug), library.keywords[slug].label
                chosen = library.under[slug][:items]
                yield self._feed(folder, DocumentKind.KEYWORD_FEED, slug, form, chosen, [label])
        if self._config.output.base == "full":
            for digest in self._config.digest:
                facts = [digest.title, *(e.id for e in editions if e.digest == digest.name)]
                path = addresses.feed(addresses.digest(digest.name), "atom")
                yield self._document(path, DocumentKind.DIGEST_FEED, digest.name, facts=facts)
        yield self._document(addresses.OPML, DocumentKind.OPML, facts=[*self._counts, *self._digests])

    def _digest_pages(self, editions: Sequence[Edition]) -> Iterator[Document]:
        known = {digest.name: digest for digest in self._config.digest}
        for digest in self._config.digest:
            facts = [digest.title, *(edition.id for edition in editions if edition.digest == digest.name)]
            yield self._document(addresses.digest(digest.name), DocumentKind.DIGEST, digest.name, facts=facts)
        for edition in editions:
            if edition.digest in known:
                shown = [self._library.by_id[key] for key in edition.shown if key in self._library.by_id]
                linked = [slug for item in shown for slug in item.keywords if slug in self._library.listed]
                facts = [known[edition.digest].title, edition.subject, *linked]
                yield self._document(edition.page, DocumentKind.EDITION, edition.id, shown, facts)

    def _feed(
        self,
        folder: str,
        kind: DocumentKind,
        subject: str,
        form: str,
        chosen: Sequence[Listing],
        facts: Sequence[object] = (),
    ) -> Document:
        return self._document(addresses.feed(folder, form), kind, subject, chosen, facts, form)

    def _document(
        self,
        path: str,
        kind: DocumentKind,
        subject: str = "",
        chosen: Sequence[Listing] = (),
        facts: Sequence[object] = (),
        form: str = "",
    ) -> Document:
        inputs = digest_of(
            [self._look, kind, subject, form, *facts, "articles", *(item.version for item in chosen)]
        )
        return Document(path, kind, subject, inputs, tuple(item.id for item in chosen), form)
