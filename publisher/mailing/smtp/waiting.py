"""The messages of one run that wait: asked for one by one, and those that came back in front."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator

from publisher.mailing.outgoing import Outgoing


class Waiting:
    """Counts what was taken from `messages` and has no outcome yet: `open`.

    What `messages` raises `failed` hears first.
    """

    _MOST_TRIES = 3
    """A message over which connections break, before its body leaves, is not offered for ever."""

    def __init__(self, messages: Iterator[Outgoing], failed: Callable[[BaseException], None]) -> None:
        self._messages: Iterator[Outgoing] | None = messages
        self._failed = failed
        self._here: deque[Outgoing] = deque()
        self._tries: Counter[tuple[int, int]] = Counter()
        self.open = 0

    def ahead(self, count: int) -> int:
        """How many wait; looks no further than `count`."""
        while len(self._here) < count and self._messages is not None:
            try:
                message = next(self._messages, None)
            except BaseException as error:
                self._failed(error)
                raise
            if message is None:
                self._messages = None
            else:
                self.open += 1
                self._here.append(message)
        return len(self._here)

    def take(self) -> Outgoing | None:
        """The next, if there is one."""
        return self._here.popleft() if self._here or self.ahead(1) else None

    def give_back(self, message: Outgoing) -> bool:
        """Put a message back that has not left; false where it came back too often."""
        self._tries[message.key] += 1
        if self._tries[message.key] >= self._MOST_TRIES:
            return False
        self._here.append(message)
        return True

    def close(self) -> list[Outgoing]:
        """Ask for nothing more; those that wait."""
        self._messages = None
        left, self._here = list(self._here), deque()
        return left
