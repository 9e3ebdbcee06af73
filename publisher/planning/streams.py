"""Live articles × configuration → every feed, cut into the newest articles and archived months. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import NamedTuple

from publisher import addresses
from publisher.config import Config
from publisher.config import Feed as FeedTable
from publisher.model import Chain, Feed, Listing
from publisher.planning.library import Library
from publisher.planning.scope import EVERYTHING, Scope

PART = 100
"""Articles in one archive document at most: a month with more of them has parts."""

LARGEST_PART = 2_000_000
"""Bytes of articles in one archive document. Two such make the largest subscription document, for
validators and readers give up at five million."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A month of a stream, or a part of one: its place in the chain, and its articles, newest first."""

    chain: Chain
    articles: Sequence[Listing]


@dataclass(frozen=True, slots=True)
class Stream:
    """A feed with its articles: all of them and the newest, newest first; archives oldest first.

    Each article is in exactly one document: an archive holds a month (or a full part of one) of which
    nothing is among the newest any more, so that it never changes as newer articles come; what is in
    no archive is in `newest`, the document that people subscribe to. Articles that were withdrawn keep
    their places, so that none of them moves others to another part or opens a month that is archived.
    """

    feed: Feed
    articles: Sequence[Listing]
    newest: Sequence[Listing]
    archives: tuple[Archive, ...] = ()


def streams(
    config: Config,
    library: Library,
    slug_of: Callable[[str], str],
    gone: Library | None = None,
    known: Collection[str] = (),
    scope: Scope = EVERYTHING,
) -> Iterator[Stream]:
    """The site's stream, then those of keywords, then those of the configuration's feeds.

    `gone` are the articles that were withdrawn, `known` the paths of documents that were made. Feeds out
    of `scope` are named and counted, and not cut.
    """
    cutter = _Cutter(config, known)
    for feed, choose in feeds(config, library, slug_of):
        stream = Stream(feed, (), ())
        if scope.holds_feed(feed.folder):
            stream = cutter.stream(feed, choose(library), choose(gone) if gone else ())
        if scope.after is not None and not feed.folder.startswith(addresses.FEEDS):
            stream = replace(stream, feed=replace(stream.feed, count=_size(library, feed.folder)))
        yield stream


def _size(library: Library, folder: str) -> int:
    return library.sizes.get(folder.split("/")[1], 0) if folder else library.size


def feeds(
    config: Config, library: Library, slug_of: Callable[[str], str]
) -> Iterator[tuple[Feed, Callable[[Library], Sequence[Listing]]]]:
    """Each feed with what chooses its articles out of a library, newest first."""
    site = config.site
    yield Feed("", site.title, site.title, site.description), lambda shelf: shelf.live
    for slug in sorted(library.listed):
        keyword = library.keywords[slug]
        first = addresses.keyword(keyword.origin) if keyword.origin else ""
        feed = replace(_feed(config, addresses.keyword(slug), keyword.label), identity=first)
        yield feed, partial(_under, slug)
    for table in config.feed:
        title = table.title or ", ".join(table.keywords) or table.name
        feed = _feed(config, addresses.combined(table.name), title, table.description)
        yield feed, partial(_chosen, table, slug_of)


def _feed(config: Config, folder: str, label: str, description: str = "") -> Feed:
    title = f"{label} · {config.site.title}"
    return Feed(folder, label, title, description or config.site.description)


def _under(slug: str, library: Library) -> Sequence[Listing]:
    return library.under.get(slug, ())


def _chosen(table: FeedTable, slug_of: Callable[[str], str], library: Library) -> list[Listing]:
    """The articles of a feed of several keywords; nothing stands under a keyword that is not known."""
    wanted = [slug_of(label) for label in table.keywords]
    unwanted = {slug_of(label) for label in table.none}
    if table.match == "all" and wanted:
        found = [item for item in library.under.get(wanted[0], ()) if set(wanted) <= set(item.keywords)]
    elif wanted:
        merged = {item.id: item for slug in wanted for item in library.under.get(slug, ())}
        found = sorted(merged.values(), key=lambda item: item.order, reverse=True)
    else:
        found = library.live
    return [item for item in found if unwanted.isdisjoint(item.keywords)] if unwanted else found


class _Cutter:
    """Cuts feeds into documents; remembers the months of articles, for most are in several feeds."""

    def __init__(self, config: Config, known: Collection[str]) -> None:
        self._known = known
        self._items, self._zone = config.feeds.items, config.zone
        self._archives = config.feeds.archives
        self._months: dict[str, str] = {}

    def stream(self, feed: Feed, articles: Sequence[Listing], gone: Sequence[Listing]) -> Stream:
        """The feed with its articles, which are newest first, and with its archives named."""
        newest = articles[: self._newest(articles)]
        archives: tuple[Archive, ...] = ()
        # Where some are gone, what is left may have room in one document: archives that stand stay all the same.
        if self._archives and (gone or len(newest) < len(articles)):
            archives = tuple(_chained(feed.folder, self._parts(feed.folder, articles, gone)))
            newest = articles[: len(articles) - sum(len(archive.articles) for archive in archives)]
        chains = tuple(archive.chain for archive in archives)
        return Stream(replace(feed, count=len(articles), archives=chains), articles, newest, archives)

    def _parts(self, folder: str, articles: Sequence[Listing], gone: Sequence[Listing]) -> list[_Part]:
        """The archives without what is `gone`, oldest first; none where there would be one alone.

        An archive that has neither an older one nor a newer one is no chain, and validators say so.
        """
        places = sorted([*articles, *gone], key=lambda item: item.order, reverse=True) if gone else articles
        lost = {item.id for item in gone}
        parts = [
            part._replace(articles=[item for item in part.articles if item.id not in lost])
            for part in self._closed(places, _fitting(places, self._items))
        ]
        archived, room = sum(len(part.articles) for part in parts), len(articles) - self._newest(articles)
        while parts and archived > room and not self._stands(folder, parts[-1]):
            archived -= len(parts.pop().articles)
        if len(parts) == 1 and sum(item.weight for item in articles) <= 2 * LARGEST_PART:
            return []
        return [part for part in parts if part.articles]

    def _newest(self, articles: Sequence[Listing]) -> int:
        return _fitting(articles, self._items)

    def _stands(self, folder: str, part: _Part) -> bool:
        """Whether a part was archived before, when what is withdrawn by now was among the newest."""
        place = addresses.archive(folder, part.month, part.number)
        return any(addresses.feed(place, form) in self._known for form in addresses.FEED_TYPES)

    def _closed(self, articles: Sequence[Listing], fresh: int) -> Iterator[_Part]:
        """Months and parts of them that hold none of the `fresh` newest articles, oldest first."""
        left = len(articles) - fresh
        for month, group in groupby(reversed(articles), key=self._month):
            rest, number = list(group), 1
            while rest:
                size = _fitting(rest, PART)
                left -= size
                if left < 0:
                    return
                yield _Part(month, number, rest[:size])
                rest, number = rest[size:], number + 1

    def _month(self, listing: Listing) -> str:
        month = self._months.get(listing.id)
        if month is None:
            month = self._months[listing.id] = listing.published.astimezone(self._zone).isoformat()[:7]
        return month


class _Part(NamedTuple):
    """A month or a part of it: its articles are oldest first."""

    month: str
    number: int
    articles: Sequence[Listing]


def _fitting(articles: Sequence[Listing], most: int) -> int:
    """How many from the start make one document; at least one where there are any."""
    total = 0
    for number, listing in enumerate(articles[:most]):
        total += listing.weight
        if total > LARGEST_PART and number:
            return number
    return min(len(articles), most)


def _chained(folder: str, parts: Sequence[_Part]) -> Iterator[Archive]:
    """Archives oldest first, each with the ways to its neighbours (RFC 5005, section 4)."""
    ways = [addresses.archive(folder, part.month, part.number) for part in parts]
    for part, older, newer in zip(parts, [None, *ways], [*ways[1:], None], strict=False):
        yield Archive(Chain(folder, part.month, part.number, older, newer), tuple(reversed(part.articles)))
