"""How many messages may leave now, and when the next may: limits of relays, domains, days and nights. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from publisher.config import Mail

_QUIET = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_MINUTE = timedelta(minutes=1)


def quiet_hours(text: str) -> tuple[time, time] | None:
    """``22:00-06:00`` as its two ends; None where it is something else."""
    found = _QUIET.fullmatch(text)
    return (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else None


def quiet_until(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the quiet hours end in which `now` lies; None where it lies in none."""
    hours = quiet_hours(text)
    if hours is None or hours[0] == hours[1]:
        return None
    begins, ends = hours
    here = now.astimezone(zone)
    clock = here.time()
    over_midnight = ends < begins
    inside = clock >= begins or clock < ends if over_midnight else begins <= clock < ends
    if not inside:
        return None
    day = here.date() + timedelta(days=1 if over_midnight and clock >= begins else 0)
    return datetime.combine(day, ends, zone)


def allowed(
    mail: Mail, zone: ZoneInfo, now: datetime, day: int, today: int, first: datetime | None
) -> int | None:
    """How many messages may still leave; None for any number.

    `day` of them left in the last 24 hours, `today` since the site's midnight; the `first` left then.
    """
    limits = []
    relays = [mail.smtp, *mail.relay]
    if mail.transport == "smtp" and all(relay.per_day for relay in relays):
        limits.append(sum(relay.per_day for relay in relays) - day)
    if mail.limits.warm_up:
        since = (now.astimezone(zone).date() - first.astimezone(zone).date()).days if first else 0
        if since < len(mail.limits.warm_up):
            limits.append(mail.limits.warm_up[since] - today)
    return max(0, min(limits)) if limits else None


class Domains:
    """Keeps to `per_domain` messages a minute to each domain; 0 is no limit."""

    def __init__(self, per_domain: int) -> None:
        self._most = per_domain
        self._recent: dict[str, deque[datetime]] = {}

    def take(self, domain: str, now: datetime) -> datetime | None:
        """Count a message that leaves now; or, where there were enough, the moment when the next may leave."""
        if not self._most:
            return None
        recent = self._recent.setdefault(domain, deque())
        while recent and recent[0] <= now - _MINUTE:
            recent.popleft()
        if len(recent) >= self._most:
            return recent[0] + _MINUTE
        recent.append(now)
        return None


def midnight(zone: ZoneInfo, now: datetime) -> datetime:
    """The beginning of the site's day."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def soonest(moments: Sequence[datetime]) -> datetime | None:
    """The first of some moments."""
    return min(moments, default=None)
