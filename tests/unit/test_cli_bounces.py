"""The words of `publish bounces`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from publisher.cli.bounces import _as_data, _as_text
from publisher.cli.run import publish
from publisher.errors import UsageError
from publisher.mailing.reports import Kind, Report
from publisher.returns import Deed, Done, Returns

NOW = datetime(2026, 11, 26, tzinfo=UTC)
HARD = Report(Kind.HARD, NOW, 12, 42, status="5.1.1", diagnostic="550 5.1.1 no such user", given_up=True)
LETTER = Report(Kind.UNKNOWN, NOW, diagnostic="from Bình <binh@example.net>: Xin chào")
AWAY = Report(Kind.NOTHING, NOW, 12, 43)
RESULT = Returns(
    [
        Deed(Done.SUPPRESSED, HARD, "lan@example.net", 42, place="data/bounces: 1"),
        Deed(Done.NOTED, AWAY, "mai@example.net", 43, place="data/bounces: 2"),
        Deed(Done.UNREAD, LETTER, place="data/bounces: 3"),
        Deed(Done.UNSUBSCRIBED, Report(Kind.UNSUBSCRIBE, NOW, subscriber=7), "tuan@example.net", 7),
    ]
)
CONFIG = '[site]\ntitle = "T"\nurl = "https://e.org/"\n[mail]\nsender = "a@e.org"\n'


def test_kinds_are_counted_and_what_was_done_has_a_line() -> None:
    assert list(_as_text(RESULT, dry_run=False)) == [
        "4 reports: 1 hard, 1 nothing, 1 unknown, 1 unsubscribe",
        "  suppressed    lan@example.net  550 5.1.1 no such user",
        "  unread        —  from Bình <binh@example.net>: Xin chào  (data/bounces: 3)",
        "  unsubscribed  tuan@example.net  unsubscribe",
    ]


def test_a_rehearsal_says_that_it_is_one() -> None:
    assert next(_as_text(RESULT, dry_run=True)) == "Dry run; nothing was changed."


def test_nothing_is_said_in_words() -> None:
    assert list(_as_text(Returns(), dry_run=False)) == ["Nothing came back."]


def test_machines_get_all_of_it() -> None:
    data = _as_data(RESULT)
    assert data["counts"] == {"hard": 1, "nothing": 1, "unknown": 1, "unsubscribe": 1}
    assert data["reports"][0] == {
        "done": "suppressed",
        "kind": "hard",
        "address": "lan@example.net",
        "subscriber": 42,
        "status": "5.1.1",
        "diagnostic": "550 5.1.1 no such user",
        "when": "2026-11-26T00:00:00+00:00",
        "proven": True,
        "place": "data/bounces: 1",
    }
    assert data["failures"] == []


def test_without_a_mailbox_or_a_file_it_says_how_to_name_one(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    with pytest.raises(UsageError, match="no mailbox to read") as caught:
        CliRunner().invoke(
            publish,
            ["-c", str(tmp_path / "config.toml"), "bounces"],
            catch_exceptions=False,
            standalone_mode=False,
        )
    assert "[mail.bounces]" in caught.value.hint
