"""The gate to the ledger: what connections want to remember at about one moment goes through in one call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from publisher.mailing.outgoing import Gate, Outcome, Outgoing


class Gatekeeper:
    """Collects outcomes and messages about to leave, asks the gate once, then lets all of them go.

    Where calls are dear (they wait for a disk) and leave little time between them, it waits for those
    that are likely to come (`expected` says how many), for as long as the last call took and at most
    `longest` seconds. Where there is time between them, that would only keep the relay waiting.
    """

    _DEAR = 0.0005

    def __init__(
        self,
        gate: Gate,
        expected: Callable[[], int],
        then: Callable[[], None],
        clock: Callable[[], float],
        longest: float = 0.005,
    ) -> None:
        self._gate, self._expected, self._then, self._clock = gate, expected, then, clock
        self._longest = longest
        self._loop = asyncio.get_running_loop()
        self._done: list[Outcome] = []
        self._leaving: dict[tuple[int, int], tuple[Outgoing, Callable[[], None]]] = {}
        self._timer: asyncio.Handle | None = None
        self._patient = False
        self._cost = 0.0
        self._ended = 0.0
        self.failed = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing that the ledger does not know."""
        return not self._done and not self._leaving

    def done(self, outcome: Outcome) -> None:
        """Remember what became of a message, soon."""
        self._done.append(outcome)
        self._schedule()

    def leaving(self, message: Outgoing, release: Callable[[], None]) -> None:
        """Call `release` as soon as it is remembered that `message` leaves."""
        self._leaving[message.key] = message, release
        self._schedule()

    def withdraw(self, message: Outgoing) -> None:
        """It does not leave after all."""
        self._leaving.pop(message.key, None)

    def flush(self) -> None:
        """Ask the gate now."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._patient = None, False
        if self.empty or self.failed:
            return
        done, self._done = self._done, []
        leaving, self._leaving = self._leaving, {}
        began = self._clock()
        try:
            self._gate.pass_(done, [message for message, _ in leaving.values()])
        except BaseException:
            self.failed = True
            raise
        self._ended = self._clock()
        self._cost = self._ended - began
        for _, release in leaving.values():
            release()
        self._then()

    def _schedule(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_soon(self._gathered)
        elif self._patient and len(self._leaving) >= self._expected():
            self._timer.cancel()
            self._timer = self._loop.call_soon(self.flush)
            self._patient = False

    def _gathered(self) -> None:
        """All who came in one turn of the loop are here."""
        hurried = self._cost > self._DEAR and self._clock() - self._ended < self._cost
        if hurried and len(self._leaving) < self._expected():
            self._timer = self._loop.call_later(min(self._cost, self._longest), self.flush)
            self._patient = True
        else:
            self.flush()
