"""Being asked to stop: from any thread or signal handler, once and for good.

Whoever works asks between two steps that each leave things in order; whoever waits for something is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, RLock


class Stop:
    """A wish that is not taken back."""

    def __init__(self) -> None:
        self._event = Event()
        # A signal handler runs in the main thread, which may hold the lock just then.
        self._lock = RLock()
        self._told: list[Callable[[], object]] = []

    @property
    def asked(self) -> bool:
        """Whether it is time to stop."""
        return self._event.is_set()

    def ask(self) -> None:
        """Ask for it; asking again changes nothing."""
        with self._lock:
            first, told = not self._event.is_set(), list(self._told)
            self._event.set()
        if first:
            for do in told:
                do()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether it is time to stop."""
        return self._event.wait(seconds)

    @contextmanager
    def telling(self, do: Callable[[], object]) -> Iterator[None]:
        """Call `do` as soon as it is time to stop, if that is meanwhile or before; from whatever thread asks."""
        with self._lock:
            late = self._event.is_set()
            self._told.append(do)
        try:
            if late:
                do()
            yield
        finally:
            with self._lock:
                self._told.remove(do)


NEVER = Stop()
"""For whoever works to the end. Nobody asks it."""
