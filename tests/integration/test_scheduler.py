"""The clock: it wakes on the schedules, catches up from the database, and stops in good order."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher.config.load import load
from publisher.scheduler import CronTrigger, Scheduler
from publisher.timetable import Timetable

ROOT = Path(__file__).parents[2]


def _site(folder: Path) -> Path:
    (folder / "seeds").mkdir()
    (folder / "seeds/a.txt").write_text("Tiêu đề\n\n08:00 01/01/2024\n\nLời dẫn đủ dài.\n", encoding="utf-8")
    file = folder / "config.toml"
    file.write_text(
        '[site]\ntitle = "T"\nurl = "https://news.example.org/"\n'
        '[[digest]]\nname = "daily"\ntitle = "D"\nrecipients = ["a@example.org"]\n'
        '[mail]\nsender = "news@example.org"\n',
        encoding="utf-8",
    )
    return file


def _messages(folder: Path) -> int:
    return len(list((folder / "data/mail/new").glob("*")))


def test_each_tick_does_what_is_due_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "publisher")
    now = datetime(2026, 11, 24, 4, tzinfo=UTC)
    scheduler = Scheduler(load(_site(tmp_path)), lambda: now)
    scheduler.tick()
    scheduler.tick()
    assert _messages(tmp_path) == 1
    text = "Tin mới\n\n08:00 24/11/2026\n\nLời dẫn đủ dài.\n"
    (tmp_path / "seeds/b.txt").write_text(text, encoding="utf-8")
    now += timedelta(hours=1)
    scheduler.tick()
    assert _messages(tmp_path) == 1
    now += timedelta(days=4)
    scheduler.tick()
    assert _messages(tmp_path) == 2
    assert [record.done.get("editions", 0) for record in caplog.records] == [1, 0, 1]


def test_a_failing_run_is_said_and_does_not_stop_the_clock(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = _site(tmp_path)
    scheduler = Scheduler(load(file), lambda: datetime(2026, 11, 24, 4, tzinfo=UTC))
    (tmp_path / "seeds").rename(tmp_path / "elsewhere")
    scheduler.tick()
    assert "no seeds folder" in caplog.text
    assert (scheduler.pulse.broken, scheduler.pulse.failed) == (True, 1)
    (tmp_path / "elsewhere").rename(tmp_path / "seeds")
    scheduler.tick()
    assert _messages(tmp_path) == 1
    assert (scheduler.pulse.broken, scheduler.pulse.runs) == (False, 2)


def test_the_trigger_counts_weekdays_as_cron_does() -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    trigger = CronTrigger(Timetable({"weekly": "0 7 * * 0"}, zone), "weekly")
    first = trigger.get_next_fire_time(None, datetime(2026, 11, 24, tzinfo=zone))
    assert first == datetime(2026, 11, 29, 7, tzinfo=zone)
    assert trigger.get_next_fire_time(first, first) == datetime(2026, 12, 6, 7, tzinfo=zone)


def test_serve_publishes_at_once_and_stops_on_sigterm(tmp_path: Path) -> None:
    _site(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "publisher", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "added" in line:
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(timeout=10) == 0, rest
    assert "stopped" in rest
    assert (tmp_path / "public/feed.rss").exists()
    assert not list((tmp_path / "data").glob("*.lock"))
