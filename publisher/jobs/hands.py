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

    def leave(self, store: Store, now: datetime) -> None:
        """Put up what somebody takes and may wait: hubs to be told, reports to be read, deliveries that are due."""
        if not self.take("ping", "bounces", "deliver"):
            return
        bounces = self._config.mail.bounces
        waits = {
            "ping": bool(store.open_pings(now)),
            "bounces": bool(bounces.maildir or bounces.imap.host),
            "deliver": bool(self._config.digest),  # what a lost process had claimed is due again, too
        }
        with Board.at(self._url) as board:
            for kind, is_wanted in waits.items():
                if is_wanted and self.take(kind):
                    engine.put_up_once(board.connection, kind)
