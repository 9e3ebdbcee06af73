"""What a run asks the ledger again and again touches open rows alone, however many were sent in the past."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from publisher.store import database, ledger

NOW = datetime(2026, 11, 24, tzinfo=UTC)
QUESTIONS = {
    "claim": lambda connection: ledger.claim(connection, NOW, NOW, 10),
    "waiting": lambda connection: ledger.waiting(connection, NOW),
    "suppress": lambda connection: ledger.suppress(connection, NOW),
    "recover": lambda connection: ledger.recover(connection, NOW, resend=True, everything=False),
    "forget bodies": ledger.forget_bodies,
}


def plans(connection: Connection, name: str) -> list[str]:
    """How SQLite goes about a question."""
    asked = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    QUESTIONS[name](connection)
    event.remove(connection, "before_cursor_execute", note)
    steps = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all() for said, given in asked]
    return [str(step[-1]) for found in steps for step in found]


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_ledger_is_asked_through_an_index(tmp_path: Path, name: str) -> None:
    engine = database.open_file(tmp_path / "publisher.db")
    with engine.connect() as connection:
        steps = [step for step in plans(connection, name) if " delivery" in step]
    assert steps
    assert all("INDEX ix_delivery_" in step for step in steps), steps


def test_claims_come_sorted_from_the_index(tmp_path: Path) -> None:
    engine = database.open_file(tmp_path / "publisher.db")
    with engine.connect() as connection:
        assert not [step for step in plans(connection, "claim") if "TEMP B-TREE" in step]
