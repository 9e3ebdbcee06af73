"""The tables. Times are whole seconds since 1970 in UTC; what must keep its own offset has it beside."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    and_,
    or_,
)

from publisher.store.columns import COUNTER, WORDS, Moment, moment, text

SCHEMA = "0012"
"""The revision of the migrations that this program works with."""


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _index_where(name: str, some: ColumnElement[bool], *columns: Column[Any]) -> None:
    """An index over some of the rows; `publisher.store.postgres.tables` says so to PostgreSQL, too."""
    Index(name, *columns, sqlite_where=some)


setting = Table("setting", metadata, text("key", primary_key=True), text("value"))

article = Table(
    "article",
    metadata,
    text("id", primary_key=True),
    text("page", unique=True),
    text("title"),
    moment("published_at"),
    Column("published_offset", Integer, nullable=False),
    moment("updated_at"),
    Column("updated_offset", Integer, nullable=False),
    text("digest"),
    text("version"),
    text("body"),
    Column("withdrawn", Boolean, nullable=False),
    Column("weight", Integer, nullable=False, server_default="0"),
    text("pictures", server_default="[]"),
    text("fingerprint", server_default=""),
)
"""`fingerprint` is hexadecimal, empty where the text is too short for one, or was read by an older program."""
Index(None, article.c.withdrawn, article.c.published_at)
Index(None, article.c.digest)
_index_where("ix_article_pictured", article.c.pictures != "[]", article.c.id)
Index("ix_article_outline", *(column for column in article.c if column.name != "body")).ddl_if("sqlite")
# PostgreSQL keeps long bodies apart, and takes no entry of an index that is as long as a title may be.

article_revision = Table(
    "article_revision",
    metadata,
    text("article", ForeignKey("article.id", ondelete="RESTRICT"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    text("digest"),
    text("title"),
    text("body"),
    moment("recorded_at"),
)

seed = Table(
    "seed",
    metadata,
    text("path", primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    text("digest"),
    Column("article", WORDS, ForeignKey("article.id", ondelete="RESTRICT")),
    Column("reason", WORDS),
    Column("line", Integer, nullable=False),
    text("hint"),
)
"""A file that holds many articles has neither an article nor a reason; what is in it has rows of its own."""
Index(None, seed.c.article)
_index_where("ix_seed_faulty", seed.c.reason.is_not(None), seed.c.path)
Index(None, seed.c.digest)

keyword = Table(
    "keyword",
    metadata,
    text("slug", primary_key=True),
    text("key", unique=True),
    text("label"),
    text("origin", server_default=""),
)

article_keyword = Table(
    "article_keyword",
    metadata,
    text("keyword", ForeignKey("keyword.slug", ondelete="RESTRICT"), primary_key=True),
    Column("published_at", Moment, primary_key=True),
    text("article", ForeignKey("article.id", ondelete="RESTRICT"), primary_key=True),
    Column("position", Integer, nullable=False),
    text("source"),
    Column("score", Float, nullable=False),
    text("spelling", server_default=""),
    sqlite_with_rowid=False,
)
Index(None, article_keyword.c.article)

article_phrases = Table(
    "article_phrases",
    metadata,
    text("article", ForeignKey("article.id", ondelete="RESTRICT"), primary_key=True),
    text("phrases"),
    sqlite_with_rowid=False,
)
"""The keys of what was found in a text, one in each line; no row where nothing was, or where nothing was sought."""

phrase = Table(
    "phrase",
    metadata,
    text("key", primary_key=True),
    Column("articles", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many rows of `article_phrases` hold a phrase: none stands here that none holds."""

document = Table(
    "document",
    metadata,
    text("path", primary_key=True),
    text("inputs"),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
)

edition = Table(
    "edition",
    metadata,
    Column("number", Integer, primary_key=True),
    text("id", unique=True),
    text("digest"),
    text("period"),
    text("page", unique=True),
    text("subject"),
    moment("due_at"),
    Column("due_offset", Integer, nullable=False),
    moment("recorded_at"),
    text("held", server_default=""),
    Column("recipients", Integer, nullable=False, server_default="0"),
    UniqueConstraint("digest", "period"),
)
"""`recipients` is how many deliveries it has: to count them takes a look at each."""
_index_where("ix_edition_held", edition.c.held != "", edition.c.number)

edition_article = Table(
    "edition_article",
    metadata,
    text("digest", primary_key=True),
    text("article", ForeignKey("article.id", ondelete="RESTRICT"), primary_key=True),
    text("edition", ForeignKey("edition.id", ondelete="RESTRICT")),
    text("keyword"),
    text("label"),
    Column("position", Integer),
    Column("updated_at", Moment, nullable=False, server_default="0"),
)
"""`updated_at` is that of the article when the edition was recorded: a later one is a change that may be corrected."""
Index(None, edition_article.c.edition, edition_article.c.position)

correction = Table(
    "correction",
    metadata,
    text("digest", primary_key=True),
    text("article", ForeignKey("article.id", ondelete="RESTRICT"), primary_key=True),
    Column("updated_at", Moment, primary_key=True),
    text("edition", ForeignKey("edition.id", ondelete="RESTRICT")),
    Column("position", Integer, nullable=False),
)
"""A revision of an article that an edition corrects."""
Index(None, correction.c.edition, correction.c.position)

subscriber = Table(
    "subscriber",
    metadata,
    Column("number", Integer, primary_key=True),
    text("address"),
    text("key", unique=True),
    text("state"),
    text("language", server_default=""),
    moment("since"),
    moment("consent_at", nullable=True),
    text("consent_source", server_default=""),
    text("consent_text", server_default=""),
    Column("bounces", Integer, nullable=False, server_default="0"),
    CheckConstraint("state IN ('pending', 'active', 'unsubscribed', 'bounced', 'complained')", name="state"),
    sqlite_autoincrement=True,
)
"""Numbers are never given again: they stand in tokens and return paths of messages that were sent."""
_index_where("ix_subscriber_passive", subscriber.c.state != "active", subscriber.c.state)

subscription = Table(
    "subscription",
    metadata,
    text("digest", primary_key=True),
    Column("subscriber", ForeignKey("subscriber.number", ondelete="CASCADE"), primary_key=True),
    text("keywords", server_default="[]"),
    text("rhythm", server_default="edition"),
    Column("weekday", Integer, nullable=False, server_default="0"),
    Column("length", Integer, nullable=False, server_default="0"),
    text("origin"),
    moment("through", nullable=True),
    CheckConstraint("rhythm IN ('edition', 'daily', 'weekly')", name="rhythm"),
    CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    CheckConstraint("length >= 0", name="length"),
    CheckConstraint("origin IN ('owner', 'reader')", name="origin"),
    sqlite_with_rowid=False,
)
Index(None, subscription.c.subscriber)

departure = Table(
    "departure",
    metadata,
    text("digest", primary_key=True),
    Column("subscriber", ForeignKey("subscriber.number", ondelete="CASCADE"), primary_key=True),
    moment("at"),
    sqlite_with_rowid=False,
)
"""Who left which digest, or all where it is empty: no list of the owner's brings them back to it."""
Index(None, departure.c.subscriber)

request = Table(
    "request",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("subscriber", ForeignKey("subscriber.number", ondelete="CASCADE"), nullable=False, unique=True),
    text("choices"),
    text("language"),
    moment("at"),
    text("source"),
    text("text"),
    sqlite_autoincrement=True,
)
"""What somebody asked for in the name of an address, until that address confirms it."""

subscriber_event = Table(
    "subscriber_event",
    metadata,
    Column("subscriber", ForeignKey("subscriber.number", ondelete="CASCADE"), nullable=False),
    moment("at"),
    text("what"),
    text("detail"),
    Column("id", Integer, primary_key=True),
)
Index(None, subscriber_event.c.subscriber)
Index(None, subscriber_event.c.at, subscriber_event.c.what)

suppression = Table(
    "suppression",
    metadata,
    text("hash", primary_key=True),
    text("reason"),
    moment("at"),
)
"""Addresses that were erased, as keyed hashes: enough to refuse them, too little to read them."""

part = Table(
    "part",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("edition", ForeignKey("edition.number", ondelete="RESTRICT"), nullable=False),
    text("id"),
    text("language"),
    text("sections"),
    Column("omitted", Integer, nullable=False),
    Column("body", LargeBinary),
    text("corrections", server_default="[]"),
    UniqueConstraint("edition", "id"),
)
"""`body` is what is sent, kept from the first message to the last, so that a repeat is alike."""

delivery = Table(
    "delivery",
    metadata,
    Column("edition", ForeignKey("edition.number", ondelete="RESTRICT"), primary_key=True),
    Column("subscriber", ForeignKey("subscriber.number", ondelete="RESTRICT"), primary_key=True),
    Column("part", ForeignKey("part.number", ondelete="RESTRICT"), nullable=False),
    text("state"),
    Column("attempts", Integer, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("doubtful", Boolean, nullable=False),
    moment("due_at", nullable=True),
    moment("lease_at", nullable=True),
    moment("sent_at", nullable=True),
    text("reason"),
    Column("rank", Integer, nullable=False, server_default="1"),
    CheckConstraint(
        "state IN ('pending', 'claimed', 'sending', 'uncertain', 'sent', 'failed', 'suppressed')",
        name="state",
    ),
    sqlite_with_rowid=False,
)
"""`due_at` is empty where nobody waits for it; `doubtful` is one that may have arrived, whatever its state.

`rank` is which go first, 0 before 1, however long the others have waited.
"""
_index_where(
    "ix_delivery_open",
    delivery.c.state.in_(("pending", "uncertain")),
    delivery.c.rank,
    delivery.c.due_at,
    delivery.c.part,
    delivery.c.edition,
    delivery.c.subscriber,
)
_index_where("ix_delivery_taken", delivery.c.state.in_(("claimed", "sending")), delivery.c.lease_at)
_index_where(
    "ix_delivery_trouble",
    # Not as a list: one of more than two members SQLite builds anew at each message, which doubles its cost.
    or_(*(delivery.c.state == state for state in ("failed", "suppressed", "uncertain"))),
    delivery.c.edition,
    delivery.c.state,
)
_index_where(
    "ix_delivery_reported",
    and_(delivery.c.state == "sent", delivery.c.reason != ""),
    delivery.c.edition,
)
"""What was sent and came to nothing worth a word, which is nearly all, costs no index an entry."""

tally = Table(
    "tally",
    metadata,
    moment("hour"),
    text("relay"),
    Column("sent", Integer, nullable=False),
    PrimaryKeyConstraint("hour", "relay"),
    sqlite_with_rowid=False,
)
"""Messages that left, by hour and relay: what daily limits and the warm-up count."""

ping = Table(
    "ping",
    metadata,
    Column("number", COUNTER, primary_key=True),
    text("hub"),
    text("topic"),
    Column("attempts", Integer, nullable=False),
    moment("due_at"),
    text("reason"),
    UniqueConstraint("hub", "topic"),
)
"""`number` says which stands longest."""
Index(None, ping.c.due_at)

run = Table(
    "run",
    metadata,
    moment("started_at"),
    moment("ended_at"),
    text("counts"),
    text("faults"),
    Column("id", Integer, primary_key=True),
)
Index(None, run.c.started_at)

fetcher = Table(
    "fetcher",
    metadata,
    text("feed", primary_key=True),
    text("name", primary_key=True),
    Column("readers", Integer, nullable=False),
    moment("at"),
    sqlite_with_rowid=False,
)
"""Services that fetch a feed for others: for how many, as each said last. Nobody's address."""

session = Table("session", metadata, text("hash", primary_key=True), moment("until_at"))
"""Who is signed in to the console, by the hash of what only his browser knows."""
