"""Questions of a run that reads little: of all that is remembered, what concerns it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, and_, or_, select

from publisher.model import (
    DocumentRecord,
    Edition,
    Frequencies,
    Keyword,
    Listing,
    Picture,
    SeedRecord,
    Standing,
    Totals,
)
from publisher.states import State
from publisher.store import known, phrases
from publisher.store import tables as t
from publisher.store.columns import seconds_of
from publisher.store.dialects import spelled

_BATCH = 500
_SEEDS = "SELECT path, size, mtime_ns FROM seed"
_DOCUMENTS = "SELECT path, size, mtime_ns FROM document"
_COUNTED = "SELECT keyword, count(*), count(CASE WHEN source <> 'found' THEN 1 END)"
_UNDER = f"{_COUNTED} FROM article_keyword GROUP BY keyword"
_NOT_OUT = f"""
    {_COUNTED} FROM article JOIN article_keyword ON article = id
    WHERE withdrawn = TRUE OR (withdrawn = FALSE AND article.published_at > ?) GROUP BY keyword"""
_LIVE = "SELECT count(*) FROM article WHERE withdrawn = FALSE AND published_at <= ?"
_PICTURED = "SELECT id, pictures FROM article WHERE pictures != '[]'"
# Said so, it keeps SQLite from the index of dates, from which it would go to each article with its body.
_PRINTS = "SELECT id, fingerprint FROM article WHERE NOT withdrawn AND fingerprint != ''"
_NEWEST = """
    SELECT id FROM article WHERE withdrawn = FALSE AND published_at <= ?
    ORDER BY published_at DESC, id DESC LIMIT ?"""
_NEWEST_UNDER = """
    SELECT article FROM article_keyword AS under JOIN article ON id = article
    WHERE keyword = ? AND under.published_at <= ? AND withdrawn = FALSE
    ORDER BY under.published_at DESC, article DESC LIMIT ?"""


class Excerpts:
    """Asks by one connection, which sees one state throughout."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, read: Mapping[str, State] | None = None) -> Standing:
        """How everything was left; `read` are the seeds where they are at hand."""
        settings = {row.key: row.value for row in self._connection.execute(select(t.setting))}
        return Standing(settings, self._states(_SEEDS) if read is None else read)

    def documents_as_left(self) -> dict[str, State]:
        """Every document by its path."""
        return self._states(_DOCUMENTS)

    def _states(self, query: str) -> dict[str, State]:
        # By the hundred thousand: so rows come straight from the driver.
        return {path: (size, mtime_ns) for path, size, mtime_ns in _rows(self._connection, query)}

    def totals(self, now: datetime) -> Totals:
        """How many articles are out at `now`."""
        moment = seconds_of(now)
        ((live,),) = _rows(self._connection, _LIVE, moment)
        under, given = Counter[str](), Counter[str]()
        for slug, number, said in _rows(self._connection, _UNDER):
            under[slug], given[slug] = number, said
        for slug, number, said in _rows(self._connection, _NOT_OUT, moment):
            under[slug] -= number
            given[slug] -= said
        return Totals(
            live,
            {slug: number for slug, number in under.items() if number},
            {slug: number for slug, number in given.items() if number},
        )

    def frequencies(self) -> Frequencies:
        """How many texts hold the keywords."""
        return phrases.frequencies(self._connection)

    def ids_under(self, slugs: Iterable[str]) -> list[str]:
        """The living articles under any of these keywords."""
        found: dict[str, None] = {}
        for batch in _batches(slugs):
            under = t.article_keyword.c
            query = select(under.article).join(t.article, t.article.c.id == under.article)
            living = query.where(under.keyword.in_(batch), t.article.c.withdrawn.is_(False))
            found.update(dict.fromkeys(row[0] for row in self._connection.execute(living)))
        return sorted(found)

    def pictured(self) -> dict[str, tuple[Picture, ...]]:
        """The pictures of articles that have some beside their seeds, by id."""
        return {key: known.pictures_of(pictures) for key, pictures in _rows(self._connection, _PICTURED)}

    def fingerprints(self) -> dict[str, int]:
        """The fingerprints of living articles that have one, by id."""
        return {key: int(print_, 16) for key, print_ in _rows(self._connection, _PRINTS)}

    def keywords(self) -> dict[str, Keyword]:
        """Every keyword that was ever given a slug, by slug."""
        return known.keywords(self._connection)

    def editions(self) -> tuple[Edition, ...]:
        """Every edition, oldest first."""
        return tuple(known.editions(self._connection))

    def every_listing(self) -> dict[str, Listing]:
        """All articles without their bodies."""
        return dict(known.listings(self._connection))

    def seeds_at(self, paths: Iterable[str]) -> dict[str, SeedRecord]:
        """The seeds at these paths that are known."""
        return _seeds(self._connection, t.seed.c.path, paths)

    def seeds_saying(self, digests: Iterable[str]) -> dict[str, SeedRecord]:
        """The seeds with these digests of their bytes."""
        return _seeds(self._connection, t.seed.c.digest, digests)

    def seeds_of(self, articles: Iterable[str]) -> dict[str, SeedRecord]:
        """The seeds of these articles."""
        return _seeds(self._connection, t.seed.c.article, articles)

    def seeds_at_fault(self) -> dict[str, SeedRecord]:
        """The seeds in quarantine."""
        return dict(known.seeds(self._connection, t.seed.c.reason.is_not(None)))

    def listings(self, ids: Iterable[str]) -> dict[str, Listing]:
        """Articles without their bodies, those of `ids` that there are."""
        found: dict[str, Listing] = {}
        for batch in _batches(ids):
            found |= known.listings(
                self._connection, t.article.c.id.in_(batch), t.article_keyword.c.article.in_(batch)
            )
        return found

    def ids_saying(self, digests: Iterable[str]) -> list[str]:
        """The articles with these digests of what was read."""
        return _ids(self._connection, t.article.c.digest, digests)

    def ids_on(self, pages: Iterable[str]) -> list[str]:
        """The articles of these pages."""
        return _ids(self._connection, t.article.c.page, pages)

    def ids_between(self, after: datetime, until: datetime | None) -> list[str]:
        """The living articles whose date is later than `after`, and not later than `until`."""
        at = t.article.c.published_at
        dated = and_(at > after, at <= until) if until else at > after
        query = select(t.article.c.id).where(t.article.c.withdrawn.is_(False), dated)
        return [row[0] for row in self._connection.execute(query)]

    def newest(self, slugs: Iterable[str], number: int, now: datetime) -> list[str]:
        """So many of the newest articles that are out at `now`, and of those under each of the keywords."""
        moment = seconds_of(now)
        found = {key for (key,) in _rows(self._connection, _NEWEST, moment, number)}
        for slug in slugs:
            found.update(key for (key,) in _rows(self._connection, _NEWEST_UNDER, slug, moment, number))
        return sorted(found)

    def documents(self, paths: Sequence[str], folders: Sequence[str]) -> dict[str, DocumentRecord]:
        """The documents at these paths, and those in these folders (with a final ``/``) and below them."""
        path = t.document.c.path
        found: dict[str, DocumentRecord] = {}
        for some in (
            *(path.in_(batch) for batch in _batches(paths)),
            # In the order of octets, "0" comes right after "/".
            *(
                or_(*(and_(path >= it, path < f"{it[:-1]}0") for it in some))
                for some in _batches(folders, 50)
            ),
        ):
            rows = self._connection.execute(select(t.document).where(some))
            found |= {row.path: DocumentRecord(*row) for row in rows}
        return found


def _rows(connection: Connection, query: str, *values: object) -> list[Any]:
    cursor: Any = connection.exec_driver_sql(spelled(connection, query), values).cursor
    return list(cursor)


def _seeds(connection: Connection, column: Column[Any], values: Iterable[str]) -> dict[str, SeedRecord]:
    found: dict[str, SeedRecord] = {}
    for batch in _batches(values):
        found |= known.seeds(connection, column.in_(batch))
    return found


def _ids(connection: Connection, column: Column[str], values: Iterable[str]) -> list[str]:
    found: list[str] = []
    for batch in _batches(values):
        found += [row[0] for row in connection.execute(select(t.article.c.id).where(column.in_(batch)))]
    return found


def _batches(values: Iterable[str], size: int = _BATCH) -> Iterator[Collection[str]]:
    every = sorted(set(values))
    for start in range(0, len(every), size):
        yield every[start : start + size]
