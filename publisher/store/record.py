"""What a run decides is written here, each step in one transaction of its caller."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from publisher.model import (
    ArticleChange,
    Delivery,
    DeliveryState,
    DocumentRecord,
    Edition,
    Plan,
    RunFigures,
    SeedRecord,
)
from publisher.store import tables as t
from publisher.store.known import body_of


def decisions(connection: Connection, plan: Plan) -> None:
    """Remember what the plan says of seeds, articles, keywords and settings."""
    _put(connection, t.keyword, [{"slug": k.slug, "key": k.key, "label": k.label} for k in plan.keywords])
    for change in plan.articles:
        _article(connection, change, plan.now)
    gone = [listing.id for listing in plan.withdrawn]
    _each(
        connection,
        gone,
        lambda some: update(t.article).where(t.article.c.id.in_(some)).values(withdrawn=True),
    )
    seeds(connection, plan.seeds)
    _each(connection, plan.seeds_gone, lambda some: delete(t.seed).where(t.seed.c.path.in_(some)))
    settings(connection, plan.settings)


def seeds(connection: Connection, records: Sequence[SeedRecord]) -> None:
    """Remember seeds as they were read, or why they could not be."""
    _put(connection, t.seed, [_seed_row(record) for record in records])


def settings(connection: Connection, values: dict[str, str]) -> None:
    """Remember settings of the site by name."""
    _put(connection, t.setting, [{"key": key, "value": value} for key, value in values.items()])


def edition(connection: Connection, planned: Edition, deliveries: Sequence[tuple[Delivery, str]]) -> bool:
    """Fix an edition and its deliveries (each with the subscriber's id); false where it stands already."""
    row = {
        "id": planned.id,
        "digest": planned.digest,
        "period": f"{planned.due:%Y-%m-%dT%H:%M}",
        "page": planned.page,
        "subject": planned.subject,
        "due_at": planned.due,
        "due_offset": t.offset_of(planned.due),
        "recorded_at": planned.recorded,
    }
    if not connection.execute(insert(t.edition).values(row).on_conflict_do_nothing()).rowcount:
        return False
    connection.execute(t.edition_article.insert(), list(_places(planned)))
    rows = [
        {
            "id": delivery.id,
            "edition": delivery.edition,
            "subscriber": subscriber,
            "message_id": delivery.message_id,
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "due_at": planned.recorded,
            "sent_at": None,
            "reason": "",
        }
        for delivery, subscriber in deliveries
    ]
    if rows:
        connection.execute(insert(t.delivery).on_conflict_do_nothing(), rows)
    return True


def subscriber(connection: Connection, identity: str, address: str, key: str, token: str) -> str:
    """Make sure that an address of the owner's own list is known; its state, which is never changed here."""
    row = {"id": identity, "address": address, "key": key, "state": "active", "token": token}
    connection.execute(insert(t.subscriber).values(row).on_conflict_do_nothing())
    return str(connection.execute(select(t.subscriber.c.state).where(t.subscriber.c.key == key)).scalar_one())


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


def _article(connection: Connection, change: ArticleChange, now: datetime) -> None:
    article, body = change.article, body_of(change.article)
    row = {
        "id": article.id,
        "page": article.page,
        "title": article.title,
        "published_at": article.published,
        "published_offset": t.offset_of(article.published),
        "updated_at": article.updated,
        "updated_offset": t.offset_of(article.updated),
        "digest": change.digest,
        "version": change.version,
        "body": body,
        "withdrawn": False,
        "weight": change.weight,
        "pictures": json.dumps([astuple(picture) for picture in change.listing.pictures]),
    }
    _put(connection, t.article, [row])
    if change.kind in ("added", "updated"):
        _revision(connection, change, body, now)
    connection.execute(delete(t.article_keyword).where(t.article_keyword.c.article == article.id))
    filings = [
        {
            "keyword": filing.keyword.slug,
            "published_at": article.published,
            "article": article.id,
            "position": position,
            "source": filing.source,
            "score": filing.score,
        }
        for position, filing in enumerate(article.filings)
    ]
    if filings:
        connection.execute(t.article_keyword.insert(), filings)


def _revision(connection: Connection, change: ArticleChange, body: str, now: datetime) -> None:
    revisions = t.article_revision
    article = change.article
    last = select(func.coalesce(func.max(revisions.c.revision), 0)).where(revisions.c.article == article.id)
    row = {
        "article": article.id,
        "revision": connection.execute(last).scalar_one() + 1,
        "digest": change.digest,
        "title": article.title,
        "body": body,
        "recorded_at": now,
    }
    connection.execute(revisions.insert(), row)


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
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def _each(connection: Connection, items: Sequence[str], statement: Any) -> None:
    for start in range(0, len(items), 500):
        connection.execute(statement(items[start : start + 500]))
