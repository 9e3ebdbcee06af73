"""`publish serve`: scheduler, watcher and web server in one process, brought up together and stopped in good order.

::

    bind ─▶ start the parts ─▶ ready ─▶ … a part fails, or somebody asks to stop … ─▶ stop the parts

Each part works in a thread until the one `Stop` is asked. One that fails takes the others with it: what
started this process starts it again, and nothing is lost, since the database is the memory.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Thread

from publisher import health, inspection
from publisher.config import Config
from publisher.errors import PublisherError, RunHeld
from publisher.model import Facts
from publisher.notices import Owner
from publisher.render.templates import Templates
from publisher.scheduler import Scheduler
from publisher.serving.systemd import Notifier
from publisher.serving.web import Application, address_of, answer, bound
from publisher.stopping import Stop
from publisher.store import Store
from publisher.store.locks import held
from publisher.watching import watcher_of

_logger = logging.getLogger(__name__)
_PATIENCE = 8.0
"""Seconds that parts have to stop in. What then still works is left behind: the next run goes on from there."""
_CONSIDERED = 60.0
"""Seconds between two looks at what the owner should be told."""
_LONGEST_WAIT = 3600.0
"""Seconds between two looks at the parts where no watchdog waits; a part that fails is heard of at once."""

__all__ = ["Standing", "serve"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What runs where: the address of the web server, empty where there is none, and what comes next."""

    config: Config
    web: str
    upcoming: list[tuple[str, datetime]]


class Part:
    """Something that works in a thread of its own until it is time to stop."""

    def __init__(self, name: str, work: Callable[[], None], stop: Stop) -> None:
        self.name, self._work, self._stop = name, work, stop
        self.failed = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._thread.is_alive()

    def ended(self, seconds: float) -> bool:
        """Wait so long for its end; whether it has come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work()
        except Exception:
            self.failed = True
            _logger.exception("a part failed", extra={"part": self.name})
        finally:
            self._stop.ask()


def serve(
    config: Config,
    stop: Stop,
    told: Callable[[Standing], None],
    *,
    web: bool = True,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC).replace(microsecond=0),
) -> None:
    """Bring up what the configuration asks for, and let it work until it is time to `stop`.

    `told` hears when all stands. `publisher.errors.PublisherError` where something cannot be brought
    up, or a part failed.
    """
    listener = bound(config.web) if web else None
    try:
        with _alone(config, f"publish serve at {address_of(listener)}" if listener else "publish serve"):
            Serving(config, stop, clock, listener).work(told)
    finally:
        if listener:
            listener.close()


class Serving:
    """The parts of one process over one site."""

    def __init__(
        self,
        config: Config,
        stop: Stop,
        clock: Callable[[], datetime],
        listener: socket.socket | None,
    ) -> None:
        self._config, self._stop, self._clock = config, stop, clock
        self._listener = listener
        self._store = Store.open(config.database_at)
        self._scheduler = Scheduler(config, clock, stop=stop)
        self._manager = Notifier()
        self._parts = [Part("scheduler", self._scheduler.run, stop)]
        if config.schedule.watch:
            watcher = watcher_of(config, self._scheduler.wake, stop)
            self._parts.append(Part("watcher", watcher.run, stop))
        self._templates = Templates(config.templates_folder, config.site.language, config.zone)
        self._owner = Owner(config, self._store, self._templates)
        if self._owner.listens:
            self._parts.append(Part("notices", self._tell_owner, stop))
        if listener:
            application = self._application()
            self._parts.append(Part("web server", lambda: answer(application, listener, stop), stop))

    def work(self, told: Callable[[Standing], None]) -> None:
        """Start all parts, and end them when it is time."""
        for part in self._parts:
            part.start()
        address = address_of(self._listener) if self._listener else ""
        told(Standing(self._config, address, self._scheduler.upcoming()))
        self._manager.tell("READY=1", f"STATUS=serving {self._config.site.title}")
        while not self._stop.wait(self._manager.interval or _LONGEST_WAIT):
            if health.alive(self._own_facts(Facts(self._clock()))).well:
                self._manager.tell("WATCHDOG=1")
        self._manager.tell("STOPPING=1")
        self._end()

    def facts(self) -> Facts:
        """How the process and the site stand."""
        return self._own_facts(inspection.facts(self._config, self._store, self._clock()))

    def _tell_owner(self) -> None:
        """Look now and then whether there is anything to tell."""
        while not self._stop.wait(_CONSIDERED):
            try:
                self._owner.consider(self.facts())
            except PublisherError as error:  # such as a disk without room: not worth the end of all
                _logger.warning("the owner could not be told", extra={"why": str(error)})

    def _own_facts(self, known: Facts) -> Facts:
        return replace(
            known,
            parts={part.name: part.alive for part in self._parts},
            pulse=self._scheduler.pulse,
            progress=self._scheduler.progress,
        )

    def _end(self) -> None:
        ends = time.monotonic() + _PATIENCE
        late = [part.name for part in self._parts if not part.ended(max(0.0, ends - time.monotonic()))]
        if late:
            _logger.warning("left behind; the next run goes on from there", extra={"parts": ", ".join(late)})
        if failed := [part.name for part in self._parts if part.failed]:
            raise PublisherError(f"stopped, for a part failed: {', '.join(failed)}", hint="the log says why")
        _logger.info("stopped")

    def _application(self) -> Application:
        from publisher.web import Site, application

        config, scheduler = self._config, self._scheduler
        site = Site(
            config=config,
            store=self._store,
            templates=self._templates,
            clock=self._clock,
            wake=scheduler.wake,
            progress=lambda: scheduler.progress,
            secret=self._store.secret(),
            stop=self._stop,
            facts=self.facts,
        )
        return application(site)


@contextmanager
def _alone(config: Config, doing: str) -> Iterator[None]:
    """One process serves a site; a second would be in the way of nothing, but is a mistake."""
    try:
        with held(config.database_at, "serving", doing):
            yield
    except RunHeld as error:
        holder = error.lines[0].partition(": ")[2]
        raise PublisherError(f"this site is served already: {holder}", hint="stop that one first") from None
