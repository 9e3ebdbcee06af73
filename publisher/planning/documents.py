"""Live articles × configuration → every file that the output should hold, and which must be made. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from publisher import addresses
from publisher.config import Config
from publisher.model import (
    Chain,
    Document,
    DocumentKind,
    DocumentRecord,
    Edition,
    Feed,
    FeedChange,
    Listing,
)
from publisher.planning.identity import digest_of
from publisher.planning.library import Library
from publisher.planning.scope import EVERYTHING, Scope
from publisher.planning.streams import Archive, Stream

FRONT_PAGE = 30
"""Articles on the front page, at least."""


def wanted(
    config: Config,
    library: Library,
    streams: Sequence[Stream],
    withdrawn: Sequence[Listing],
    editions: Sequence[Edition],
    look: str,
    scope: Scope = EVERYTHING,
) -> Iterator[Document]:
    """Every file of the output in `scope`; `look` is the digest of what all of them share (templates, site)."""
    maker = _Maker(config, library, streams, look, scope)
    yield from maker.files()
    if config.output.base == "full":
        yield from maker.pages(withdrawn, editions)
    yield from maker.feeds(editions)


def to_make(
    documents: Sequence[Document],
    records: Mapping[str, DocumentRecord],
    stands: Callable[[Document], tuple[int, int] | None],
) -> list[Document]:
    """Those whose inputs changed or whose file is not as it was left; in the order of writing."""
    kinds = list(DocumentKind)

    def needed(document: Document) -> bool:
        record = records.get(document.path)
        if record is None or record.inputs != document.inputs:
            return True
        return stands(document) != (record.size, record.mtime_ns)

    return sorted(filter(needed, documents), key=lambda document: kinds.index(document.kind))


Members = Mapping[str, tuple[Feed, Sequence[Listing]]]
"""Feeds by their folder, each with all its articles."""


def feed_changes(
    before: Members, after: Members, known: Collection[str], *, redone: bool
) -> Iterator[FeedChange]:
    """What happens to each feed: articles come into it, change or leave it, wherever in it they stand.

    `known` are the paths of documents that were made: a feed that has none yet comes with all its
    articles. Where entries are `redone`, for the configuration has them say something else, all change.
    """
    for folder, (feed, articles) in after.items():
        stood = any(addresses.feed(folder, form) in known for form in addresses.FEED_TYPES)
        old = {item.id: item.version for item in before[folder][1]} if stood and folder in before else {}
        new = {item.id: item.version for item in articles}
        both = old.keys() & new.keys()
        changed = sum(1 for key in both if redone or old[key] != new[key])
        change = FeedChange(folder, feed.label, len(new) - len(both), changed, len(old) - len(both))
        if change.added or change.updated or change.withdrawn or not stood:
            yield change
    for folder, (feed, articles) in before.items():
        if folder not in after and any(
            addresses.feed(folder, form) in known for form in addresses.FEED_TYPES
        ):
            yield FeedChange(folder, feed.label, 0, 0, len(articles))


class _Maker:
    """Makes documents: each with the digest of what it shows."""

    def __init__(
        self, config: Config, library: Library, streams: Sequence[Stream], look: str, scope: Scope
    ) -> None:
        self._config, self._library, self._look, self._scope = config, library, look, scope
        self._streams = [stream for stream in streams if scope.holds_feed(stream.feed.folder)]
        self._left = library.left
        self._live = [listing for listing in library.live if scope.holds(listing.id)]
        self._digests = [f"{digest.name}={digest.title}" for digest in config.digest]
        self._counts = [f"{c.keyword.slug}={c.keyword.label}={c.count}" for c in library.counts()]
        self._feeds = [f"{feed.folder}={feed.label}={feed.count}" for feed in (s.feed for s in streams)]

    def files(self) -> Iterator[Document]:
        """What is copied: the style sheet and icon of feeds, pictures of articles."""
        yield self._document(addresses.FEED_STYLE, DocumentKind.ASSET)
        yield self._document(addresses.ICON, DocumentKind.ASSET)
        for listing in self._live:
            for picture in listing.pictures:
                if picture.shown:
                    facts = (picture.length, picture.mtime_ns)
                    path = listing.page + picture.url
                    yield self._document(path, DocumentKind.PICTURE, picture.source, facts=facts)

    def pages(self, withdrawn: Sequence[Listing], editions: Sequence[Edition]) -> Iterator[Document]:
        """Everything that people read in a browser."""
        library = self._library
        yield self._document(addresses.STYLE, DocumentKind.ASSET)
        for listing in self._live:
            linked = [slug for slug in listing.keywords if slug in library.listed]
            yield self._document(listing.page, DocumentKind.ARTICLE, listing.id, [listing], linked)
        for listing in withdrawn:
            yield self._document(listing.page, DocumentKind.WITHDRAWN, listing.id)
        for stream in self._streams:
            yield from self._stream_pages(stream)
        yield self._document(addresses.KEYWORDS, DocumentKind.KEYWORDS, facts=self._counts)
        yield self._document(addresses.FEEDS, DocumentKind.FEEDS, facts=[*self._feeds, *self._digests])
        yield from self._digest_pages(editions)

    def _stream_pages(self, stream: Stream) -> Iterator[Document]:
        feed = stream.feed
        facts = [*_facts(feed), feed.count, *feed.archives]
        if not feed.folder:
            # What is on no archive page is on this one.
            front = stream.articles[: max(FRONT_PAGE, len(stream.newest))]
            more = [*facts, *self._counts, *self._digests]
            yield self._document("", DocumentKind.INDEX, "", front, more, feed=feed)
        else:
            known = feed.folder.startswith(addresses.KEYWORDS)
            kind = DocumentKind.KEYWORD if known else DocumentKind.COMBINED
            subject = feed.folder.split("/")[1]
            yield self._document(feed.folder, kind, subject, stream.newest, facts, feed=feed)
            for old in self._left.get(feed.folder, ()):
                yield self._document(old, DocumentKind.MOVED, subject, facts=_facts(feed), feed=feed)
        for archive in stream.archives:
            page, facts = addresses.place(archive.chain), [*_facts(feed), archive.chain]
            yield self._document(
                page, DocumentKind.ARCHIVE_PAGE, "", archive.articles, facts, feed=feed, chain=archive.chain
            )

    def feeds(self, editions: Sequence[Edition]) -> Iterator[Document]:
        """Everything that programs read."""
        for stream in self._streams:
            newest = Archive(Chain(stream.feed.folder, previous=_last(stream)), stream.newest)
            # The formats of a document follow each other, so that its entries are still at hand.
            for kind, part in [
                *((DocumentKind.ARCHIVE, part) for part in stream.archives),
                (DocumentKind.FEED, newest),
            ]:
                for form in self._config.feeds.formats:
                    yield self._feed(kind, stream.feed, form, part)
            # Few programs go where a page says that they should: they find the feed where they look for it.
            for old in self._left.get(stream.feed.folder, ()):
                for form in self._config.feeds.formats:
                    there = self._feed(DocumentKind.FEED, stream.feed, form, newest)
                    yield replace(there, path=addresses.feed(old, form))
        if self._config.output.base == "full":
            for digest in self._config.digest:
                facts = [digest.title, *(e.id for e in editions if e.digest == digest.name)]
                path = addresses.feed(addresses.digest(digest.name), "atom")
                yield self._document(path, DocumentKind.DIGEST_FEED, digest.name, facts=facts)
        yield self._document(addresses.OPML, DocumentKind.OPML, facts=[*self._feeds, *self._digests])

    def _digest_pages(self, editions: Sequence[Edition]) -> Iterator[Document]:
        known = {digest.name: digest for digest in self._config.digest}
        for digest in self._config.digest:
            facts = [digest.title, *(edition.id for edition in editions if edition.digest == digest.name)]
            yield self._document(addresses.digest(digest.name), DocumentKind.DIGEST, digest.name, facts=facts)
        for edition in editions:
            if edition.digest in known and self._scope.holds_edition(edition):
                shown = [self._library.by_id[key] for key in edition.named if key in self._library.by_id]
                linked = [slug for item in shown for slug in item.keywords if slug in self._library.listed]
                facts = [known[edition.digest].title, edition.subject, *linked]
                yield self._document(edition.page, DocumentKind.EDITION, edition.id, shown, facts)

    def _feed(self, kind: DocumentKind, feed: Feed, form: str, part: Archive) -> Document:
        path = addresses.feed(addresses.place(part.chain), form)
        facts = [*_facts(feed), part.chain]
        return self._document(path, kind, feed.folder, part.articles, facts, form, feed, part.chain)

    def _document(
        self,
        path: str,
        kind: DocumentKind,
        subject: str = "",
        chosen: Sequence[Listing] = (),
        facts: Sequence[object] = (),
        form: str = "",
        feed: Feed | None = None,
        chain: Chain | None = None,
    ) -> Document:
        inputs = digest_of(
            [self._look, kind, subject, form, *facts, "articles", *(item.version for item in chosen)]
        )
        return Document(path, kind, subject, inputs, tuple(item.id for item in chosen), form, feed, chain)


def _facts(feed: Feed) -> list[object]:
    """What of a feed each of its documents says; its count and its archives change too often."""
    return [feed.folder, feed.label, feed.title, feed.description, feed.identity]


def _last(stream: Stream) -> str | None:
    return addresses.place(stream.archives[-1].chain) if stream.archives else None
