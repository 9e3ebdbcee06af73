"""Articles and editions → feed documents. Each entry is made once, and set into every feed that carries it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from publisher import addresses, schedules
from publisher.config import Config
from publisher.errors import EntryError, RenderError
from publisher.model import FEED_KINDS, Article, Document, Edition
from publisher.render.blocks import fits_a_feed, html_of
from publisher.render.feeds import (
    FORMATS,
    Channel,
    Enclosure,
    Entry,
    Pieces,
    readback,
    rules,
)
from publisher.render.feeds.entry import EPOCH
from publisher.render.feeds.words import BOX, LOST, name_of, plain

_ROOM = 160_000_000
"""Bytes of entries that are kept for the feeds to come."""
_AHEAD = 200
"""Articles that are read at once, those of the documents to come among them."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a document of these articles holds, the same in every format: entries in order, the last changed."""

    articles: tuple[str, ...]
    entries: tuple[Rendered, ...]
    newest: Rendered | None


@dataclass(frozen=True, slots=True)
class Rendered:
    """An entry in every format that is written, each in pieces; `size` in bytes.

    `changed` is when it was, as a moment and as the entry says it.
    """

    forms: dict[str, Pieces]
    changed: tuple[datetime, str]
    size: int


_CHANGED = attrgetter("changed")


class FeedMaker:
    """Makes the feed documents of one run. `faults` tells why articles were left out, by id.

    `feed_id` gives the id of a feed by its folder, `note` says to a person what a feed is; `coming` are the
    documents that will be asked for, in about that order, so that their articles are read many at a time.
    Nothing is sound before it was read back: `checked` does both.
    """

    def __init__(
        self,
        config: Config,
        fetch: Callable[[Sequence[str]], Mapping[str, Article]],
        feed_id: Callable[[str], str],
        note: Callable[[], str],
        coming: Iterable[Document] = (),
    ) -> None:
        self._config, self._fetch, self._feed_id, self._say = config, fetch, feed_id, note
        self._coming = (
            key for document in coming if document.kind in FEED_KINDS for key in document.articles
        )
        self._scheme = self._url(addresses.KEYWORDS)
        self._kept: dict[str, Rendered] = {}
        self._read: dict[str, set[str]] = {form: set() for form in FORMATS}
        self._room = _ROOM
        self._last = Carried((), (), None)
        self.faults: dict[str, str] = {}

    def checked(self, document: Document) -> bytes:
        """A subscription or archive document that was read back; articles at fault are left out of it.

        `publisher.errors.RenderError` where it cannot be made.
        """
        content = self.feed(document)
        wrong = self._wrong(document, content)
        if not wrong:
            return content
        self.faults |= wrong
        for key in wrong:
            self._forget(key)
        content = self.feed(document)
        if wrong := self._wrong(document, content):
            raise RenderError(*(f"{document.path}: {key}: {fault}" for key, fault in wrong.items()))
        return content

    def _wrong(self, document: Document, content: bytes) -> dict[str, str]:
        """What is wrong with entries of a document, by id; where it cannot be parsed, with which."""
        expected = [key for key in document.articles if key not in self.faults]
        try:
            return readback.faults(document.form, content, expected, self._read[document.form])
        except RenderError as error:
            found = {key: self._alone(document, key) for key in expected}
            wrong = {key: fault for key, fault in found.items() if fault}
            if not wrong or len(content) >= readback.LARGEST_DOCUMENT:
                raise RenderError(f"{document.path}: {error}") from error
            return wrong

    def _alone(self, document: Document, key: str) -> str:
        """What makes an article spoil a document that holds nothing else; empty where it does not."""
        try:
            content = self.feed(replace(document, articles=(key,)))
            return readback.faults(document.form, content, [key], set()).get(key, "")
        except RenderError as error:
            return str(error)

    def feed(self, document: Document) -> bytes:
        """The document as it is made, not yet read back."""
        carried = self._carried(document)
        channel = self._channel(document, carried.newest)
        return self._document(document, channel, [item.forms[document.form] for item in carried.entries])

    def _carried(self, document: Document) -> Carried:
        """Kept for the next format of the same feed, unless articles were found at fault since."""
        if self._last.articles != document.articles:
            if len(set(document.articles)) != len(document.articles):
                raise RenderError(f"{document.path}: an article stands in it twice")
            found = self._rendered(document.articles)
            entries = tuple(found[key] for key in document.articles if key in found)
            self._last = Carried(document.articles, entries, max(entries, key=_CHANGED, default=None))
        return self._last

    def digest_feed(self, document: Document, title: str, editions: Iterable[Edition]) -> bytes:
        """The editions of a digest as an Atom feed."""
        entries = [self._edition_entry(edition) for edition in editions]
        newest = max(entries, key=lambda item: item.updated, default=None)
        channel = Channel(
            id=self._feed_id(addresses.digest(document.subject)),
            title=plain(title),
            description=plain(self._config.site.description),
            url=self._url(document.path),
            page=self._url(addresses.digest(document.subject)),
            **self._shared(document.path),
            updated=newest.updated if newest else EPOCH,
            stamp=newest.stamp if newest else EPOCH.isoformat(),
        )
        content = self._document(document, channel, [FORMATS["atom"].entry(entry) for entry in entries])
        wrong = readback.faults("atom", content, [entry.id for entry in entries], set())
        if wrong:
            raise RenderError(*(f"{document.path}: {key}: {fault}" for key, fault in wrong.items()))
        return content

    def _document(self, document: Document, channel: Channel, entries: Sequence[Pieces]) -> bytes:
        try:
            return FORMATS[document.form or "atom"].document(channel, entries)
        except (EntryError, ValueError) as error:  # lxml refuses characters with a ValueError
            raise RenderError(f"{document.path}: {error}") from error

    def _forget(self, key: str) -> None:
        self._last = Carried((), (), None)
        if key in self._kept:
            self._room += self._kept.pop(key).size

    def _rendered(self, ids: Sequence[str]) -> dict[str, Rendered]:
        found = {key: self._kept[key] for key in ids if key in self._kept}
        missing = [key for key in ids if key not in found and key not in self.faults]
        for article in self._fetch([*missing, *self._ahead(missing)]).values() if missing else ():
            try:
                found[article.id] = self._keep(article)
            except (EntryError, ValueError) as error:  # as above
                self.faults[article.id] = str(error)
        return found

    def _ahead(self, missing: Sequence[str]) -> Iterator[str]:
        """Some of the articles that are wanted next, beside the `missing`, while there is room for them."""
        taken = set(missing)
        for key in self._coming if self._room > 0 else ():
            if len(taken) >= _AHEAD:
                return
            if key not in taken and key not in self._kept and key not in self.faults:
                taken.add(key)
                yield key

    def _keep(self, article: Article) -> Rendered:
        entry = self._entry(article)
        rules.article_is_sound(entry)
        forms: dict[str, Pieces] = {form: FORMATS[form].entry(entry) for form in self._config.feeds.formats}
        size = sum(len(piece) for pieces in forms.values() for piece in pieces)
        made = Rendered(forms, (entry.updated, entry.stamp), size)
        self._room -= size
        while self._room < 0 and self._kept:
            self._forget(next(iter(self._kept)))
        self._kept[article.id] = made
        return made

    def _entry(self, article: Article) -> Entry:
        url = self._url(article.page)
        full = self._config.feeds.content == "full" and fits_a_feed(article)
        return Entry(
            id=article.id,
            url=url,
            title=plain(article.title),
            published=article.published,
            updated=article.updated,
            summary=plain(article.summary),
            html=html_of(article, url).replace(LOST, BOX) if full else "",
            authors=tuple(map(name_of, article.authors)),
            categories=tuple(plain(keyword.label) for keyword in article.keywords),
            scheme=self._scheme,
            language=article.language or self._config.site.language,
            enclosures=tuple(
                Enclosure(
                    picture.url if not picture.source else url + picture.url, picture.type, picture.length
                )
                for picture in article.pictures
                if picture.shown
            ),
        )

    def _edition_entry(self, edition: Edition) -> Entry:
        labels = [section.label for section in edition.sections if section.label]
        return Entry(
            id=edition.id,
            url=self._url(edition.page),
            title=plain(edition.subject.strip() or edition.digest),
            published=edition.due,
            updated=max(edition.recorded, edition.due).astimezone(edition.due.tzinfo),
            summary=plain(" · ".join(labels)),
            html="",
            authors=(),
            categories=(),
            scheme=self._scheme,
            language=self._config.site.language,
        )

    def _channel(self, document: Document, newest: Rendered | None) -> Channel:
        feed, chain = document.feed, document.chain
        if feed is None or chain is None:
            raise ValueError(f"not a document of a feed: {document.path}")
        # A copy at an address that the feed left says where the feed is.
        subscription = addresses.feed(feed.folder, document.form)
        updated, stamp = newest.changed if newest else (EPOCH, EPOCH.isoformat())

        def way(folder: str | None) -> str:
            return self._url(addresses.feed(folder, document.form)) if folder is not None else ""

        return Channel(
            id=self._feed_id(feed.identity or feed.folder or "site"),
            title=plain(feed.title),
            description=plain(feed.description),
            url=self._url(document.path if chain.month else subscription),
            page=self._url(addresses.place(chain)),
            **self._shared(document.path, archived=bool(chain.month)),
            updated=updated,
            stamp=stamp,
            current=self._url(subscription) if chain.month else "",
            previous=way(chain.previous),
            next=way(chain.next),
        )

    def _shared(self, path: str, *, archived: bool = False) -> dict[str, Any]:
        """What every feed of the site says alike; nothing is announced of archives."""
        style = {"style": addresses.root_from(path) + addresses.FEED_STYLE}
        return self._of_site | style | ({} if archived else self._announced)

    @cached_property
    def _of_site(self) -> dict[str, Any]:
        site = self._config.site
        return {
            "language": site.language,
            "author": name_of(site.author or site.title),
            "rights": plain(site.rights),
            "icon": self._url(addresses.ICON),
            "note": self._say(),
        }

    @cached_property
    def _announced(self) -> dict[str, Any]:
        ttl = schedules.minutes_between(self._config.schedule.feeds)
        return {"ttl": ttl, "hubs": tuple(dict.fromkeys(self._config.feeds.websub))}

    def _url(self, path: str) -> str:
        return addresses.absolute(self._config.site.url, path)
