"""How fast, and over how many connections at once: what a relay was promised and what it asks for."""

from __future__ import annotations


class Pace:
    """At most `per_second` messages, evenly; 0: no limit. Times are seconds on any clock that only goes on."""

    _BURST = 0.1
    """What was missed within this time may be made up for: timers are late by less."""

    def __init__(self, per_second: int) -> None:
        self._apart = 1 / per_second if per_second else 0.0
        self._next = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next may leave."""
        return max(0.0, self._next - now)

    def spend(self, now: float) -> None:
        """One leaves."""
        if self._apart:
            self._next = max(self._next, now - self._BURST) + self._apart


class Congestion:
    """How many connections at once: halved when the relay asks for patience, one more after each `_GROWTH` that worked.

    What comes within a second of that counts once: connections at once are told at once.
    """

    _GROWTH = 50
    _ONE_TROUBLE = 1.0

    def __init__(self, most: int) -> None:
        self.allowed = most
        self._most = most
        self._worked = 0
        self._last_trouble = float("-inf")

    def trouble(self, now: float, working: int | None = None) -> None:
        """The relay asks for patience; `working` connections it bears at the moment, where that is known."""
        if now - self._last_trouble >= self._ONE_TROUBLE:
            self.allowed //= 2
        if working is not None:
            self.allowed = min(self.allowed, working)
        self.allowed = max(1, self.allowed)
        self._last_trouble = now
        self._worked = 0

    def restart(self) -> None:
        """Begin again with one."""
        self.allowed, self._worked = 1, 0

    def worked(self) -> bool:
        """A message went well; says whether there may be one more connection now."""
        if self.allowed == self._most:
            return False
        self._worked += 1
        if self._worked < self._GROWTH:
            return False
        self.allowed, self._worked = self.allowed + 1, 0
        return True
