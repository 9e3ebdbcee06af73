"""A year of looks at one digest, in four zones: each minute, or with outages of days; no edition twice, none lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from zoneinfo import ZoneInfo

import pytest

from publisher import schedules
from publisher.config import Digest
from publisher.editions import MISSED_AFTER, due
from publisher.model import Edition

ZONES = ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


class Year:
    """Looks at one digest; remembers what a database would."""

    def __init__(self, zone: str, **keys: str) -> None:
        self.digest = Digest(name="d", title="D", **keys)
        self.zone = ZoneInfo(zone)
        self.editions: list[Edition] = []

    def look(self, now: datetime) -> None:
        moment = due(self.digest, self.zone, self.editions, now)
        if moment is not None:
            self.editions.append(Edition(moment.isoformat(), "d", "", "", moment, now, ()))

    @property
    def moments(self) -> list[datetime]:
        return [edition.due.astimezone(UTC) for edition in self.editions]

    @cached_property
    def fired(self) -> list[datetime]:
        found = schedules.between(self.digest.schedule, self.zone, BEGIN, END - timedelta(minutes=1))
        return [each.astimezone(UTC) for each in found]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("schedule", ["30 2 * * *", "0 7 * * mon-fri", "15 */6 * * *"])
def test_who_looks_at_each_moment_and_between_makes_each_edition_once(zone: str, schedule: str) -> None:
    year = Year(zone, schedule=schedule)
    year.look(BEGIN)
    before = len(year.editions)  # that of the last moment of the year before
    rng = Random(zone)
    looks = [moment + timedelta(seconds=rng.choice((0, 1, 59))) for moment in year.fired]
    looks += [BEGIN + (END - BEGIN) * rng.random() for _ in range(300)]
    for now in sorted(looks):
        year.look(now)
    made = year.moments[before:]
    assert made == year.fired
    if schedule == "30 2 * * *":
        nights = [moment.astimezone(year.zone).date() for moment in made]
        assert nights == [nights[0] + timedelta(days=number) for number in range(365)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("missed", ["merge", "skip"])
def test_outages_of_days_lose_and_double_nothing(zone: str, missed: str) -> None:
    rng = Random(f"{zone} {missed}")
    year, now, seen = Year(zone, schedule="30 2 * * *", missed=missed), BEGIN, list[datetime]()
    while now < END - timedelta(minutes=1):
        year.look(now)
        seen.append(now)
        outage = rng.random() < 0.03
        now += timedelta(minutes=rng.randrange(1440, 7200) if outage else rng.randrange(1, 360))
    expected, last = [], None
    for (
        now
    ) in seen:  # the same in plain words: the last moment that has passed, once, and if asked for not late
        passed = [moment for moment in (year.fired[0] - timedelta(days=1), *year.fired) if moment <= now][-1]
        late = missed == "skip" and now - passed > MISSED_AFTER
        if passed != last and not late:
            expected.append(passed)
            last = passed
    assert [moment for moment in year.moments if moment >= BEGIN] == [
        each for each in expected if each >= BEGIN
    ]
    assert len(set(year.moments)) == len(year.moments)
    assert len(year.moments) < len(year.fired)
