"""Several processes for work that comes in shards: this one and others; where another was killed, it is done here.

::

    shards ─▶ Crew.each(make, order, shards) ─▶ (shard, what became of it), in their order

`order` is what all shards have in common and `make` turns it into a function of one shard, once in each process.
Both can be pickled, `make` by its name, so nothing depends on who does a shard, nor on how often it is done.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from itertools import islice
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from publisher import collecting

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Order = TypeVar("Order")
Shard = TypeVar("Shard")
Done = TypeVar("Done")

WORTH_IT = 400
"""Files to read or to write; for fewer, other processes take longer to start than they save."""

_AHEAD = 3
"""Shards that each process has: one in its hands, and some to go on with."""
_MOST = 100
"""Shards that may be done or under way; with so many, nothing more is begun before the first one comes back."""


class Crew:
    """Processes, this one and others, which live until the end of a `with`; they start when there is work for them.

    `processes` is how many in all, 0 for as many as there are cores.
    """

    larger = 1
    """How many times as large shards are worth it to be."""

    def __init__(self, processes: int) -> None:
        self.number = processes or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def each(
        self,
        make: Callable[[Order], Callable[[Shard], Done]],
        order: Order,
        shards: Iterable[Shard],
        asked: Callable[[], bool],
    ) -> Iterator[tuple[Shard, Done]]:
        """Do shards, some ahead; where it is `asked` to stop, those under way are finished."""
        if self.number > 1:
            yield from _Task(self._started(), self.number - 1, make, order).each(shards, asked)
            return
        alone = make(order)
        for shard in shards:
            if asked():
                return
            yield shard, alone(shard)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context

            # Each starts from nothing, for this one may have threads and connections.
            self._pool = ProcessPoolExecutor(self.number - 1, get_context("spawn"), initializer=_prepare)
        return self._pool


class _Task(Generic[Order, Shard, Done]):
    """One order, done by the `number` processes of a pool and, while these are at it, by this one."""

    def __init__(
        self,
        pool: ProcessPoolExecutor,
        number: int,
        make: Callable[[Order], Callable[[Shard], Done]],
        order: Order,
    ) -> None:
        self._pool, self._number, self._make, self._order = pool, number, make, order
        self._name = os.urandom(8)
        self._told = 0
        self._make_here: Callable[[Shard], Done] | None = None

    def each(self, shards: Iterable[Shard], asked: Callable[[], bool]) -> Iterator[tuple[Shard, Done]]:
        waiting, under_way = iter(shards), deque[tuple[Shard, Future[Any]]]()
        while True:
            going_on = not asked()
            busy = sum(not future.done() for _, future in under_way)
            room = _AHEAD * self._number - busy if going_on else 0
            under_way.extend((shard, self._submitted(shard)) for shard in islice(waiting, max(0, room)))
            first = not under_way or under_way[0][1].done()
            mine = list(islice(waiting, 0 if first or not going_on or len(under_way) >= _MOST else 1))
            if mine:  # others are at what comes first: meanwhile something of the rest is done here
                under_way.append((mine[0], _settled(self._here(mine[0]))))
            elif under_way:
                shard, future = under_way.popleft()
                yield shard, self._done(shard, future)
            else:
                return

    def _here(self, shard: Shard) -> Done:
        self._make_here = self._make_here or self._make(self._order)
        return self._make_here(shard)

    def _submitted(self, shard: Shard) -> Future[Any]:
        # The first ones bring the order with them; a process that has got none of these asks for it.
        self._told += 1
        return self._sent(shard, told=self._told <= 2 * self._number)

    def _sent(self, shard: Shard, *, told: bool) -> Future[Any]:
        order = (self._make, self._order) if told else None
        try:
            return self._pool.submit(_do, self._name, order, shard)
        except BrokenExecutor as error:
            failed = Future[Any]()
            failed.set_exception(error)
            return failed

    def _done(self, shard: Shard, future: Future[Any]) -> Done:
        try:
            done = future.result()
            if done == _UNTOLD:
                done = self._sent(shard, told=True).result()
        except BrokenExecutor:
            # A process was killed, and the pool with it: the rest is done here.
            return self._here(shard)
        result: Done = done
        return result


def _settled(done: Done) -> Future[Any]:
    future = Future[Any]()
    future.set_result(done)
    return future


_UNTOLD = "untold"
_at_hand = dict[bytes, Callable[[Any], Any]]()
"""In a process of a crew: what does the shards of the order that it has now, by the name of that."""


def _do(name: bytes, told: tuple[Callable[[Any], Callable[[Any], Any]], Any] | None, shard: Any) -> Any:
    if name not in _at_hand:
        if told is None:
            return _UNTOLD
        make, order = told
        _at_hand.clear()
        _at_hand[name] = make(order)
    return _at_hand[name](shard)


def _prepare() -> None:
    """Make this process one of a crew. It leaves signals to its parent, and ends when that ends."""
    collecting.seldom()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
