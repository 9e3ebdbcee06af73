"""A keyword that moved to another address knows its first one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """None has moved yet."""
    words = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.add_column("keyword", sa.Column("origin", words, nullable=False, server_default=""))
