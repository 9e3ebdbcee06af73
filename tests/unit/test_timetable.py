"""When a site is woken: against plain arithmetic over every minute of a year, and with moments put off."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from publisher.timetable import Timetable, delay

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
ZONES = ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
"""None that changes its clocks, two that do on different nights, and one that does by half an hour."""
SCHEDULES = {
    "feeds": "*/15 * * * *",
    "night": "30 2 * * *",
    "workdays": "0 7 * * mon-fri",
    "month": "5 1 1 * *",
}


def reference(zone: ZoneInfo) -> dict[str, list[datetime]]:
    """Every minute of the year is looked at, and compared with what the schedules say in words.

    A clock that is put forward passes over minutes: what was due in them fires with the first after. One
    that is put back shows minutes again: what has fired in them does not again, unless it follows the clock.
    """
    fired: dict[str, list[datetime]] = {name: [] for name in SCHEDULES}
    shown: set[datetime] = set()
    moment, before = YEAR[0], (YEAR[0] - MINUTE).astimezone(zone).replace(tzinfo=None)
    while moment < YEAR[1]:
        wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        jump = wall - before
        passed = [before + MINUTE * step for step in range(1, int(jump / MINUTE))] if jump > MINUTE else []
        again = wall <= before or wall in shown
        if wall <= before:  # put back: these are shown for the second time
            shown = {wall + MINUTE * step for step in range(int((before - wall) / MINUTE) + 1)}
        new = [*passed, wall] if not again else []
        if wall.minute % 15 == 0:
            fired["feeds"].append(moment)
        if not passed and wall.minute not in (0, 5, 30):
            new = []
        for name, due in (
            (
                ("night", any((at.hour, at.minute) == (2, 30) for at in new)),
                ("workdays", any((at.hour, at.minute) == (7, 0) and at.weekday() < 5 for at in new)),
                ("month", any((at.day, at.hour, at.minute) == (1, 1, 5) for at in new)),
            )
            if new
            else ()
        ):
            if due:
                fired[name].append(moment)
        moment, before = moment + MINUTE, wall
    return fired


@pytest.mark.parametrize("zone", ZONES)
def test_each_minute_of_a_year_wakes_for_what_the_clock_on_the_wall_says(zone: str) -> None:
    timetable = Timetable(SCHEDULES, ZoneInfo(zone))
    woken: dict[str, list[datetime]] = {name: [] for name in SCHEDULES}
    since = YEAR[0] - MINUTE
    while since + MINUTE < YEAR[1]:
        now = since + MINUTE
        for name in timetable.due(since, now):
            woken[name].append(now)
        since = now
    expected = reference(ZoneInfo(zone))
    assert {name: len(moments) for name, moments in woken.items()} == {
        name: len(moments) for name, moments in expected.items()
    }
    assert woken == expected


def test_a_night_in_which_half_past_two_comes_twice_wakes_once_and_one_without_it_wakes_once() -> None:
    timetable = Timetable(SCHEDULES, ZoneInfo("Europe/Berlin"))
    for noon in (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)):
        hours = [noon + timedelta(minutes=10 * step) for step in range(145)]
        nights = [now for since, now in pairwise(hours) if "night" in timetable.due(since, now)]
        assert len(nights) == 1


def test_many_moments_that_were_missed_are_one_wake_up() -> None:
    timetable = Timetable(SCHEDULES, ZoneInfo("Asia/Ho_Chi_Minh"))
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    assert timetable.due(begin, begin + 400 * DAY) == list(SCHEDULES)
    assert timetable.due(begin, begin) == []


@pytest.mark.parametrize("jitter", [1, 59, 900, 3600])
def test_each_moment_is_put_off_by_as_much_as_jitter_allows_and_none_is_lost(jitter: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    put_off = Timetable({"feeds": "*/15 * * * *"}, zone, jitter=jitter, site="https://news.example.org/")
    begin = datetime(2026, 10, 24, 12, tzinfo=UTC)
    expected = sorted(
        at + delay("https://news.example.org/", at, jitter)
        for at in (begin + timedelta(minutes=15 * step) for step in range(200))
    )
    found, since = [], begin - timedelta(seconds=1)
    while len(found) < 150:
        at = put_off.following("feeds", since)
        assert at is not None
        found.append(at.astimezone(UTC))
        since = at
    assert found == sorted(found)
    assert found[0] >= begin
    begun = expected[0]
    assert [at for at in found if at >= begun + timedelta(seconds=jitter)] == [
        at for at in sorted(set(expected)) if begun + timedelta(seconds=jitter) <= at <= found[-1]
    ]


def test_moments_are_put_off_evenly_and_alike_at_every_try() -> None:
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * step) for step in range(6000)]
    delays = [delay("a", at, 59) for at in moments]
    assert delays == [delay("a", at.astimezone(ZoneInfo("Asia/Tokyo")), 59) for at in moments]
    counts = Counter(delays)
    assert set(counts) == {timedelta(seconds=number) for number in range(60)}
    assert all(50 < count < 160 for count in counts.values())
    assert [delay("b", at, 59) for at in moments] != delays
    assert {delay("a", at, 0) for at in moments} == {timedelta(0)}


def test_the_soonest_comes_first_in_the_zone_of_the_site() -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    now = datetime(2026, 11, 24, 23, 31, tzinfo=UTC)
    assert Timetable(SCHEDULES, zone).upcoming(now) == [
        ("feeds", datetime(2026, 11, 25, 6, 45, tzinfo=zone)),
        ("workdays", datetime(2026, 11, 25, 7, 0, tzinfo=zone)),
        ("night", datetime(2026, 11, 26, 2, 30, tzinfo=zone)),
        ("month", datetime(2026, 12, 1, 1, 5, tzinfo=zone)),
    ]
