"""Cron expressions in a time zone: when a schedule fires, forwards and backwards. Pure.

Five fields as in crontab(5), names of weekdays and months allowed, Sunday is 0 or 7. On the night
when daylight saving ends a time fires once; on the night when it begins, a time that does not
exist fires at the next moment that does (as Debian's cron does; like there, minutes or hours that
begin with a star follow the clock instead).

Moments are compared in UTC: Python compares two times of one zone by their wall clocks, which
calls the two 02:30 of an autumn night equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_NIGHT = timedelta(hours=4)
"""More than clocks are put back at once: a search begins so much earlier, lest it begins between two 02:30."""


def fault_in(expression: str) -> str:
    """Say what is wrong with `expression`, or return an empty string."""
    if len(expression.split()) != 5:
        return "not five fields: minute, hour, day of the month, month, weekday"
    try:
        next(CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return str(error).replace("Bad", "bad").replace("day-of-week", "weekday").replace("-", " ")
    except StopIteration:
        return "never fires"
    except ValueError:  # a number of thousands of digits
        return "not a number that a clock shows"
    return ""


def following(expression: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first moment after `after` at which `expression` fires, in `zone`."""
    return next(_fires(expression, zone, after), None)


def latest(expression: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The last moment not after `now` at which `expression` fired, in `zone`."""
    start = (now.astimezone(UTC) + _NIGHT).astimezone(zone)
    for fired in CronSim(expression, start.replace(second=0, microsecond=0), reverse=True):
        if fired.astimezone(UTC) <= now.astimezone(UTC):
            return fired
    return None


def between(expression: str, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Every moment in ``(after, until]`` at which `expression` fires, in `zone`, oldest first."""
    for fired in _fires(expression, zone, after):
        if fired.astimezone(UTC) > until.astimezone(UTC):
            return
        yield fired


def minutes_between(expression: str) -> int:
    """The shortest time between two moments at which `expression` fires: 1 to 1,440 minutes.

    The same for every clock and zone, so that feeds can tell it to their readers (RSS 2.0, `ttl`).
    """
    start = datetime(2024, 1, 1, tzinfo=UTC)
    moments = between(expression, ZoneInfo("UTC"), start, start + timedelta(days=8))
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    return int(min([*gaps, timedelta(days=1)]) / timedelta(minutes=1))


def several_a_day(expression: str) -> bool:
    """Whether `expression` can fire more than once on one day: its minutes and hours tell."""
    minute, hour, *_ = expression.split()
    return any(mark in field for field in (minute, hour) for mark in "*,-/")


def _fires(expression: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    last = after.astimezone(UTC)
    start, earlier = last.astimezone(zone), (last - _NIGHT).astimezone(zone)
    begin = start if start.utcoffset() == earlier.utcoffset() else earlier
    offset = begin.utcoffset()
    for fired in CronSim(expression, begin):
        if fired.utcoffset() != offset:
            yield from _passed_over(expression, last, fired)
            offset = fired.utcoffset()
        if fired.astimezone(UTC) > last:
            last = fired.astimezone(UTC)
            yield fired


def _passed_over(expression: str, last: datetime, fired: datetime) -> list[datetime]:
    """What lies between two moments: where clocks move by half an hour, cronsim steps over some going forward."""
    found: list[datetime] = []
    for moment in CronSim(expression, fired, reverse=True):
        if moment.astimezone(UTC) <= last:
            break
        if moment.astimezone(UTC) < fired.astimezone(UTC):
            found.append(moment)
    return found[::-1]
