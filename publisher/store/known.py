"""Questions about what is remembered; rows become the nouns of `publisher.model` here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, literal, select, union_all

from publisher.model import (
    Article,
    DocumentRecord,
    Edition,
    Fault,
    Filing,
    Keyword,
    KeywordSource,
    Known,
    Listing,
    Part,
    Picture,
    Section,
    SeedFile,
    SeedRecord,
)
from publisher.store import phrases
from publisher.store import tables as t
from publisher.store.bodies import LAST_KEY, outlined, unpacked
from publisher.store.columns import BeforeLast, Octets, at_offset

_BATCH = 500
_SOURCES = {source.value: source for source in KeywordSource}
"""Names to members; a look-up costs a tenth of the call, and every article has dozens."""

_HEAD = [
    t.article.c[name]
    for name in ("id", "page", "title", "published_at", "published_offset", "updated_at", "updated_offset")
]
_SOME = t.article.c.id.in_(bindparam("ids", expanding=True))
_ARTICLES = select(*_HEAD, Octets(t.article.c.body)).where(_SOME)
_OUTLINES = select(*_HEAD, BeforeLast(t.article.c.body, literal(LAST_KEY))).where(_SOME)
_FILINGS = (
    select(*(t.article_keyword.c[name] for name in ("article", "keyword", "source", "score")))
    .where(t.article_keyword.c.article.in_(bindparam("ids", expanding=True)))
    .order_by(t.article_keyword.c.article, t.article_keyword.c.position)
)
_KEYWORDS = select(*(t.keyword.c[name] for name in ("slug", "label", "key", "origin"))).where(
    t.keyword.c.slug.in_(bindparam("slugs", expanding=True))
)
"""What whole articles are read with. Asked for by the hundred, so the expressions are built once."""


_SEEDS = select(
    *(t.seed.c[name] for name in ("path", "size", "mtime_ns", "digest", "article", "reason", "line", "hint"))
).order_by(t.seed.c.path)

_DOCUMENTS = select(t.document).order_by(t.document.c.path)
_LISTINGS = select(
    *(
        t.article.c[name]
        for name in (
            "id",
            "page",
            "title",
            "published_at",
            "published_offset",
            "updated_at",
            "updated_offset",
            "digest",
            "version",
            "withdrawn",
            "weight",
            "pictures",
            "fingerprint",
        )
    )
).order_by(t.article.c.id)
"""All but the bodies: an index holds these columns. Those who know a part decide the same, for it is in order too."""

_UNDER = select(*(t.article_keyword.c[name] for name in ("article", "keyword", "source"))).order_by(
    t.article_keyword.c.article, t.article_keyword.c.position
)


def known(connection: Connection) -> Known:
    """All that one run needs to decide."""
    return Known(
        seeds=dict(seeds(connection)),
        listings=dict(listings(connection)),
        keywords=keywords(connection),
        documents={row.path: DocumentRecord(*row) for row in connection.execute(_DOCUMENTS)},
        editions=tuple(editions(connection)),
        settings={row.key: row.value for row in connection.execute(select(t.setting))},
        frequencies=phrases.frequencies(connection),
    )


def keywords(connection: Connection) -> dict[str, Keyword]:
    """Every keyword that was ever given a slug, by slug."""
    rows = connection.execute(select(t.keyword).order_by(t.keyword.c.slug))
    return {row.slug: Keyword(row.slug, row.label, row.key, row.origin) for row in rows}


def keyword_sources(connection: Connection) -> list[tuple[Keyword, dict[str, int]]]:
    """Every keyword with its living articles by `KeywordSource`, the fullest first."""
    under = t.article_keyword.c
    query = (
        select(under.keyword, under.source, func.count())
        .join(t.article, t.article.c.id == under.article)
        .where(t.article.c.withdrawn.is_(False))
        .group_by(under.keyword, under.source)
    )
    sources: dict[str, dict[str, int]] = {}
    for slug, source, number in connection.execute(query):
        sources.setdefault(slug, {})[source] = number
    for by in sources.values():
        if len(by) > 1 and KeywordSource.FOUND in by:
            by[KeywordSource.VOCABULARY.value] = by.pop(KeywordSource.FOUND.value)
    every = keywords(connection)
    order = sorted(sources, key=lambda slug: (-sum(sources[slug].values()), slug))
    return [(every[slug], sources[slug]) for slug in order]


def keyword_spans(connection: Connection) -> dict[str, tuple[datetime, datetime]]:
    """The dates of the first and of the last living article under each keyword, by slug."""
    under = t.article_keyword.c
    query = (
        select(under.keyword, func.min(under.published_at), func.max(under.published_at))
        .join(t.article, t.article.c.id == under.article)
        .where(t.article.c.withdrawn.is_(False))
        .group_by(under.keyword)
    )
    return {slug: (first, last) for slug, first, last in connection.execute(query)}


def articles(connection: Connection, ids: Sequence[str]) -> Iterator[Article]:
    """Whole articles, those of `ids` that exist, in no particular order."""
    for start in range(0, len(ids), _BATCH):
        batch = {"ids": ids[start : start + _BATCH]}
        filings = _filings(connection, batch)
        for row in connection.execute(_ARTICLES, batch).all():
            yield _article(row, filings, unpacked(row[-1]))


def outlines(connection: Connection, ids: Sequence[str]) -> Iterator[Article]:
    """The same without blocks, at a third of the price."""
    former = list[str]()
    for start in range(0, len(ids), _BATCH):
        batch = {"ids": ids[start : start + _BATCH]}
        filings = _filings(connection, batch)
        for row in connection.execute(_OUTLINES, batch).all():
            if row[-1]:
                yield _article(row, filings, outlined(row[-1]))
            else:
                former.append(row[0])
    yield from articles(connection, former)


def editions(connection: Connection) -> Iterator[Edition]:
    """Every edition with its sections, oldest first."""
    placed: dict[str, list[Row[Any]]] = {}
    query = select(t.edition_article).order_by(t.edition_article.c.position, t.edition_article.c.article)
    for row in connection.execute(query):
        placed.setdefault(row.edition, []).append(row)
    corrected: dict[str, list[str]] = {}
    changes = t.correction.c
    for key, article in connection.execute(
        select(changes.edition, changes.article).order_by(changes.position)
    ):
        corrected.setdefault(key, []).append(article)
    for row in connection.execute(select(t.edition).order_by(t.edition.c.due_at, t.edition.c.id)):
        yield _edition(row, placed.get(row.id, []), corrected.get(row.id, ()))


def had(connection: Connection, digest: str) -> dict[str, datetime]:
    """The `updated` that each article of a digest had when an edition had it last, or corrected it."""
    revisions = union_all(
        *(
            select(table.c.article, table.c.updated_at).where(table.c.digest == digest)
            for table in (t.edition_article, t.correction)
        )
    ).subquery()
    query = select(revisions.c.article, func.max(revisions.c.updated_at)).group_by(revisions.c.article)
    return {row[0]: row[1] for row in connection.execute(query)}


def _article(row: Sequence[Any], filings: Mapping[str, Sequence[Filing]], body: Mapping[str, Any]) -> Article:
    key, page, title, out, out_offset, changed, changed_offset, _ = row
    published = at_offset(out, out_offset)
    return Article(
        id=key,
        page=page,
        title=title,
        published=published,
        updated=published
        if (changed, changed_offset) == (out, out_offset)
        else at_offset(changed, changed_offset),
        filings=tuple(filings.get(key, ())),
        **body,
    )


def _filings(connection: Connection, batch: Mapping[str, Sequence[str]]) -> dict[str, list[Filing]]:
    rows = connection.execute(_FILINGS, batch).all()
    slugs = {"slugs": list({row[1] for row in rows})}
    named = {row[0]: Keyword(*row) for row in connection.execute(_KEYWORDS, slugs)}
    filed: dict[str, list[Filing]] = {}
    for article, slug, source, score in rows:
        filed.setdefault(article, []).append(Filing(named[slug], _SOURCES[source], score))
    return filed


def seeds(
    connection: Connection, some: ColumnElement[bool] | None = None
) -> Iterator[tuple[str, SeedRecord]]:
    """Seeds by path, in that order: all, or `some`."""
    query = _SEEDS if some is None else _SEEDS.where(some)
    for path, size, mtime_ns, digest, article, reason, line, hint in connection.execute(query):
        fault = Fault(path, reason, line, hint) if reason else None
        yield path, SeedRecord(SeedFile(path, size, mtime_ns), digest, article or "", fault)


def listings(
    connection: Connection, some: ColumnElement[bool] | None = None, under: ColumnElement[bool] | None = None
) -> Iterator[tuple[str, Listing]]:
    """Articles without their bodies by id, in that order: all, or `some`.

    `under` chooses the same by `article_keyword`.
    """
    filed: dict[str, list[str]] = {}
    chosen = _UNDER if under is None else _UNDER.where(under)
    found: set[str] = set()
    for article, keyword, source in connection.execute(chosen):
        filed.setdefault(article, []).append(keyword)
        if source == KeywordSource.FOUND:
            found.add(article)
    query = _LISTINGS if some is None else _LISTINGS.where(some)
    for row in connection.execute(query):
        yield row[0], _listing(row, tuple(filed.get(row[0], ())), row[0] in found)


def _listing(row: Sequence[Any], keywords: tuple[str, ...], found: bool) -> Listing:
    # Taken apart at once: ten thousand rows that are asked by name take twice as long.
    key, page, title, out, out_offset, changed, changed_offset, digest, version, *rest = row
    withdrawn, weight, pictures, print_ = rest
    return Listing(
        key,
        page,
        title,
        at_offset(out, out_offset),
        at_offset(changed, changed_offset),
        digest,
        version,
        keywords,
        withdrawn,
        weight,
        pictures_of(pictures),
        int(print_ or "0", 16),
        found,
    )


def pictures_of(kept: str) -> tuple[Picture, ...]:
    """Pictures beside a seed as they are kept."""
    return tuple(Picture(*found) for found in json.loads(kept)) if kept != "[]" else ()


def part(connection: Connection, number: int) -> tuple[Part, bytes | None]:
    """A part of an edition, and its body where it is kept."""
    query = select(t.part, t.edition.c.id.label("edition_id")).join(
        t.edition, t.edition.c.number == t.part.c.edition
    )
    row = connection.execute(query.where(t.part.c.number == number)).one()
    sections = tuple(Section(slug, label, tuple(ids)) for slug, label, ids in json.loads(row.sections))
    corrections = tuple(json.loads(row.corrections))
    return Part(row.id, row.edition_id, row.language, sections, row.omitted, corrections), row.body


def _edition(row: Row[Any], placed: Sequence[Row[Any]], corrections: Sequence[str]) -> Edition:
    sections: dict[tuple[str, str], list[str]] = {}
    for item in placed:
        if item.position is not None:
            sections.setdefault((item.keyword, item.label), []).append(item.article)
    due: datetime = at_offset(row.due_at, row.due_offset)
    return Edition(
        row.id,
        row.digest,
        row.page,
        row.subject,
        due,
        row.recorded_at,
        tuple(Section(slug, label, tuple(ids)) for (slug, label), ids in sections.items()),
        tuple(item.article for item in placed if item.position is None),
        row.held,
        tuple(corrections),
    )


def withdrawn(connection: Connection, page: str) -> bool:
    """Whether the article of a page was withdrawn."""
    query = select(t.article.c.withdrawn).where(t.article.c.page == page)
    return bool(connection.execute(query).scalar())
