"""Pictures and weight of articles; hubs that wait to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what feeds need; the weight of known articles is estimated from their bodies."""
    op.add_column("article", sa.Column("weight", sa.Integer(), server_default="0", nullable=False))
    op.add_column("article", sa.Column("pictures", sa.Text(), server_default="[]", nullable=False))
    op.execute("UPDATE article SET weight = 2000 + 4 * length(CAST(body AS BLOB))")
    op.create_table(
        "ping",
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hub", "topic", name=op.f("pk_ping")),
    )
    op.create_index(op.f("ix_ping_due_at"), "ping", ["due_at"])
