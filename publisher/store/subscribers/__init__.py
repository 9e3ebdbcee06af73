"""Who gets mail: the part of `publisher.store.Store` that knows subscribers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from publisher.model import Admission, Happening, Subscriber, SubscriberState, Subscription
from publisher.store import secret as secrets
from publisher.store import tables as t
from publisher.store.connected import Connected
from publisher.store.subscribers import asking, joining, leaving, questions


class Subscribers(Connected):
    """Questions about subscribers, and what may happen to them.

    Everything that happens leaves a line in the history, in the same transaction.
    """

    def secret(self) -> str:
        """The secret of the site, 64 hexadecimal digits; drawn where there was none."""
        with self._transaction() as connection:
            return secrets.secret(connection)

    def subscriber(self, number: int) -> Subscriber | None:
        """The subscriber with this number."""
        if self._engine is None:
            return None
        with self._reading() as connection:
            return questions.find(connection, t.subscriber.c.number == number)

    def subscriber_with_key(self, key: str) -> Subscriber | None:
        """The subscriber with this folded address (`publisher.mailboxes.key_of`)."""
        if self._engine is None:
            return None
        with self._reading() as connection:
            return questions.find(connection, t.subscriber.c.key == key)

    def subscribers(
        self, state: SubscriberState | None = None, digest: str = "", *, history: bool = False
    ) -> Iterator[Subscriber]:
        """Everybody in that state and on the list of that digest, by number; few are in memory at a time."""
        if self._engine is not None:
            with self._reading() as connection:
                yield from questions.stream(connection, state, digest, history=history)

    def subscriber_count(self, state: SubscriberState | None = None, digest: str = "") -> int:
        """How many there are in that state and on the list of that digest."""
        if self._engine is None:
            return 0
        with self._reading() as connection:
            return questions.count(connection, state, digest)

    def subscriber_history(self, number: int) -> list[Happening]:
        """What happened to a subscriber, in order."""
        if self._engine is None:
            return []
        with self._reading() as connection:
            return questions.history(connection, number)

    def admit(
        self, people: Sequence[Subscriber], source: str, now: datetime, *, change: bool = False
    ) -> list[Admission]:
        """Add people where that is allowed, in their order; what became of each.

        Nobody comes back who left, bounced, complained or was erased. What somebody gets already is kept
        as it is, unless it is to `change`. `source` says in the history where they came from.
        """
        with self._transaction() as connection:
            return joining.admit(connection, people, source, now, change=change)

    def ask(self, person: Subscriber, now: datetime) -> tuple[int, int]:
        """Note what somebody asks for in the name of an address; his number, and that of the request."""
        with self._transaction() as connection:
            return asking.ask(connection, person, now)

    def confirm(self, number: int, request: int, now: datetime) -> bool:
        """Do what a request asks for; false where it is not open or must not be done."""
        with self._transaction() as connection:
            return asking.confirm(connection, number, request, now)

    def change(self, number: int, choices: Sequence[Subscription], language: str, now: datetime) -> bool:
        """Bring what an active subscriber gets to exactly these choices; false where he is not active."""
        with self._transaction() as connection:
            return asking.change(connection, number, choices, language, now)

    def unsubscribe(self, number: int, digest: str, reason: str, now: datetime) -> bool:
        """Take a subscriber off the list of a digest, or of all (``""``); false where he was off already."""
        with self._transaction() as connection:
            return leaving.unsubscribe(connection, number, digest, reason, now)

    def bounced(self, number: int, *, hard: bool, limit: int, reason: str, now: datetime) -> SubscriberState:
        """Count a message that did not arrive; the state then (`unsubscribed` for somebody erased).

        A hard one ends it, or `limit` soft ones in a row.
        """
        with self._transaction() as connection:
            return leaving.bounced(connection, number, hard=hard, limit=limit, reason=reason, now=now)

    def delivered(self, numbers: Iterable[int]) -> None:
        """Messages arrived: the soft bounces of these subscribers are counted from the beginning."""
        with self._transaction() as connection:
            leaving.delivered(connection, numbers)

    def complained(self, number: int, reason: str, now: datetime) -> bool:
        """Somebody called a message spam: he never gets another; false where that was known."""
        with self._transaction() as connection:
            return leaving.complained(connection, number, reason, now)

    def forget_unconfirmed(self, before: datetime) -> int:
        """Forget what was asked for before a moment and never confirmed; how many addresses went with it."""
        with self._transaction() as connection:
            return leaving.forget_unconfirmed(connection, before)

    def erase(self, key: str, now: datetime) -> bool:
        """Forget an address with all that hangs on it, but for a keyed hash; whether it was known."""
        with self._transaction() as connection:
            return leaving.erase(connection, key, now)
