"""How fast, and over how many connections: tables of numbers."""

from __future__ import annotations

import pytest

from publisher.mailing.smtp.pace import Congestion, Pace


def left(pace: Pace, moments: list[float]) -> list[float]:
    """When messages leave that could leave at these moments."""
    times = []
    for moment in moments:
        times.append(max(moment, times[-1] if times else 0.0))
        times[-1] += pace.wait(times[-1])
        pace.spend(times[-1])
    return times


def test_without_a_limit_nothing_waits() -> None:
    assert left(Pace(0), [5.0] * 4) == [5.0] * 4


def test_messages_leave_evenly() -> None:
    assert left(Pace(10), [1.0] * 5) == pytest.approx([1.0, 1.0, 1.1, 1.2, 1.3])


def test_what_was_not_used_is_not_saved() -> None:
    pace = Pace(10)
    left(pace, [1.0])
    times = left(pace, [100.0] * 30)
    assert sum(time < 101.0 for time in times) <= 12


def test_a_timer_that_is_late_costs_nothing() -> None:
    pace, now = Pace(100), 0.0
    for _ in range(1000):
        now += pace.wait(now) + 0.003
        pace.spend(now)
    assert now == pytest.approx(10.0, abs=0.2)


def test_trouble_halves_and_success_adds_one_by_one() -> None:
    many = Congestion(10)
    many.trouble(0.0)
    assert many.allowed == 5
    grown = [many.worked() for _ in range(100)]
    assert (grown.index(True), sum(grown), many.allowed) == (49, 2, 7)
    assert sum(many.worked() for _ in range(1000)) == 3
    assert many.allowed == 10


def test_trouble_on_many_connections_at_once_counts_once() -> None:
    many = Congestion(16)
    for moment in (0.0, 0.1, 0.9):
        many.trouble(moment)
    assert many.allowed == 8
    many.trouble(3.0)
    assert many.allowed == 4


def test_it_goes_down_to_those_that_work_and_never_below_one() -> None:
    many = Congestion(10)
    many.trouble(0.0, 2)
    assert many.allowed == 2
    many.trouble(0.1, 1)
    assert many.allowed == 1
    many.trouble(5.0, 0)
    assert many.allowed == 1
    many = Congestion(10)
    many.restart()
    assert many.allowed == 1


def test_trouble_forgets_what_worked_before() -> None:
    many = Congestion(10)
    many.trouble(0.0)
    assert not any(many.worked() for _ in range(49))
    many.trouble(0.1)
    assert not any(many.worked() for _ in range(49))
    assert many.worked()
