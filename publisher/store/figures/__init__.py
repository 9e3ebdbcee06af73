"""Figures for a person who looks: the part of `publisher.store.Store` that answers the console.

Every question stays quick over years of editions to a hundred thousand readers: it counts by an index
over few rows, or reads one page.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from publisher.model import (
    DeliveryState,
    EditionFigures,
    Fault,
    Happened,
    RunFigures,
    SubscriberState,
    Trouble,
)
from publisher.store import ledger
from publisher.store.connected import Connected
from publisher.store.figures import content, editions, people

Answer = TypeVar("Answer")


class Figures(Connected):
    """Questions about all that there is; nothing is changed."""

    def editions(self, most: int, skip: int = 0) -> list[EditionFigures]:
        """Editions with their figures, newest first."""
        return self._ask(lambda connection: editions.newest(connection, most, skip), [])

    def edition_figures(self, number: int) -> EditionFigures | None:
        """An edition with its figures."""
        return self._ask(lambda connection: editions.one(connection, number), None)

    def held_editions(self) -> list[EditionFigures]:
        """Every edition that waits for a person, newest first."""
        return self._ask(editions.held, [])

    def under_way(self) -> list[tuple[int, int, int]]:
        """Editions that are being delivered: number, deliveries in all, and how many are open; oldest first."""
        return self._ask(editions.under_way, [])

    def subjects(self, numbers: Collection[int]) -> dict[int, str]:
        """The subjects of editions by number."""
        return self._ask(lambda connection: editions.subjects(connection, numbers), {})

    def edition_count(self) -> int:
        """How many editions there are."""
        return self._ask(editions.count, 0)

    def troubled(
        self, state: DeliveryState | None = None, edition: int = 0, *, most: int = 50, skip: int = 0
    ) -> list[Trouble]:
        """Deliveries that failed, were suppressed or are uncertain, of the newest editions first."""
        return self._ask(lambda connection: editions.troubled(connection, state, edition, most, skip), [])

    def trouble_counts(self, edition: int = 0) -> dict[str, int]:
        """How many deliveries are in each of those states; ``waiting``: uncertain, and a person must say."""
        return self._ask(lambda connection: editions.trouble_counts(connection, edition), {})

    def subscriber_states(self) -> dict[SubscriberState, int]:
        """How many subscribers are in each state."""
        return self._ask(people.states, {})

    def happened(self, since: datetime, offset: timedelta) -> list[Happened]:
        """What happened to subscribers on each day from `since` on; days begin at `offset` from UTC."""
        return self._ask(lambda connection: people.happened(connection, since, offset), [])

    def published(self, since: datetime, offset: timedelta) -> dict[date, int]:
        """How many living articles are dated to each day from `since` on; days begin at `offset` from UTC."""
        return self._ask(lambda connection: content.published(connection, since, offset), {})

    def article_count(self) -> int:
        """How many articles there are that were not withdrawn."""
        return self._ask(content.living, 0)

    def faults(self, most: int = 50, skip: int = 0) -> list[Fault]:
        """Seeds in quarantine by path, each with its reason."""
        return self._ask(lambda connection: content.faults(connection, most, skip), [])

    def fault_count(self) -> int:
        """How many seeds are in quarantine."""
        return self._ask(content.fault_count, 0)

    def last_runs(self, most: int = 5, skip: int = 0) -> list[RunFigures]:
        """Runs that changed something, newest first."""
        return self._ask(lambda connection: content.runs(connection, most, skip), [])

    def waiting_since(self, now: datetime) -> datetime | None:
        """Since when the oldest delivery is due that may leave and has not."""
        return self._ask(lambda connection: ledger.waiting_since(connection, now), None)

    def last_news(self, most: int = 500) -> datetime | None:
        """When the last run ended that brought something new, among so many of the newest."""
        return self._ask(lambda connection: content.last_news(connection, most), None)

    def _ask(self, question: Callable[[Connection], Answer], otherwise: Answer) -> Answer:
        if self._engine is None:
            return otherwise
        with self._reading() as connection:
            return question(connection)
