"""Editions know the revision of each article that they had, and what they correct."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """What was changed before now is corrected by no edition: nobody knows which revision was sent."""
    words = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    column = sa.Column("updated_at", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("edition_article", column)
    op.execute(
        "UPDATE edition_article SET updated_at ="
        " coalesce((SELECT updated_at FROM article WHERE article.id = edition_article.article), 0)"
    )
    op.add_column("part", sa.Column("corrections", words, nullable=False, server_default="[]"))
    op.create_table(
        "correction",
        sa.Column("digest", words, nullable=False),
        sa.Column("article", words, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("edition", words, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["article.id"], name=op.f("fk_correction_article"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_correction_edition"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("digest", "article", "updated_at", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_edition_position"), "correction", ["edition", "position"])
