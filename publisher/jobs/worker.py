"""What a worker does with each kind of job, until it is asked to stop."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from publisher import log, returns
from publisher.config import Config
from publisher.errors import StoreError
from publisher.jobs import engine, team, wire
from publisher.jobs.board import Board, Standing
from publisher.jobs.crew import rules_of
from publisher.model import DeliveryState
from publisher.output import output_of
from publisher.planning.deserving import deserving
from publisher.posting import Postman
from publisher.render.templates import Templates
from publisher.stopping import Stop
from publisher.store import Store
from publisher.store.locks import holder
from publisher.websub import Announcer

if TYPE_CHECKING:
    from procrastinate import JobContext

_LOG = logging.getLogger(__name__)
_TAKEN = {DeliveryState.CLAIMED, DeliveryState.SENDING}
_AGAIN = 10.0
"""Seconds before somebody looks again for deliveries that somebody else had claimed."""
_HEARING = 60.0
"""Seconds for which deliveries wait for reports to be read."""
_PAUSE = 2.0
"""Seconds before a server that did not answer is asked again."""


class Worker:
    """One worker, which does one job at a time.

    `load` reads the configuration, anew where an order goes by other rules than those it has.
    """

    def __init__(self, load: Callable[[], Config], stop: Stop, name: str = "") -> None:
        self._load, self._config, self._stop = load, load(), stop
        self.name = name or f"{socket.gethostname()}-{os.getpid()}"
        self._url = str(self._config.database_at)
        self._standing = Standing(self._url, self.name)
        self._order = self._apart = 0
        self._do: Callable[[bytes], bytes] = _nothing

    def work(self, queues: Sequence[str]) -> None:
        """Do jobs until it is time to stop; a server that does not answer is asked again and again."""
        tasks = {kind: self._task(kind, getattr(self, kind)) for kind in ("deliver", "ping", "bounces")}
        tasks |= {kind: self._task(kind, self.shard) for kind in ("read", "render")}
        Store.open(self._url)

        def beat() -> None:
            with Board.at(self._url, self.name) as board:
                board.alive(self.name, queues)

        while not self._stop.asked:
            try:
                beat()
                engine.run(self._url, self.name, tasks, queues, beat, self._stop.telling)
            except StoreError as error:
                _LOG.warning("the database does not answer", extra={"reason": str(error)})
            self._stop.wait(_PAUSE)
        self._standing.close()
        with suppress(StoreError), Board.at(self._url, self.name) as board:
            board.leave(self.name)

    def _task(self, kind: str, do: Callable[..., None]) -> Callable[..., None]:
        def task(context: JobContext, **arguments: Any) -> None:
            began = time.monotonic()
            with log.run(_now()), self._standing.board() as board:
                do(board, context, **arguments)
                board.worked(self.name, kind, time.monotonic() - began)

        return task

    def shard(self, board: Board, context: JobContext, *, order: int, number: int) -> None:
        """Read a shard of seeds, or make a shard of documents; nothing where it was taken down, or is somebody's."""
        try:
            with board.in_flight():
                do = self._doing(board, order)
                content = do and board.take(order, number, again=context.job.attempts > 0)
                if do and content is not None:
                    self._finish(board, order, number, lambda: do(content))
        except wire.Apart as error:
            if order != self._apart:
                self._apart = order
                _LOG.warning("leaves shards to others", extra={"reason": str(error)})
            self._stop.wait(_PAUSE)  # so that those who can do them get the next ones

    def _finish(self, board: Board, order: int, number: int, do: Callable[[], bytes]) -> None:
        try:
            board.finish(order, number, do())
        except BaseException:
            board.release(order, number)
            raise

    def _doing(self, board: Board, order: int) -> Callable[[bytes], bytes] | None:
        """What does the shards of an order, made once; `publisher.jobs.wire.Apart` where it cannot be done here."""
        if order != self._order:
            given = board.order(order)
            if given is None:
                return None
            if given.rules != rules_of(self._config):
                self._config = self._load()
            if given.rules != rules_of(self._config):
                raise wire.Apart("the run goes by another configuration, other templates or another version")
            if given.sign and not output_of(self._config).has_sign(given.sign):
                raise wire.Apart("this machine sees other files than the run below the output folder")
            self._order, self._do = order, wire.KINDS[given.kind].make(self._config, given.content)
        return self._do

    def deliver(self, board: Board, context: JobContext) -> None:
        """Deliver what is due; the pages to which mails lead come first, and who must not be mailed any more."""
        if holder(self._url, "lock") or board.hears(_HEARING):
            engine.put_up_once(board.connection, "deliver", _PAUSE)
            return
        config = self._load()
        store, counts, failures = Store.open(self._url), Counter[str](), list[str]()
        sources = deserving(config.keywords, store.keyword_sources(), store.frequencies())
        pages = config.output.base == "full"
        postman = Postman(
            config,
            Templates(config.templates_folder, config.site.language, config.zone),
            store,
            store.articles,
            frozenset(keyword.slug for keyword, _ in sources if pages),
            _now,
            _quiet,
            self._stop,
        )
        postman.deliver(counts, failures)
        _tell("delivered", counts, failures)
        if self._stop.asked and store.waiting_deliveries(_now()):
            engine.put_up_once(board.connection, "deliver")  # another goes on with them
        elif not _TAKEN.isdisjoint(store.delivery_counts()):
            engine.put_up_once(
                board.connection, "deliver", _AGAIN
            )  # somebody has them who is at it, or is lost and will be noticed

    def ping(self, board: Board, context: JobContext) -> None:
        """Tell hubs what is to be told."""
        counts, failures = Counter[str](), list[str]()
        config, store = self._load(), Store.open(self._url)
        Announcer(config, store, _now, _quiet, stop=self._stop).announce(counts, failures)
        _tell("hubs told", counts, failures)
        if self._stop.asked and store.open_pings(_now()):
            engine.put_up_once(board.connection, "ping")

    def bounces(self, board: Board, context: JobContext) -> None:
        """Act on what came back."""
        config = self._load()
        heard = returns.collect(config, Store.open(self._url), _now())
        _tell("reports read", Counter({"reports": len(heard.deeds)}), heard.failures)


def work(load: Callable[[], Config], queues: Sequence[str], concurrency: int, stop: Stop) -> None:
    """Be a worker, or several (`publisher.errors.StoreError` where the site is not on PostgreSQL)."""
    url = load().database_at
    if not isinstance(url, str):
        raise StoreError(
            "a worker needs a site on PostgreSQL",
            hint='see docs/howto/workers.md: [database] url = "postgresql://…"',
        )
    with Board.at(url) as board:
        engine.prepare(board.connection)
        board.forget()

    def do(asked: Stop) -> None:
        Worker(load, asked).work(queues or engine.QUEUES)

    if concurrency == 1:
        do(stop)
    else:
        team.keep(concurrency, do, stop)


def _tell(what: str, counts: Counter[str], failures: Sequence[str]) -> None:
    done = {name: number for name, number in counts.items() if number}
    if done or failures:
        _LOG.info(what, extra=done)
    for failure in failures:
        _LOG.warning(failure)


def _nothing(shard: bytes) -> bytes:
    raise ValueError("no order is at hand")


def _quiet(stage: str, done: int, total: int) -> None:
    """Nobody looks."""


def _now() -> datetime:
    return datetime.now(UTC)
