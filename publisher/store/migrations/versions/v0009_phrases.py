"""What was found in texts, and how many hold it; filled as articles are filed again, which the next run does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    """Add the tables; nothing was counted before."""
    words = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.create_table(
        "article_phrases",
        sa.Column("article", words, nullable=False),
        sa.Column("phrases", words, nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["article.id"], name=op.f("fk_article_phrases_article"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("article", name=op.f("pk_article_phrases")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "phrase",
        sa.Column("key", words, nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_phrase")),
        sqlite_with_rowid=False,
    )
