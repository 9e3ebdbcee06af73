"""Being asked to stop: from any thread or signal handler, once and for good.

Whoever works asks between two steps that each leave things in order; whoever waits for something is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Event


class Stop:
    """A wish that is not taken back."""

    def __init__(self) -> None:
        self._event = Event()
        # No lock: a signal handler runs in a thread that may hold it just then. A list's own steps are whole.
        self._told: list[Callable[[], object]] = []

    @property
    def asked(self) -> bool:
        """Whether it is time to stop."""
        return self._event.is_set()

    def ask(self) -> None:
        """Ask for it; asking again changes nothing. Each is told, although one may fail; that is raised then."""
        if not self._event.is_set():
            self._event.set()
            self._tell()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether it is time to stop."""
        return self._event.wait(seconds)

    @contextmanager
    def telling(self, do: Callable[[], object]) -> Iterator[None]:
        """Call `do` as soon as it is time to stop, if that is meanwhile or before; from whatever thread asks."""
        self._told.append(do)
        try:
            if self._event.is_set():  # looked at last: who asks from now on finds `do`
                self._tell()
            yield
        finally:
            with suppress(ValueError):
                self._told.remove(do)

    def _tell(self) -> None:
        """Tell everybody who was not told yet."""
        with ExitStack() as telling, suppress(IndexError):
            while True:
                telling.callback(self._told.pop())  # from the end, as they are called last in, first out


NEVER = Stop()
"""For whoever works to the end. Nobody asks it."""
