"""APScheduler as a clock, not a memory: it says "look now"; what is due comes from the database.

Every schedule of the configuration wakes the same run. One thread works, so that no run overlaps
another; a wake-up that comes meanwhile is merged into one. A first run catches up on what was
missed while nothing ran.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from publisher import inspection, pipeline, schedules
from publisher.config import Config
from publisher.errors import PublisherError

Say = Callable[[str], None]


class CronTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires when a cron expression does, with cron's own weekdays and nights of changing clocks."""

    def __init__(self, expression: str, zone: ZoneInfo) -> None:
        self._expression, self._zone = expression, zone

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The next moment after the last one, or after `now` at the start."""
        return schedules.following(self._expression, self._zone, previous or now)


class Scheduler:
    """Runs a site until it is told to stop; `say` gets a line for each run that did something."""

    def __init__(self, config: Config, say: Say, clock: Callable[[], datetime] | None = None) -> None:
        self._config, self._say = config, say
        self._clock = clock or (lambda: datetime.now(UTC).replace(microsecond=0))
        self._stopped = Event()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; a run that is under way is finished first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopped.set())
        scheduler = self._scheduler()
        scheduler.start()
        try:
            self._say(
                f"waiting; {', '.join(f'{name} at {when:%Y-%m-%d %H:%M}' for name, when in self.upcoming())}"
            )
            while not self._stopped.wait(3600):
                pass
        finally:
            scheduler.shutdown(wait=True)
            self._say("stopped")

    def tick(self) -> None:
        """One run; a failure is said, and the next wake-up tries again."""
        try:
            outcome = pipeline.run(self._config, self._clock, doing="publish serve")
        except PublisherError as error:
            for line in error.lines:
                self._say(line)
            return
        done = ", ".join(f"{number} {name}" for name, number in sorted(outcome.counts.items()) if number)
        if done or outcome.failures:
            self._say(f"{outcome.plan.now:%Y-%m-%d %H:%M:%SZ} {done}")
        for line in outcome.failures:
            self._say(line)

    def upcoming(self) -> list[tuple[str, datetime]]:
        """Each schedule with its next moment."""
        return inspection.upcoming(self._config, self._clock())

    def _scheduler(self) -> Any:
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)}, timezone=self._config.zone
        )
        options: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        for name, expression in inspection.expressions(self._config).items():
            scheduler.add_job(self.tick, CronTrigger(expression, self._config.zone), id=name, **options)
        scheduler.add_job(self.tick, id="catch-up", **options)
        return scheduler
