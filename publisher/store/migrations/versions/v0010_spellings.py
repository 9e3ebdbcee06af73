"""Articles keep how they spell each of their keywords; filled anew as they are filed again, which the next run does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Until then they spell them as readers see them."""
    words = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.add_column("article_keyword", sa.Column("spelling", words, nullable=False, server_default=""))
    op.execute(
        "UPDATE article_keyword SET spelling ="
        " (SELECT label FROM keyword WHERE keyword.slug = article_keyword.keyword)"
    )
