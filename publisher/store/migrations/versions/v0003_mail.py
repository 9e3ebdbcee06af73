"""Subscribers with subscriptions, parts of editions, and a ledger by numbers.

Old tables are copied into new ones and dropped; foreign keys rest meanwhile. Message-IDs and tokens of
old deliveries are dropped: they are made anew from the secret.
"""

from __future__ import annotations

import json
from email.utils import parseaddr
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from publisher import mailboxes

revision = "0003"
down_revision = "0002"

_STATES = ("active", "pending", "unsubscribed", "bounced", "complained")
"""From the one that may be mailed to the one that never may: what two spellings of one address become."""


def upgrade() -> None:
    """Make the new tables, move what is known into them, and put them in the place of the old ones."""
    _make_tables()
    connection = op.get_bind()
    _move_editions(connection)
    numbers = _move_subscribers(connection)
    connection.execute(sa.text("CREATE TEMP TABLE renumbered (id TEXT PRIMARY KEY, number INTEGER NOT NULL)"))
    if numbers:
        connection.execute(sa.text("INSERT INTO renumbered VALUES (:id, :number)"), numbers)
    _make_parts(connection)
    _move_deliveries(connection)
    connection.execute(sa.text("DROP TABLE renumbered"))
    for table in ("delivery", "subscriber", "edition"):
        op.drop_table(table)
        op.rename_table(f"new_{table}", table)
    _make_indexes()


def _move_editions(connection: sa.Connection) -> None:
    columns = "id, digest, period, page, subject, due_at, due_offset, recorded_at"
    connection.execute(
        sa.text(f"INSERT INTO new_edition ({columns}) SELECT {columns} FROM edition ORDER BY due_at, id")
    )


def _move_subscribers(connection: sa.Connection) -> list[dict[str, object]]:
    """Old ids with their numbers; addresses that are one by now have one number."""
    rows = connection.execute(
        sa.text(
            "SELECT id, address, key, state, COALESCE((SELECT MIN(due_at) FROM delivery WHERE"
            " delivery.subscriber = subscriber.id), (SELECT MIN(recorded_at) FROM edition), 0) AS since"
            " FROM subscriber ORDER BY rowid"
        )
    )
    people: dict[str, dict[str, object]] = {}
    numbers: list[dict[str, object]] = []
    for row in rows:
        address = mailboxes.parted(row.address)[1]
        person = people.setdefault(
            _key(address), {"number": len(people) + 1, "address": address, "state": row.state, "since": row.since}
        )
        person["state"] = max(person["state"], row.state, key=_STATES.index)
        numbers.append({"id": row.id, "number": person["number"]})
    if people:
        connection.execute(
            sa.text(
                "INSERT INTO new_subscriber (number, address, key, state, since)"
                " VALUES (:number, :address, :key, :state, :since)"
            ),
            [{"key": key, **person} for key, person in people.items()],
        )
    return numbers


def _key(address: str) -> str:
    try:
        return mailboxes.key_of(address)
    except ValueError:  # a domain that was good enough once
        return parseaddr(address)[1].casefold()


def _make_parts(connection: sa.Connection) -> None:
    """One part for each edition with deliveries: its sections, as they were sent to everybody."""
    rows = connection.execute(
        sa.text(
            "SELECT e.number, a.keyword, a.label, a.article, a.position FROM edition_article a"
            " JOIN new_edition e ON e.id = a.edition WHERE e.id IN (SELECT edition FROM delivery)"
            " ORDER BY e.number, a.position"
        )
    )
    placed = {number: list(group) for number, group in groupby(rows, key=lambda row: row.number)}
    covered = connection.execute(
        sa.text("SELECT number FROM new_edition WHERE id IN (SELECT edition FROM delivery) ORDER BY number")
    )
    parts = []
    for (number,) in covered.all():
        sections: dict[tuple[str, str], list[str]] = {}
        for row in placed.get(number, []):
            if row.position is not None:
                sections.setdefault((row.keyword, row.label), []).append(row.article)
        shown = json.dumps([[*heading, ids] for heading, ids in sections.items()], ensure_ascii=False)
        omitted = sum(row.position is None for row in placed.get(number, []))
        parts.append({"edition": number, "sections": shown, "omitted": omitted})
    if parts:
        connection.execute(
            sa.text(
                "INSERT INTO part (edition, id, language, sections, omitted)"
                " VALUES (:edition, 'whole', '', :sections, :omitted)"
            ),
            parts,
        )


def _move_deliveries(connection: sa.Connection) -> None:
    """The ledger, and with it who was on which digest's list: that was always the owner's."""
    connection.execute(
        sa.text(
            "INSERT OR IGNORE INTO new_delivery SELECT p.edition, r.number, p.number,"
            " CASE d.state WHEN 'sending' THEN 'uncertain' ELSE d.state END,"
            " d.attempts, 0, d.state = 'sending', CASE WHEN d.state IN ('pending', 'sending') THEN d.due_at END,"
            " NULL, d.sent_at, d.reason FROM delivery d"
            " JOIN new_edition e ON e.id = d.edition JOIN part p ON p.edition = e.number"
            " JOIN renumbered r ON r.id = d.subscriber ORDER BY p.edition, r.number, d.sent_at DESC"
        )
    )
    connection.execute(
        sa.text(
            "INSERT INTO subscription (digest, subscriber, origin, through)"
            " SELECT DISTINCT e.digest, s.number, 'owner',"
            " (SELECT MAX(due_at) FROM new_edition WHERE digest = e.digest)"
            " FROM new_delivery d JOIN new_edition e ON e.number = d.edition"
            " JOIN new_subscriber s ON s.number = d.subscriber WHERE s.state = 'active'"
            " ORDER BY e.digest, s.number"
        )
    )


def _make_tables() -> None:
    op.create_table(
        "new_edition",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("due_offset", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_edition")),
        sa.UniqueConstraint("id", name=op.f("uq_edition_id")),
        sa.UniqueConstraint("digest", "period", name=op.f("uq_edition_digest_period")),
        sa.UniqueConstraint("page", name=op.f("uq_edition_page")),
    )
    op.create_table(
        "new_subscriber",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("consent_at", sa.BigInteger(), nullable=True),
        sa.Column("consent_source", sa.Text(), server_default="", nullable=False),
        sa.Column("consent_text", sa.Text(), server_default="", nullable=False),
        sa.Column("bounces", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'active', 'unsubscribed', 'bounced', 'complained')",
            name=op.f("ck_subscriber_state"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("key", name=op.f("uq_subscriber_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subscription",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("keywords", sa.Text(), server_default="[]", nullable=False),
        sa.Column("rhythm", sa.Text(), server_default="edition", nullable=False),
        sa.Column("weekday", sa.Integer(), server_default="0", nullable=False),
        sa.Column("length", sa.Integer(), server_default="0", nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("rhythm IN ('edition', 'daily', 'weekly')", name=op.f("ck_subscription_rhythm")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_subscription_weekday")),
        sa.CheckConstraint("length >= 0", name=op.f("ck_subscription_length")),
        sa.CheckConstraint("origin IN ('owner', 'reader')", name=op.f("ck_subscription_origin")),
        _subscriber_key("subscription"),
        sa.PrimaryKeyConstraint("digest", "subscriber", name=op.f("pk_subscription")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "departure",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _subscriber_key("departure"),
        sa.PrimaryKeyConstraint("digest", "subscriber", name=op.f("pk_departure")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "request",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _subscriber_key("request"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_request")),
        sa.UniqueConstraint("subscriber", name=op.f("uq_request_subscriber")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subscriber_event",
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        _subscriber_key("subscriber_event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber_event")),
    )
    op.create_table(
        "suppression",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_suppression")),
    )
    op.create_table(
        "part",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.Column("omitted", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.number"], name=op.f("fk_part_edition"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_part")),
        sa.UniqueConstraint("edition", "id", name=op.f("uq_part_edition_id")),
    )
    op.create_table(
        "new_delivery",
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'claimed', 'sending', 'uncertain', 'sent', 'failed', 'suppressed')",
            name=op.f("ck_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.number"], name=op.f("fk_delivery_edition"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.number"], name=op.f("fk_delivery_subscriber"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["part"], ["part.number"], name=op.f("fk_delivery_part"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("edition", "subscriber", name=op.f("pk_delivery")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally",
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("relay", sa.Text(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "relay", name=op.f("pk_tally")),
        sqlite_with_rowid=False,
    )


def _subscriber_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["subscriber"], ["subscriber.number"], name=op.f(f"fk_{table}_subscriber"), ondelete="CASCADE"
    )


def _make_indexes() -> None:
    for table in ("subscription", "departure", "subscriber_event"):
        op.create_index(op.f(f"ix_{table}_subscriber"), table, ["subscriber"])
    op.create_index(
        "ix_delivery_open", "delivery", ["due_at"], sqlite_where=sa.text("state IN ('pending', 'uncertain')")
    )
    op.create_index(
        "ix_delivery_taken", "delivery", ["lease_at"], sqlite_where=sa.text("state IN ('claimed', 'sending')")
    )
