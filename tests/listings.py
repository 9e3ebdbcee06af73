"""Listings and streams of them, made by hand: for what is decided without files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

from publisher.addresses import place
from publisher.config import Config, Feed, Feeds, Mail, Site
from publisher.keywords import slugify
from publisher.model import Chain, Keyword, Listing
from publisher.planning.deserving import Bar
from publisher.planning.library import Library
from publisher.planning.streams import Stream, streams

MAY = datetime(2023, 5, 1, 5, 0, tzinfo=UTC)
"""Noon in Hải Phòng."""


def listing(number: int, published: datetime, weight: int = 1_000, keywords: Sequence[str] = ()) -> Listing:
    name = f"a{number:05}"
    page = f"articles/{name}/"
    return Listing(name, page, name, published, published, name, name, tuple(keywords), False, weight)


def months(*counts: int, weight: int = 1_000, start: datetime = MAY) -> list[Listing]:
    """So many articles in each month from `start` on, an hour apart, in no order."""
    found: list[Listing] = []
    for month, count in enumerate(counts, start.month - 1):
        first = start.replace(year=start.year + month // 12, month=month % 12 + 1)
        for hour in range(count):
            found.append(listing(len(found), first + timedelta(hours=hour), weight))
    return found[1::2] + found[::2]


def config(*tables: Feed, items: int = 10, archives: bool = True) -> Config:
    return Config(
        site=Site(title="Tin thử", url="https://news.example.org/", description="Một tờ tin"),
        mail=Mail(sender="news@example.org"),
        feeds=Feeds(items=items, archives=archives),
        feed=tables,
    )


def every_stream(
    settings: Config, listings: Iterable[Listing], gone: Iterable[Listing] = (), known: Collection[str] = ()
) -> dict[str, Stream]:
    """Each feed by its folder; keywords are known by their slugs."""
    kept, lost = list(listings), list(gone)
    slugs = dict.fromkeys(chain.from_iterable(item.keywords for item in [*kept, *lost]))
    keywords = {slug: Keyword(slug, slug.title(), slug) for slug in slugs}
    library, withdrawn = Library(kept, keywords, Bar()), Library(lost, keywords, Bar())
    return {stream.feed.folder: stream for stream in streams(settings, library, slugify, withdrawn, known)}


def site_stream(
    settings: Config, listings: Iterable[Listing], gone: Iterable[Listing] = (), known: Collection[str] = ()
) -> Stream:
    return every_stream(settings, listings, gone, known)[""]


def documents_of(stream: Stream) -> set[str]:
    """The paths of its documents in one format."""
    return {f"{place(chain)}feed.rss" for chain in (Chain(stream.feed.folder), *stream.feed.archives)}


def names(listings: Iterable[Listing]) -> list[str]:
    return [item.id for item in listings]


def newest_first(listings: Iterable[Listing]) -> list[str]:
    """Said again in other words than the program's: by date, then by id, backwards."""
    return names(sorted(listings, key=lambda item: (item.published, item.id)))[::-1]
