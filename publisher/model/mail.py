"""Editions of digests, and deliveries on their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Section:
    """The articles of an edition under one keyword heading, by id; `keyword` is a slug, or empty."""

    keyword: str
    label: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One dated issue of a digest: fixed for ever once recorded.

    `due` is the scheduled moment in the site's zone; `recorded` when it was fixed. `omitted` are
    articles that it covers without room to show them.
    """

    id: str
    digest: str
    page: str
    subject: str
    due: datetime
    recorded: datetime
    sections: tuple[Section, ...]
    omitted: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of the articles that it shows, in order."""
        return tuple(article for section in self.sections for article in section.articles)


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One edition on its way to one subscriber; a row in the ledger before anything is sent."""

    id: str
    edition: str
    address: str
    message_id: str
    token: str
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    due: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlannedEdition:
    """An edition that is due, with the addresses that will get it."""

    edition: Edition
    recipients: tuple[str, ...]
