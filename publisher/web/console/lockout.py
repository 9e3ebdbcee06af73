"""Who tries passwords waits, longer after each failure: each client by itself, and all of them together.

What is remembered has a bound: whoever comes from a thousand places meets the second limit.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from publisher.web.guards.limits import network_of

_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Patience:
    """So many failures are `free`; the next costs `first`, each further one twice as much, up to `longest`.

    Failures are forgotten when none was added for as long as `memory`.
    """

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta

    def pause(self, failures: int) -> timedelta:
        """How long one has to wait after so many failures in a row."""
        over = failures - self.free
        return min(self.longest, self.first * 2 ** min(over, 30)) if over >= 0 else _NONE


CLIENT = Patience(5, timedelta(seconds=30), timedelta(hours=1), timedelta(hours=12))
EVERYBODY = Patience(50, timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=15))
MOST = 1000
"""Clients that are remembered."""


class Lockout:
    """Counts attempts. One counts as failed from its beginning, so that many at once gain nothing."""

    def __init__(self, client: Patience = CLIENT, everybody: Patience = EVERYBODY, most: int = MOST) -> None:
        self._client, self._everybody, self._most = client, everybody, most
        self._clients: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._all: tuple[int, datetime] | None = None
        self._lock = Lock()

    def attempt(self, address: str, now: datetime) -> timedelta:
        """How long this client has to wait; nothing: he may try, and has failed unless `succeeded` is told."""
        client = network_of(address)
        with self._lock:
            mine = self._remembered(self._clients.get(client), self._client, now)
            everybody = self._remembered(self._all, self._everybody, now)
            wait = max(_left(mine, self._client, now), _left(everybody, self._everybody, now))
            if wait > _NONE:
                return wait
            self._clients[client] = ((mine[0] if mine else 0) + 1, now)
            self._clients.move_to_end(client)
            self._all = ((everybody[0] if everybody else 0) + 1, now)
            if len(self._clients) > self._most:
                self._clients.popitem(last=False)
        return _NONE

    def succeeded(self, address: str) -> None:
        """The last attempt of this client was no failure, and those before it are forgiven."""
        with self._lock:
            self._clients.pop(network_of(address), None)
            if self._all:
                self._all = (self._all[0] - 1, self._all[1])

    @staticmethod
    def _remembered(
        found: tuple[int, datetime] | None, patience: Patience, now: datetime
    ) -> tuple[int, datetime] | None:
        return found if found and now - found[1] < patience.memory else None


def _left(found: tuple[int, datetime] | None, patience: Patience, now: datetime) -> timedelta:
    return found[1] + patience.pause(found[0]) - now if found else _NONE
