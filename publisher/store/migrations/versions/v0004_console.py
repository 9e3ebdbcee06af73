"""What the console asks: how many an edition goes to, who fetches feeds, who is signed in, and indexes for figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what is asked; recipients of known editions are counted from the ledger."""
    op.add_column("edition", sa.Column("recipients", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "UPDATE edition SET recipients = (SELECT count(*) FROM delivery WHERE delivery.edition = edition.number)"
    )
    op.create_table(
        "fetcher",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "name", name=op.f("pk_fetcher")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
    )
    # How articles are told that are nearly the same.
    op.add_column("article", sa.Column("fingerprint", sa.Text(), server_default="", nullable=False))
    # A file that holds many articles is no article and no fault.
    with op.batch_alter_table("seed") as seed:
        seed.drop_constraint(op.f("ck_seed_article_or_reason"), type_="check")
    # Messages of one part leave one after another.
    op.drop_index("ix_delivery_open", "delivery")
    _make_indexes()


def _make_indexes() -> None:
    op.create_index(op.f("ix_article_withdrawn_published_at"), "article", ["withdrawn", "published_at"])
    op.create_index(op.f("ix_subscriber_event_at_what"), "subscriber_event", ["at", "what"])
    op.create_index(op.f("ix_run_started_at"), "run", ["started_at"])
    for name, table, columns, some in (
        ("ix_seed_faulty", "seed", ["path"], "reason IS NOT NULL"),
        ("ix_edition_held", "edition", ["number"], "held != ''"),
        ("ix_subscriber_passive", "subscriber", ["state"], "state != 'active'"),
        ("ix_delivery_open", "delivery", ["due_at", "part"], "state IN ('pending', 'uncertain')"),
        (
            "ix_delivery_trouble",
            "delivery",
            ["edition", "state"],
            "state = 'failed' OR state = 'suppressed' OR state = 'uncertain'",
        ),
        ("ix_delivery_reported", "delivery", ["edition"], "state = 'sent' AND reason != ''"),
    ):
        op.create_index(name, table, columns, sqlite_where=sa.text(some))
