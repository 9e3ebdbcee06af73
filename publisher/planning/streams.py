"""Live articles × configuration → every feed, cut into the newest articles and archived months. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from publisher import addresses
from publisher.config import Config
from publisher.config import Feed as FeedTable
from publisher.model import Chain, Feed, Listing
from publisher.planning.library import Library

LARGEST_DOCUMENT = 4_000_000
"""Bytes of articles in one feed document; validators and readers give up at five million."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A month of a stream, or a part of one: its place in the chain, and its articles, newest first."""

    chain: Chain
    articles: Sequence[Listing]


@dataclass(frozen=True, slots=True)
class Stream:
    """A feed with its articles: all of them and the newest, newest first; archives oldest first.

    The archives hold whole months up to the newest article that `newest` has no room for, so that
    nothing is missing between them, and a month that is over never changes as newer articles come.
    """

    feed: Feed
    articles: Sequence[Listing]
    newest: Sequence[Listing]
    archives: tuple[Archive, ...] = ()


def streams(config: Config, library: Library, slug_of: Callable[[str], str]) -> Iterator[Stream]:
    """The site's stream, then those of keywords, then those of the configuration's feeds."""
    site = config.site
    yield _cut(config, Feed("", site.title, site.title, site.description), library.live)
    for slug in sorted(library.listed):
        label, articles = library.keywords[slug].label, library.under[slug]
        yield _cut(config, _feed(config, addresses.keyword(slug), label), articles)
    for table in config.feed:
        title = table.title or ", ".join(table.keywords) or table.name
        feed = _feed(config, addresses.combined(table.name), title, table.description)
        yield _cut(config, feed, _chosen(table, library, slug_of))


def _feed(config: Config, folder: str, label: str, description: str = "") -> Feed:
    title = f"{label} · {config.site.title}"
    return Feed(folder, label, title, description or config.site.description)


def _chosen(table: FeedTable, library: Library, slug_of: Callable[[str], str]) -> list[Listing]:
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


def _cut(config: Config, feed: Feed, articles: Sequence[Listing]) -> Stream:
    newest = _fitting(articles[: config.feeds.items])
    archives: tuple[Archive, ...] = ()
    if config.feeds.archives and len(newest) < len(articles):
        archives = tuple(_archives(config, feed.folder, articles, articles[len(newest)]))
    whole = Feed(
        feed.folder,
        feed.label,
        feed.title,
        feed.description,
        len(articles),
        tuple(archive.chain for archive in archives),
    )
    return Stream(whole, articles, newest, archives)


def _fitting(articles: Sequence[Listing]) -> Sequence[Listing]:
    """As many from the start as one document may hold; at least one."""
    total = 0
    for number, listing in enumerate(articles):
        total += listing.weight
        if total > LARGEST_DOCUMENT and number:
            return articles[:number]
    return articles


def _archives(config: Config, folder: str, articles: Sequence[Listing], last: Listing) -> Iterator[Archive]:
    """The archives of the months up to that of `last`, the newest article that must be in one."""
    cuts = list(_parts(config, articles, last))
    places = [(month, part) for month, part, _ in cuts]
    ways: list[str | None] = [addresses.archive(folder, *place) for place in places]
    for index, ((month, part), older, newer) in enumerate(
        zip(places, [None, *ways[:-1]], [*ways[1:], None], strict=True)
    ):
        yield Archive(Chain(folder, month, part, older, newer), tuple(reversed(cuts[index][2])))


def _parts(
    config: Config, articles: Sequence[Listing], last: Listing
) -> Iterator[tuple[str, int, Sequence[Listing]]]:
    """Months and parts of them, oldest first, their articles oldest first; up to the one with `last`."""

    def month(listing: Listing) -> str:
        return listing.published.astimezone(config.zone).isoformat()[:7]

    for name, group in groupby(reversed(articles), key=month):
        rest, part = list(group), 1
        while rest:
            fitting = _fitting(rest)
            yield name, part, fitting
            if last in fitting:
                return
            rest, part = rest[len(fitting) :], part + 1
