"""What a run that reads little asks for: who has this content, what lies beside its seed, all of it without bodies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add indexes; in SQLite, where bodies would be walked through, one holds every column but the body."""
    pictured = sa.text("pictures != '[]'")
    op.create_index(op.f("ix_seed_digest"), "seed", ["digest"])
    op.create_index(op.f("ix_article_digest"), "article", ["digest"])
    op.create_index(
        "ix_article_pictured", "article", ["id"], sqlite_where=pictured, postgresql_where=pictured
    )
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(
            "ix_article_outline",
            "article",
            [
                *("id", "page", "title", "published_at", "published_offset", "updated_at", "updated_offset"),
                *("digest", "version", "withdrawn", "weight", "pictures", "fingerprint"),
            ],
        )
