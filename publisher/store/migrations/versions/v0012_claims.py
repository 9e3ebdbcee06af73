"""Deliveries are claimed in the order of an index, corrections first: PostgreSQL sorted all that were due each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Nothing that waits goes before anything else; the index has the columns that SQLite had appended by itself."""
    name, some = op.f("ix_delivery_open"), sa.text("state IN ('pending', 'uncertain')")
    op.add_column("delivery", sa.Column("rank", sa.Integer(), nullable=False, server_default="1"))
    op.drop_index(name, "delivery")
    op.create_index(
        name,
        "delivery",
        ["rank", "due_at", "part", "edition", "subscriber"],
        sqlite_where=some,
        postgresql_where=some,
    )
