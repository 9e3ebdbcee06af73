"""What a run decides is written here, each step in one transaction of its caller."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update

from publisher.model import (
    Article,
    ArticleChange,
    DocumentRecord,
    Edition,
    Part,
    Plan,
    PlannedEdition,
    RunFigures,
    SeedRecord,
)
from publisher.store import audiences, ledger, phrases
from publisher.store import tables as t
from publisher.store.bodies import packed
from publisher.store.columns import offset_of
from publisher.store.dialects import execute_many, insert_into, listed

_BATCH = 500


def decisions(connection: Connection, plan: Plan) -> None:
    """Remember what the plan says of seeds, articles, keywords and settings."""
    _put(connection, t.keyword, [asdict(keyword) for keyword in plan.keywords])
    for start in range(0, len(plan.articles), _BATCH):
        _articles(connection, plan.articles[start : start + _BATCH], plan.now)
    gone = [listing.id for listing in plan.withdrawn]
    _each(
        connection,
        gone,
        lambda some: update(t.article).where(t.article.c.id.in_(some)).values(withdrawn=True),
    )
    phrases.record(connection, plan.phrases)
    seeds(connection, plan.seeds)
    _each(connection, plan.seeds_gone, lambda some: delete(t.seed).where(t.seed.c.path.in_(some)))
    settings(connection, plan.settings)


def seeds(connection: Connection, records: Sequence[SeedRecord]) -> None:
    """Remember seeds as they were read, or why they could not be."""
    _put(connection, t.seed, [_seed_row(record) for record in records])


def settings(connection: Connection, values: dict[str, str]) -> None:
    """Remember settings of the site by name."""
    _put(connection, t.setting, [{"key": key, "value": value} for key, value in values.items()])


def edition(connection: Connection, planned: PlannedEdition) -> bool:
    """Fix an edition with its parts and deliveries; false where it stands already."""
    made = planned.edition
    row = {
        "id": made.id,
        "digest": made.digest,
        "period": f"{made.due:%Y-%m-%dT%H:%M}",
        "page": made.page,
        "subject": made.subject,
        "due_at": made.due,
        "due_offset": offset_of(made.due),
        "recorded_at": made.recorded,
    }
    new = (
        insert_into(connection, t.edition).values(row).on_conflict_do_nothing().returning(t.edition.c.number)
    )
    number = connection.execute(new).scalar()
    if number is None:
        return False
    if held := _taken(connection, hold_of(made.digest)):
        ledger.hold(connection, number, held)
    _place(connection, made)
    parts = {part.id: _part(connection, number, part) for part in planned.parts}
    due = ((audience, parts.get(part)) for audience, part in planned.audiences)
    audiences.deliveries(connection, made.digest, number, due, made.due, made.recorded)
    return True


def _place(connection: Connection, made: Edition) -> None:
    """Remember which articles an edition has, in which revision."""
    if places := list(_places(made)):
        connection.execute(t.edition_article.insert(), places)
    now = (
        select(t.article.c.updated_at).where(t.article.c.id == t.edition_article.c.article).scalar_subquery()
    )
    mine = update(t.edition_article).where(t.edition_article.c.edition == made.id)
    connection.execute(mine.values(updated_at=now))
    changed = select(t.article.c.id, t.article.c.updated_at).where(t.article.c.id.in_(made.corrections))
    revisions = {row.id: row.updated_at for row in connection.execute(changed)}
    rows = [
        {
            "digest": made.digest,
            "article": key,
            "updated_at": revisions[key],
            "edition": made.id,
            "position": n,
        }
        for n, key in enumerate(made.corrections)
    ]
    if rows:
        connection.execute(t.correction.insert(), rows)


def hold_of(digest: str) -> str:
    """The setting that holds the next edition of a digest: why, or empty."""
    return f"hold {digest}"


def _taken(connection: Connection, key: str) -> str:
    """A setting that is good for once."""
    gone = delete(t.setting).where(t.setting.c.key == key).returning(t.setting.c.value)
    return str(connection.execute(gone).scalar() or "")


def _part(connection: Connection, edition: int, part: Part) -> int:
    row = {
        "edition": edition,
        "id": part.id,
        "language": part.language,
        "sections": json.dumps([[s.keyword, s.label, s.articles] for s in part.sections], ensure_ascii=False),
        "omitted": part.omitted,
        "corrections": json.dumps(part.corrections),
    }
    new = t.part.insert().values(row).returning(t.part.c.number)
    return int(connection.execute(new).scalar_one())


def documents(connection: Connection, written: Sequence[DocumentRecord], removed: Sequence[str]) -> None:
    """Remember the files that were put in place, and forget those that were taken away."""
    _each(connection, removed, lambda some: delete(t.document).where(t.document.c.path.in_(some)))
    rows = [{"path": d.path, "inputs": d.inputs, "size": d.size, "mtime_ns": d.mtime_ns} for d in written]
    _put(connection, t.document, rows)


def run(connection: Connection, figures: RunFigures) -> None:
    """Keep the figures of a run."""
    row = {
        "started_at": figures.started,
        "ended_at": figures.ended,
        "counts": json.dumps(figures.counts),
        "faults": json.dumps(figures.faults, ensure_ascii=False),
    }
    connection.execute(t.run.insert(), row)


def _articles(connection: Connection, changes: Sequence[ArticleChange], now: datetime) -> None:
    """Remember what became of articles: a handful of statements, however many they are."""
    bodies = {change.article.id: _body(change) for change in changes}
    _put(connection, t.article, [_article_row(change, bodies[change.article.id]) for change in changes])
    new = [change for change in changes if change.kind in ("added", "updated")]
    _revisions(connection, new, bodies, now)
    under, ids = t.article_keyword, list(bodies)
    _each(connection, ids, lambda some: delete(under).where(under.c.article.in_(some)))
    execute_many(
        connection, under.insert(), [row for change in changes for row in _filing_rows(change.article)]
    )


def _body(change: ArticleChange) -> str:
    return change.body() if change.body else packed(change.article)


def _article_row(change: ArticleChange, body: str) -> dict[str, Any]:
    article = change.article
    return {
        "id": article.id,
        "page": article.page,
        "title": article.title,
        "published_at": article.published,
        "published_offset": offset_of(article.published),
        "updated_at": article.updated,
        "updated_offset": offset_of(article.updated),
        "digest": change.digest,
        "version": change.version,
        "body": body,
        "withdrawn": False,
        "weight": change.weight,
        "fingerprint": f"{change.fingerprint:x}" if change.fingerprint else "",
        "pictures": json.dumps([astuple(picture) for picture in change.listing.pictures]),
    }


def _filing_rows(article: Article) -> Iterable[dict[str, Any]]:
    for position, filing in enumerate(article.filings):
        yield {
            "keyword": filing.keyword.slug,
            "published_at": article.published,
            "article": article.id,
            "position": position,
            "source": filing.source.value,
            "score": filing.score,
            "spelling": filing.spelling or filing.keyword.label,
        }


def _revisions(
    connection: Connection, changes: Sequence[ArticleChange], bodies: Mapping[str, str], now: datetime
) -> None:
    revisions = t.article_revision
    numbered = select(revisions.c.article, func.max(revisions.c.revision)).group_by(revisions.c.article)
    ids = listed(connection, [change.article.id for change in changes])
    last = {row[0]: int(row[1]) for row in connection.execute(numbered.where(revisions.c.article.in_(ids)))}
    rows = [
        {
            "article": change.article.id,
            "revision": last.get(change.article.id, 0) + 1,
            "digest": change.digest,
            "title": change.article.title,
            "body": bodies[change.article.id],
            "recorded_at": now,
        }
        for change in changes
    ]
    execute_many(connection, revisions.insert(), rows)


def _seed_row(record: SeedRecord) -> dict[str, Any]:
    fault = record.fault
    return {
        "path": record.file.path,
        "size": record.file.size,
        "mtime_ns": record.file.mtime_ns,
        "digest": record.digest,
        "article": record.article or None,
        "reason": fault.reason if fault else None,
        "line": fault.line if fault else 0,
        "hint": fault.hint if fault else "",
    }


def _places(planned: Edition) -> Iterable[dict[str, Any]]:
    position = 0
    for section in planned.sections:
        for article in section.articles:
            place = {"keyword": section.keyword, "label": section.label, "position": position}
            yield {"digest": planned.digest, "article": article, "edition": planned.id, **place}
            position += 1
    for article in planned.omitted:
        place = {"keyword": "", "label": "", "position": None}
        yield {"digest": planned.digest, "article": article, "edition": planned.id, **place}


def _put(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or bring them up to date where their primary key stands already."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = insert_into(connection, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    execute_many(connection, statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def _each(connection: Connection, items: Sequence[str], statement: Any) -> None:
    for start in range(0, len(items), _BATCH):
        connection.execute(statement(items[start : start + _BATCH]))
