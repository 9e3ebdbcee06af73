"""A crew of other machines: shards go to the board, and whoever has time does them, this process too."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar

from publisher.config import Config
from publisher.crew import Crew
from publisher.idling import left_by
from publisher.jobs import engine, wire
from publisher.jobs.board import Board
from publisher.jobs.board import Order as PutUp
from publisher.output import output_of

Order = TypeVar("Order")
Shard = TypeVar("Shard")
Done = TypeVar("Done")

_AHEAD = 4
"""Shards for each worker that are put up and not gathered."""
_GIVEN_UP = engine.LOST * 2
"""Seconds after which a shard that was taken is done here, if nothing else is left to do."""
_LOOK = 0.02
"""Seconds between two looks at the board where there is nothing to do."""


class RemoteCrew(Crew):
    """Workers wherever they are, at a site on PostgreSQL; they must go by the same rules (`rules_of`).

    `takers` is how many take shards of each kind; those that nobody takes are done by processes of this machine.
    """

    larger = 3
    """A shard goes through the database, which costs as much as five seeds or pages."""

    def __init__(self, config: Config, takers: Mapping[str, int]) -> None:
        super().__init__(config.work.processes)
        self._config, self._takers = config, takers
        self._here = Crew(config.work.processes)
        if takers.get("render"):
            self.number = max(self.number, 2)  # there are others, although none of this machine

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Send the processes of this machine away, if there are any."""
        self._here.__exit__(kind, error, trace)

    def __enter__(self) -> Self:
        with Board.at(str(self._config.database_at)) as board:
            board.clear()
        return self

    def each(
        self,
        make: Callable[[Order], Callable[[Shard], Done]],
        order: Order,
        shards: Iterable[Shard],
        asked: Callable[[], bool],
    ) -> Iterator[tuple[Shard, Done]]:
        """Do shards as `publisher.crew.Crew` does."""
        name = wire.NAMES[make]
        if not self._takers.get(name):
            yield from self._here.each(make, order, shards, asked)
            return
        with Board.at(str(self._config.database_at), f"publish: {name}") as board:
            sign = output_of(self._config).leave_sign() if name == "render" else ""
            put_up = board.put_up(PutUp(name, rules_of(self._config), sign, wire.KINDS[name].order(order)))
            try:
                yield from _Task(board, put_up, name, lambda: make(order), self._takers[name]).each(
                    shards, asked
                )
            finally:
                board.take_down(put_up)


class _Task:
    """One order on the board."""

    def __init__(
        self, board: Board, order: int, name: str, make: Callable[[], Callable[[Any], Any]], takers: int
    ) -> None:
        self._board, self._order, self._name = board, order, name
        self._make = make
        self._made: Callable[[Any], Any] | None = None
        self._room = _AHEAD * (takers + 1)
        self._done: dict[int, Any] = {}

    def each(self, shards: Iterable[Any], asked: Callable[[], bool]) -> Iterator[tuple[Any, Any]]:
        waiting, under_way = enumerate(shards), deque[tuple[int, Any]]()
        while True:
            if not asked():
                under_way.extend(self._handed_out(list(islice(waiting, self._room - len(under_way)))))
            if not under_way:
                return
            self._gather()
            while under_way and under_way[0][0] in self._done:
                number, shard = under_way.popleft()
                yield shard, self._done.pop(number)
            if under_way:
                self._help(under_way)

    def _help(self, under_way: Sequence[tuple[int, Any]]) -> None:
        """Do a shard that nobody has, or one that somebody has for too long; else wait a little."""
        first = under_way[0][0]
        mine = self._board.take_any(self._order)
        if mine is None and self._board.take_over(self._order, first, _GIVEN_UP):
            mine = first
        if mine is None:
            time.sleep(_LOOK)
        else:
            self._do(mine, dict(under_way)[mine])

    def _handed_out(self, some: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
        if some:
            write = wire.KINDS[self._name].shard
            with self._board.connection.transaction():
                self._board.hand_out(self._order, [(number, write(shard)) for number, shard in some])
                jobs = [{"order": self._order, "number": number} for number, _ in some]
                engine.put_up(self._board.connection, self._name, jobs)
        return some

    def _gather(self) -> None:
        read = wire.KINDS[self._name].done
        self._done |= {number: read(done) for number, done in self._board.gather(self._order)}

    def _do(self, number: int, shard: Any) -> None:
        self._made = self._made or self._make()
        self._done[number] = self._made(shard)


def rules_of(config: Config) -> str:
    """The digest of what whoever does shards must go by: program, configuration and templates."""
    return left_by(config, {})
