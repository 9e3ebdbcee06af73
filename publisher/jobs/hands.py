"""What a run leaves to workers, where there are any."""

from __future__ import annotations

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
    """The workers of a site."""

    def __init__(self, config: Config, workers: int) -> None:
        self._config, self._workers = config, workers
        self._url = str(config.database_at)

    @classmethod
    def of(cls, config: Config) -> Hands | None:
        """Nobody where the configuration has no workers, or none gives a sign of life: then a run does all itself."""
        if config.work.engine != "procrastinate":
            return None
        with Board.at(str(config.database_at)) as board:
            engine.prepare(board.connection)
            workers = engine.workers(board.connection)
        return cls(config, workers) if workers else None

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
                workers=engine.workers(board.connection),
                queues=board.queues(),
                labour=board.labour(),
            )

    def crew(self) -> RemoteCrew:
        """For shards of seeds and documents."""
        return RemoteCrew(self._config, self._workers)

    def recorded(self, connection: Any) -> None:
        """An edition is recorded in the transaction of a driver's connection: its delivery is put up in the same."""
        engine.put_up(connection, "deliver")

    def leave(self, store: Store, now: datetime) -> None:
        """Put up whatever may wait: hubs to be told, reports to be read, deliveries that are due."""
        bounces = self._config.mail.bounces
        waits = {
            "ping": bool(store.open_pings(now)),
            "bounces": bool(bounces.maildir or bounces.imap.host),
            "deliver": bool(self._config.digest),  # what a lost process had claimed is due again, too
        }
        with Board.at(self._url) as board:
            for kind, is_wanted in waits.items():
                if is_wanted:
                    engine.put_up_once(board.connection, kind)
