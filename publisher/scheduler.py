"""APScheduler as a clock, not a memory: it says "look now"; what is due comes from the database.

::

    APScheduler ─ at each moment ─┐
    a half minute has passed ─────┼─▶ look ─ is anything due? ─▶ tick: one run
    wake: somebody asks ──────────┘

One thread looks and runs, so that no run overlaps another, and wake-ups that come meanwhile are merged
into one. A first run catches up on what was missed while nothing ran. The look by the half minute is
by a clock that only goes on: APScheduler sleeps for as long as the machine's clock said when it fell
asleep, and that clock may be set. What a run does is decided from the schedules, the last edition and
now; so a run too many does nothing, and a run that comes late does all.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from publisher import log, pipeline
from publisher.config import Config
from publisher.errors import PublisherError, RunHeld, Stopped
from publisher.model import Progress, Pulse
from publisher.stopping import Stop
from publisher.store import Store
from publisher.timetable import Timetable

_logger = logging.getLogger(__name__)

LOOK = timedelta(seconds=30)
"""At most so long between two looks at what is due."""
_AGAIN = timedelta(minutes=1)
"""Until the next try where a run failed that something waited for."""
_HELD = timedelta(seconds=2)
"""Until the next try where another process has the run."""
_SET_BACK = timedelta(seconds=60)
"""A clock that goes back by more was set: what it showed before is no longer the past."""
_BUG = "a fault in the program itself; the log has its traceback"


class CronTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires at each wake-up of a schedule, with cron's own weekdays and nights of changing clocks."""

    def __init__(self, timetable: Timetable, name: str) -> None:
        self._timetable, self._name = timetable, name

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The next moment after the last one, or after `now` at the start."""
        return self._timetable.following(self._name, previous or now)


class Scheduler:
    """Runs a site until it is time to stop."""

    def __init__(
        self,
        config: Config,
        clock: Callable[[], datetime] | None = None,
        *,
        stop: Stop | None = None,
    ) -> None:
        self._config = config
        self._clock = clock or (lambda: datetime.now(UTC).replace(microsecond=0))
        self._stop = stop or Stop()
        self._timetable = Timetable.of(config)
        self._knocked, self._asked = Event(), Event()
        self._since = self._clock()
        self._errand: datetime | None = None
        self._progress: Progress | None = None
        self._pulse, self._moved = Pulse(self._since), self._since
        self._counts: Counter[str] = Counter()
        self._held = False
        self._alarm: Any = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)}, timezone=config.zone, daemon=True
        )

    # What others ask, from whatever thread

    def wake(self) -> None:
        """Run as soon as possible."""
        self._asked.set()
        self._knocked.set()

    def upcoming(self) -> list[tuple[str, datetime]]:
        """Each schedule with its next moment."""
        return Timetable.of(self._config).upcoming(self._clock())

    @property
    def progress(self) -> Progress | None:
        """What a run does now; none where none is under way."""
        return self._progress

    @property
    def pulse(self) -> Pulse:
        """How it stands."""
        return replace(self._pulse, moved=self._moved)

    # The thread that works

    def run(self) -> None:
        """Catch up, then look and run until it is time to stop."""
        self._set_alarm()
        self._alarm.start()
        self._asked.set()
        try:
            with self._stop.telling(self._knocked.set):
                while not self._stop.asked:
                    self.look()
                    self._alarm.wakeup()
                    self._knocked.wait((_HELD if self._held else LOOK).total_seconds())
                    self._knocked.clear()
        finally:
            self._alarm.shutdown(wait=False)

    def look(self) -> list[str]:
        """Run if anything is due, or was asked for; the names of what is due."""
        now = self._clock()
        asked, due = self._asked.is_set(), self._timetable.due(self._since, now)
        if self._errand and self._errand <= now:
            due.append("what waited")
            self._errand = now + _AGAIN  # a run that gets through knows better
        if now < self._since - _SET_BACK:
            _logger.warning("the clock was set back", extra={"from": self._since, "to": now})
            due.append("the clock")
            self._set_alarm()
        self._pulse = replace(self._pulse, looked=now)
        if due or asked:
            self._asked.clear()
            self._held = not self.tick()
            if self._held:
                self._asked.set()
            else:
                self._since = now
        return due

    def tick(self) -> bool:
        """One run; false where another process has it. A failure is told, and the next wake-up tries again."""
        began, timer = self._clock(), time.monotonic()
        with log.run(began):
            try:
                outcome = pipeline.run(
                    self._config,
                    self._clock,
                    progress=self._note(began),
                    doing="publish serve",
                    stop=self._stop,
                )
                self._errand = self._next_errand(outcome)
            except RunHeld as error:
                if not self._held:
                    _logger.info("waiting for another process", extra={"held": error.lines[0]})
                return False
            except Stopped:
                return True
            except PublisherError as error:
                self._ended(timer, error.lines, broken=True)
            except Exception:
                _logger.exception("a bug; the next run tries again")
                self._ended(timer, (_BUG,), broken=True)
            else:
                self._report(outcome)
                self._counts += outcome.counts
                self._ended(timer, tuple(outcome.failures), broken=bool(outcome.counts["files not made"]))
            finally:
                self._progress = None
        return True

    def _note(self, began: datetime) -> Callable[[str, int, int], None]:
        def note(stage: str, done: int, total: int) -> None:
            self._progress, self._moved = Progress(stage, done, total, began), self._clock()

        note("looking", 0, 0)
        return note

    def _report(self, outcome: pipeline.Outcome) -> None:
        done = {name: number for name, number in sorted(outcome.counts.items()) if number}
        if done or outcome.failures or outcome.stopped:
            _logger.info("run stopped early" if outcome.stopped else "run", extra={"done": done})

    def _ended(self, timer: float, failures: tuple[str, ...], *, broken: bool) -> None:
        for line in failures:
            _logger.log(logging.ERROR if broken else logging.WARNING, "%s", line)
        pulse = self._pulse
        self._pulse = replace(
            pulse,
            ended=self._clock(),
            seconds=time.monotonic() - timer,
            runs=pulse.runs + 1,
            failed=pulse.failed + bool(failures),
            failures=failures,
            broken=broken,
            counts=dict(self._counts),
        )

    def _next_errand(self, outcome: pipeline.Outcome) -> datetime | None:
        """When a delivery, a ping or an article that waits is due; what is due already waits for a schedule."""
        now = self._clock()
        waiting = [item.published for item in outcome.plan.held if item.published > now]
        errand = Store.open(self._config.database_at).next_errand(now)
        return min([*waiting, *([errand] if errand else [])], default=None)

    def _set_alarm(self) -> None:
        """A job for each schedule; those that are set already are set anew, by the clock as it is now."""
        options: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        for name in self._timetable.names:
            trigger = CronTrigger(Timetable.of(self._config), name)
            self._alarm.add_job(self._knocked.set, trigger, id=name, replace_existing=True, **options)
