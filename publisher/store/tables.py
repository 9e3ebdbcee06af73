"""The tables. Times are whole seconds since 1970 in UTC; what must keep its own offset has it beside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

SCHEMA = "0002"
"""The revision of the migrations that this program works with."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime as epoch seconds; refuses naive ones."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Aware datetime to seconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return int((value - _EPOCH) // _SECOND)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Seconds to a datetime in UTC."""
        return None if value is None else _EPOCH + value * _SECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def offset_of(moment: datetime) -> int:
    """The offset of an aware datetime from UTC, in minutes."""
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)


def at_offset(moment: datetime, minutes: int) -> datetime:
    """The same moment, shown at an offset of `minutes`."""
    return moment.astimezone(timezone(timedelta(minutes=minutes)))


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *rest: Any, **options: Any) -> Column[str]:
    return Column(name, Text, *rest, nullable=False, **options)


def _moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, Moment, nullable=nullable)


setting = Table("setting", metadata, _text("key", primary_key=True), _text("value"))

article = Table(
    "article",
    metadata,
    _text("id", primary_key=True),
    _text("page", unique=True),
    _text("title"),
    _moment("published_at"),
    Column("published_offset", Integer, nullable=False),
    _moment("updated_at"),
    Column("updated_offset", Integer, nullable=False),
    _text("digest"),
    _text("version"),
    _text("body"),
    Column("withdrawn", Boolean, nullable=False),
    Column("weight", Integer, nullable=False, server_default="0"),
    _text("pictures", server_default="[]"),
)

article_revision = Table(
    "article_revision",
    metadata,
    _text("article", ForeignKey("article.id", ondelete="RESTRICT"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    _text("digest"),
    _text("title"),
    _text("body"),
    _moment("recorded_at"),
)

seed = Table(
    "seed",
    metadata,
    _text("path", primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    _text("digest"),
    Column("article", Text, ForeignKey("article.id", ondelete="RESTRICT")),
    Column("reason", Text),
    Column("line", Integer, nullable=False),
    _text("hint"),
    CheckConstraint("article IS NOT NULL OR reason IS NOT NULL", name="article_or_reason"),
)
Index(None, seed.c.article)

keyword = Table(
    "keyword",
    metadata,
    _text("slug", primary_key=True),
    _text("key", unique=True),
    _text("label"),
)

article_keyword = Table(
    "article_keyword",
    metadata,
    _text("keyword", ForeignKey("keyword.slug", ondelete="RESTRICT"), primary_key=True),
    Column("published_at", Moment, primary_key=True),
    _text("article", ForeignKey("article.id", ondelete="RESTRICT"), primary_key=True),
    Column("position", Integer, nullable=False),
    _text("source"),
    Column("score", Float, nullable=False),
    sqlite_with_rowid=False,
)
Index(None, article_keyword.c.article)

document = Table(
    "document",
    metadata,
    _text("path", primary_key=True),
    _text("inputs"),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
)

edition = Table(
    "edition",
    metadata,
    _text("id", primary_key=True),
    _text("digest"),
    _text("period"),
    _text("page", unique=True),
    _text("subject"),
    _moment("due_at"),
    Column("due_offset", Integer, nullable=False),
    _moment("recorded_at"),
    UniqueConstraint("digest", "period"),
)

edition_article = Table(
    "edition_article",
    metadata,
    _text("digest", primary_key=True),
    _text("article", ForeignKey("article.id", ondelete="RESTRICT"), primary_key=True),
    _text("edition", ForeignKey("edition.id", ondelete="RESTRICT")),
    _text("keyword"),
    _text("label"),
    Column("position", Integer),
)
Index(None, edition_article.c.edition, edition_article.c.position)

subscriber = Table(
    "subscriber",
    metadata,
    _text("id", primary_key=True),
    _text("address"),
    _text("key", unique=True),
    _text("state"),
    _text("token", unique=True),
    CheckConstraint("state IN ('pending', 'active', 'unsubscribed', 'bounced', 'complained')", name="state"),
)

delivery = Table(
    "delivery",
    metadata,
    _text("id", primary_key=True),
    _text("edition", ForeignKey("edition.id", ondelete="RESTRICT")),
    _text("subscriber", ForeignKey("subscriber.id", ondelete="RESTRICT")),
    _text("message_id", unique=True),
    _text("state"),
    Column("attempts", Integer, nullable=False),
    _moment("due_at"),
    _moment("sent_at", nullable=True),
    _text("reason"),
    UniqueConstraint("edition", "subscriber"),
    CheckConstraint("state IN ('pending', 'sending', 'sent', 'failed', 'suppressed')", name="state"),
)
Index("ix_delivery_open", delivery.c.due_at, sqlite_where=delivery.c.state.in_(("pending", "sending")))

ping = Table(
    "ping",
    metadata,
    _text("hub", primary_key=True),
    _text("topic", primary_key=True),
    Column("attempts", Integer, nullable=False),
    _moment("due_at"),
    _text("reason"),
)
Index(None, ping.c.due_at)

run = Table(
    "run",
    metadata,
    _moment("started_at"),
    _moment("ended_at"),
    _text("counts"),
    _text("faults"),
    Column("id", Integer, primary_key=True),
)
