"""Figures for a person who looks after the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from publisher.model.mail import DeliveryState


@dataclass(frozen=True, slots=True)
class EditionFigures:
    """A recorded edition and how far its deliveries have come.

    `waiting` are due or will be, `leaving` are being sent, `uncertain` may have arrived, `failed` were
    given up, `suppressed` were not sent because the address may not be mailed any more. `bounced` and
    `complaints` are what came back, whatever the state.
    """

    number: int
    digest: str
    page: str
    subject: str
    due: datetime
    recorded: datetime
    held: str = ""
    recipients: int = 0
    waiting: int = 0
    leaving: int = 0
    uncertain: int = 0
    failed: int = 0
    suppressed: int = 0
    bounced: int = 0
    complaints: int = 0

    @property
    def sent(self) -> int:
        """How many were taken by a relay and not reported as lost."""
        rest = self.waiting + self.leaving + self.uncertain + self.failed + self.suppressed
        return max(0, self.recipients - rest)

    @property
    def finished(self) -> bool:
        """Whether nothing is on its way any more."""
        return not (self.waiting or self.leaving)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A delivery that did not simply arrive: `number` is the edition's, `subscriber` that of its reader."""

    number: int
    subscriber: int
    address: str
    state: DeliveryState
    attempts: int
    reason: str
    subject: str
    waits: bool = False
    """Whether it waits for a person: it may have arrived, and is not sent again by itself."""


@dataclass(frozen=True, slots=True)
class Happened:
    """How often something happened to subscribers on a day of the site's zone."""

    day: date
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Fetcher:
    """A service that fetches a feed document for `readers` people, as it said last, `at` that moment."""

    feed: str
    name: str
    readers: int
    at: datetime
