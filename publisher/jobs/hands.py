"""What a run leaves to workers, where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from publisher.config import Config
from publisher.jobs import engine
from publisher.jobs.board import Board
from publisher.jobs.crew import RemoteCrew
from publisher.model import Facts
from publisher.store import Store


class Hands:
    """The workers of a site: `takers` is how many take jobs of each queue."""

    def __init__(self, config: Config, takers: Mapping[str, int]) -> None:
        self._config, self._takers = config, takers
        self._url = str(config.database_at)

    @classmethod
    def of(cls, config: Config) -> Hands:
        """Those that gave a sign of life lately; what none of them takes a run does itself."""
        with Board.at(str(config.database_at)) as board:
            engine.prepare(board.connection)
            return cls(config, board.takers(engine.LOST))

    def take(self, *queues: str) -> bool:
        """Whether anybody takes jobs of one of these queues."""
        return any(self._takers.get(queue) for queue in queues)

    @staticmethod
    def facts(known: Facts, config: Config) -> Facts:
        """With how the workers of a site stand; nothing changes where it has none."""
        if config.work.engine != "procrastinate":
            return known
        with Board.at(str(config.database_at)) as board:
            if not engine.is_prepared(board.connection):
                return replace(known, workers=0)
            return replace(
                known,
                workers=board.workers(engine.LOST),
                queues=board.queues(),
                labour=board.labour(),
            )

    def crew(self) -> RemoteCrew:
        """For shards of seeds and documents."""
        return RemoteCrew(self._config, self._takers)

    def recorded(self, connection: Any) -> None:
        """An edition is recorded in the transaction of a driver's connection: its delivery is put up in the same."""
        if self.take("deliver"):
            engine.put_up(connection, "deliver")

    def leaves(self, queue: str, store: Store, now: datetime) -> bool:
        """Leave hubs, reports or deliveries to a worker, where there is anything to do; false where none takes them."""
        if not self.take(queue):
            return False
        bounces = self._config.mail.bounces
        waits = {
            "ping": lambda: bool(store.open_pings(now)),
            "bounces": lambda: bool(bounces.maildir or bounces.imap.host),
            "deliver": lambda: bool(self._config.digest),  # what a lost process had claimed is due again, too
        }
        if waits[queue]():
            with Board.at(self._url) as board:
                engine.put_up_once(board.connection, queue)
        return True
