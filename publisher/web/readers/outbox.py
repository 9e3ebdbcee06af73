"""Mails that ask to confirm leave at once, in a thread: nobody waits for a relay, and no run has to come.

What a relay does not take now is tried again for some hours. A process that ends forgets the rest: who
asked and got nothing asks again.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from publisher.config import Config
from publisher.confirmations import Confirmations
from publisher.errors import PublisherError
from publisher.mailing import TRANSPORTS
from publisher.mailing.outgoing import Fate, Outcome, Outgoing
from publisher.subscribing import Asked

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long after a failure that may pass the next try comes."""
ROOM = 5000
"""Mails that wait at most; more are dropped."""
_PERMANENT = range(500, 600)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that has not left: when it was asked for, when it is due, and how often it was tried."""

    asked: Asked
    since: datetime
    due: datetime
    tries: int = 0


@dataclass(slots=True)
class _Notes:
    """A gate that lets everything pass; see `publisher.mailing.outgoing.Gate`."""

    outcomes: list[Outcome] = field(default_factory=list)

    def pass_(self, done: Sequence[Outcome], leaving: Sequence[Outgoing]) -> None:
        self.outcomes.extend(done)


class Outbox:
    """Sends for one site between its first mail and `close`; by itself, or only when told to `deliver`.

    `waiting` are the mails that have not left.
    """

    def __init__(
        self,
        config: Config,
        letters: Confirmations,
        clock: Callable[[], datetime],
        *,
        by_itself: bool = True,
    ) -> None:
        self._by_itself = by_itself
        self._config, self._letters, self._clock = config, letters, clock
        self.waiting: deque[Waiting] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def put(self, asked: Asked) -> None:
        """Send a mail soon; returns at once."""
        now = self._clock()
        with self._changed:
            if self._closed or len(self.waiting) >= ROOM:
                _logger.warning("a confirmation was dropped: too many wait", extra={"waiting": ROOM})
                return
            self.waiting.append(Waiting(asked, now, now))
            if self._thread is None and self._by_itself:
                self._thread = threading.Thread(target=self._work, name="confirmations", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self, patience: float = 2.5) -> None:
        """Send what is due, for so many seconds at most, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(patience)

    def deliver(self, now: datetime) -> int:
        """Send what is due; how many mails left. What a transport that breaks did not come to waits again."""
        with self._changed:
            due = [item for item in self.waiting if item.due <= now]
            self.waiting = deque(item for item in self.waiting if item.due > now)
        made = {message.key[1]: (item, message) for item, message in self._messages(due)}
        notes = _Notes()
        try:
            if made:
                transport = TRANSPORTS[self._config.mail.transport](self._config)
                transport.deliver(iter([message for _, message in made.values()]), notes)
        finally:
            outcomes = {outcome.message.key[1]: outcome for outcome in notes.outcomes}
            for number, (item, _) in made.items():
                self._settle(item, outcomes.get(number), now)
        return sum(outcome.fate is Fate.SENT for outcome in notes.outcomes)

    def _messages(self, due: Sequence[Waiting]) -> list[tuple[Waiting, Outgoing]]:
        made = []
        for number, item in enumerate(due):
            try:
                message = self._letters.message(item.asked, item.since)
            except PublisherError as error:
                _logger.warning("a confirmation cannot be written", extra={"why": str(error)})
                continue
            # No delivery of the ledger: the keys only tell these messages apart.
            made.append((item, replace(message, key=(0, number))))
        return made

    def _settle(self, item: Waiting, outcome: Outcome | None, now: datetime) -> None:
        if outcome is not None and outcome.fate in (Fate.SENT, Fate.UNCERTAIN):
            return
        code, answer = (outcome.code, outcome.answer) if outcome else (0, "no answer")
        if code in _PERMANENT or item.tries >= len(DELAYS):
            _logger.warning("a confirmation was not taken", extra={"code": code, "answer": answer})
            return
        again = replace(item, due=now + DELAYS[item.tries], tries=item.tries + 1)
        with self._changed:
            self.waiting.append(again)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and not self._is_due():
                    # Clocks of machines jump: what waits for later is looked at now and then.
                    self._changed.wait(5.0 if self.waiting else None)
                if self._closed and not self._is_due():
                    return
            try:
                self.deliver(self._clock())
            except Exception:  # a thread that ended would keep all later mails
                _logger.exception("confirmations could not be sent")

    def _is_due(self) -> bool:
        now = self._clock()
        return any(item.due <= now for item in self.waiting)
