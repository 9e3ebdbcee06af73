"""Deliveries are claimed in the order of an index: PostgreSQL sorted all that were due at each claim."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the index anew, with the columns that SQLite had appended by itself."""
    name, some = op.f("ix_delivery_open"), sa.text("state IN ('pending', 'uncertain')")
    op.drop_index(name, "delivery")
    op.create_index(
        name,
        "delivery",
        ["due_at", "part", "edition", "subscriber"],
        sqlite_where=some,
        postgresql_where=some,
    )
