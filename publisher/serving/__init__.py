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
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread

from publisher.config import Config
from publisher.errors import PublisherError, RunHeld
from publisher.locking import held
from publisher.scheduler import Scheduler
from publisher.serving.systemd import Notifier
from publisher.serving.web import Application, address_of, answer, bound
from publisher.stopping import Stop
from publisher.store import Store
from publisher.watching import Watcher

_logger = logging.getLogger(__name__)
_PATIENCE = 8.0
"""Seconds that parts have to stop in. What then still works is left behind: the next run goes on from there."""
_LONGEST_WAIT = 3600.0

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
        with _alone(config):
            _work(config, stop, told, listener, clock)
    finally:
        if listener:
            listener.close()


def _work(
    config: Config,
    stop: Stop,
    told: Callable[[Standing], None],
    listener: socket.socket | None,
    clock: Callable[[], datetime],
) -> None:
    manager = Notifier()
    scheduler = Scheduler(config, clock, stop=stop)
    parts = [Part("scheduler", scheduler.run, stop)]
    if config.schedule.watch:
        parts.append(Part("watcher", Watcher(config, scheduler.wake, stop).run, stop))
    if listener:
        application = _application(config, scheduler, clock, stop)
        parts.append(Part("web server", lambda: answer(application, listener, stop), stop))
    for part in parts:
        part.start()
    told(Standing(config, address_of(listener) if listener else "", scheduler.upcoming()))
    manager.tell("READY=1", f"STATUS=serving {config.site.title}")
    while not stop.wait(manager.interval or _LONGEST_WAIT):
        manager.tell("WATCHDOG=1")
    manager.tell("STOPPING=1")
    _end(parts)


def _end(parts: list[Part]) -> None:
    ends = time.monotonic() + _PATIENCE
    late = [part.name for part in parts if not part.ended(max(0.0, ends - time.monotonic()))]
    if late:
        _logger.warning("left behind; the next run goes on from there", extra={"parts": ", ".join(late)})
    if failed := [part.name for part in parts if part.failed]:
        raise PublisherError(f"stopped, for a part failed: {', '.join(failed)}", hint="the log says why")
    _logger.info("stopped")


def _application(
    config: Config, scheduler: Scheduler, clock: Callable[[], datetime], stop: Stop
) -> Application:
    from publisher.render.templates import Templates
    from publisher.web import Site, application

    store = Store.open(config.database_file)
    site = Site(
        config=config,
        store=store,
        templates=Templates(config.templates_folder, config.site.language, config.zone),
        clock=clock,
        wake=scheduler.wake,
        progress=lambda: scheduler.progress,
        secret=store.secret(),
        stop=stop,
    )
    return application(site)


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """One process serves a site; a second would be in the way of nothing, but is a mistake."""
    try:
        with held(config.database_file.with_suffix(".serving"), "publish serve"):
            yield
    except RunHeld as error:
        holder = error.lines[0].partition(": ")[2]
        raise PublisherError(f"this site is served already: {holder}", hint="stop that one first") from None
