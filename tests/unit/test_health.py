"""Whether a process is alive and may be asked, as a table of facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from publisher.health import alive, ready
from publisher.model import Facts, Progress, Pulse

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


def before(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


RUNNING = Progress("delivering", 3, 9, before(90))
WELL = Pulse(before(600), looked=before(0.5), moved=before(15), ended=before(15), runs=40)


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        (Facts(NOW), ()),
        (Facts(NOW, {"scheduler": True, "web server": True}, WELL), ()),
        (Facts(NOW, {"scheduler": True, "watcher": False}, WELL), ("watcher does not work",)),
        (Facts(NOW, {}, Pulse(before(1))), ()),
        (Facts(NOW, {}, Pulse(before(3))), ("no sign of the scheduler for 3 minutes",)),
        (Facts(NOW, {}, Pulse(before(600), looked=before(5))), ("no sign of the scheduler for 5 minutes",)),
        (Facts(NOW, {}, Pulse(before(600), looked=before(90), moved=before(20)), RUNNING), ()),
        (
            Facts(NOW, {}, Pulse(before(600), looked=before(90), moved=before(31)), RUNNING),
            ("no sign of the run for 31 minutes",),
        ),
        (Facts(NOW, {}, Pulse(before(600), looked=NOW + timedelta(hours=3))), ()),
    ],
)
def test_alive_is_what_works_looks_and_moves(facts: Facts, reasons: tuple[str, ...]) -> None:
    assert alive(facts).reasons == reasons
    assert alive(facts).well is not bool(reasons)


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        (Facts(NOW, {}, WELL), ()),
        (Facts(NOW, {}, Pulse(before(1), looked=before(0.1))), ("the first run is under way",)),
        (
            Facts(NOW, {}, WELL, fault="the database does not answer: locked"),
            ("the database does not answer: locked",),
        ),
        (
            Facts(NOW, {"scheduler": False}, WELL, fault="gone"),
            ("scheduler does not work", "gone"),
        ),
    ],
)
def test_ready_is_alive_with_a_database_after_the_first_run(facts: Facts, reasons: tuple[str, ...]) -> None:
    assert ready(facts).reasons == reasons


def test_a_run_that_fails_is_no_reason_to_start_again() -> None:
    failed = Pulse(
        before(600), looked=before(0.5), ended=before(1), broken=True, failures=("no seeds",), failed=9
    )
    assert ready(Facts(NOW, {}, failed)).well
