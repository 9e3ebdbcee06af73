"""When a site is to be woken: its schedules, each with its next moment. No clock is read here.

A moment is announced a little late where `[schedule] jitter` says so: by so many seconds as site and
moment yield, the same at every try and for all schedules of a moment, so that many sites on one
machine or at one relay do not begin in the same second. What is due does not change by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from publisher import schedules
from publisher.config import Config


def expressions(config: Config) -> dict[str, str]:
    """Every schedule of the configuration by name."""
    return {"feeds": config.schedule.feeds, **{f"digest {d.name}": d.schedule for d in config.digest}}


def delay(site: str, moment: datetime, jitter: int) -> timedelta:
    """How late `site` is at `moment`: 0 to `jitter` whole seconds, as even as a hash is."""
    drawn = hashlib.sha256(f"{site}\0{moment.astimezone(UTC):%Y-%m-%dT%H:%M}".encode()).digest()
    return timedelta(seconds=int.from_bytes(drawn[:8], "big") % (jitter + 1))


class Timetable:
    """The wake-ups of one site. It remembers what it worked out, so that asking often costs nothing."""

    def __init__(
        self, expressions: Mapping[str, str], zone: ZoneInfo, *, jitter: int = 0, site: str = ""
    ) -> None:
        self._expressions, self._zone = expressions, zone
        self._jitter, self._site = jitter, site
        self._known: dict[str, tuple[datetime, datetime | None]] = {}
        self._calm: tuple[datetime, datetime] | None = None

    @classmethod
    def of(cls, config: Config) -> Timetable:
        """That of a configuration."""
        site = config.site.id or config.site.url
        return cls(expressions(config), config.zone, jitter=config.schedule.jitter, site=site)

    @property
    def names(self) -> tuple[str, ...]:
        """Its schedules."""
        return tuple(self._expressions)

    def following(self, name: str, after: datetime) -> datetime | None:
        """The first wake-up of a schedule after `after`, in the site's zone."""
        since, moment = self._known.get(name, (after, after))
        if moment is None or not since.timestamp() <= after.timestamp() < moment.timestamp():
            moment = self._worked_out(self._expressions[name], after)
            self._known[name] = after, moment
        return moment

    def due(self, after: datetime, until: datetime) -> list[str]:
        """The schedules with a wake-up in ``(after, until]``."""
        after, until = after.astimezone(UTC), until.astimezone(UTC)
        if self._calm and self._calm[0] <= after and until < self._calm[1]:
            return []
        moments = {name: at.astimezone(UTC) for name, at in self.upcoming(after)}
        self._calm = (after, min(moments.values())) if moments else None
        return [name for name in self._expressions if name in moments and moments[name] <= until]

    def upcoming(self, after: datetime) -> list[tuple[str, datetime]]:
        """Each schedule with its next wake-up, the soonest first."""
        moments = ((name, self.following(name, after)) for name in self._expressions)
        return sorted(((name, at) for name, at in moments if at), key=lambda pair: pair[1].timestamp())

    def _worked_out(self, expression: str, after: datetime) -> datetime | None:
        """A moment up to `jitter` before `after` may be yet to come, and a later one may come before the next."""
        span = timedelta(seconds=self._jitter)
        best: datetime | None = None
        start = after.astimezone(UTC) - span
        for moment in schedules.between(expression, self._zone, start, datetime.max.replace(tzinfo=UTC)):
            if best is not None and moment.timestamp() >= best.timestamp():
                break
            at = (moment.astimezone(UTC) + delay(self._site, moment, self._jitter)).astimezone(self._zone)
            if at.timestamp() > after.timestamp() and (best is None or at.timestamp() < best.timestamp()):
                best = at
        return best
