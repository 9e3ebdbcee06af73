"""Pings know which of them stands longest: SQLite's own number of a row is not known elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Give each ping a number, in the order in which they came."""
    postgres = op.get_bind().dialect.name == "postgresql"
    words = sa.Text(collation="C") if postgres else sa.Text()
    op.rename_table("ping", "old_ping")
    op.drop_index(op.f("ix_ping_due_at"), "old_ping")
    if postgres:
        op.execute("ALTER TABLE old_ping DROP CONSTRAINT pk_ping")
    op.create_table(
        "ping",
        sa.Column("number", sa.BigInteger() if postgres else sa.Integer(), nullable=False),
        sa.Column("hub", words, nullable=False),
        sa.Column("topic", words, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", words, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ping")),
        sa.UniqueConstraint("hub", "topic", name=op.f("uq_ping_hub_topic")),
    )
    order = "due_at, hub, topic" if postgres else "rowid"
    op.execute(
        "INSERT INTO ping (hub, topic, attempts, due_at, reason)"
        f" SELECT hub, topic, attempts, due_at, reason FROM old_ping ORDER BY {order}"
    )
    op.drop_table("old_ping")
    op.create_index(op.f("ix_ping_due_at"), "ping", ["due_at"])
