"""Subscribers, editions of digests and the parts of them that people get, and deliveries on their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

HELD_BY_HAND = "held in the console"
"""Why an edition is held that its owner holds; any other reason is a fault."""


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
    articles that it covers without room to show them. `corrections` are articles of editions before it that
    changed since, by id. `held` is why its deliveries wait for a person.
    """

    id: str
    digest: str
    page: str
    subject: str
    due: datetime
    recorded: datetime
    sections: tuple[Section, ...]
    omitted: tuple[str, ...] = ()
    held: str = ""
    corrections: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of the articles that it shows, in order."""
        return tuple(article for section in self.sections for article in section.articles)

    @property
    def named(self) -> tuple[str, ...]:
        """The ids of all that stand on its page: the articles that it shows, and its corrections."""
        return (*self.shown, *self.corrections)


class SubscriberState(StrEnum):
    """Whether an address may be mailed: only an active one may."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Rhythm(StrEnum):
    """How often a subscriber gets a mail of a digest."""

    EDITION = "edition"
    DAILY = "daily"
    WEEKLY = "weekly"


class Origin(StrEnum):
    """Who put an address on the list of a digest: the owner's configuration, or the reader (or an import)."""

    OWNER = "owner"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Consent:
    """That a person asked for mail: when, from where (``import:readers.csv``, ``form``), and to which words."""

    at: datetime
    source: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a subscriber gets of a digest.

    `keywords` are labels, none for all articles. `weekday` counts from Monday, 0, and is asked where
    the rhythm is weekly. `length` is the most articles of one mail, 0 for as many as the digest has.
    Editions due until `through` are covered; those after it may still come.
    """

    digest: str
    keywords: tuple[str, ...] = ()
    rhythm: Rhythm = Rhythm.EDITION
    weekday: int = 0
    length: int = 0
    origin: Origin = Origin.READER
    through: datetime | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a subscriber's history: ``subscribed``, ``confirmed``, ``changed``, ``unsubscribed``, and so on."""

    at: datetime
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address with its state. `number` names it in tokens and return paths and is never given again.

    `key` is the folded address: two spellings with one key are one person. `language` is empty for
    that of the site. `bounces` counts soft bounces in a row. `history` is given where it was asked for.
    """

    number: int
    address: str
    key: str
    state: SubscriberState
    language: str = ""
    since: datetime | None = None
    consent: Consent | None = None
    bounces: int = 0
    subscriptions: tuple[Subscription, ...] = ()
    history: tuple[Happening, ...] = ()


class Verdict(StrEnum):
    """What became of somebody who was to be added: `left` is one whom the source says not to mail."""

    ADDED = "added"
    CHANGED = "changed"
    KNOWN = "known"
    LEFT = "left"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Admission:
    """A verdict with its reason, which is empty where it was not refused."""

    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Active subscriptions to one digest that agree in all that decides what they get; `count` of them."""

    keywords: tuple[str, ...] = ()
    rhythm: Rhythm = Rhythm.EDITION
    weekday: int = 0
    length: int = 0
    language: str = ""
    through: datetime | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What some subscribers get with an edition: of it, and of editions before it that they were not due for.

    `id` is a digest of all the rest: audiences that get the same have the same part. `omitted` counts
    articles that match and have no room. `corrections` are changed articles of earlier editions, by id.
    """

    id: str
    edition: str
    language: str
    sections: tuple[Section, ...]
    omitted: int = 0
    corrections: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of the articles that it shows, in order."""
        return tuple(article for section in self.sections for article in section.articles)


@dataclass(frozen=True, slots=True)
class PlannedEdition:
    """An edition that is due, with its parts and who gets which.

    `audiences` are those that are due, each with the id of its part; an empty id: nothing matches, and
    the edition only counts as covered.
    """

    edition: Edition
    parts: tuple[Part, ...] = ()
    audiences: tuple[tuple[Audience, str], ...] = ()

    @property
    def recipients(self) -> int:
        """How many people get a mail."""
        return sum(audience.count for audience, part in self.audiences if part)


DeliveryKey = tuple[int, int]
"""A delivery by numbers: those of its edition and of its subscriber in the ledger."""


class DeliveryState(StrEnum):
    """How far a delivery has come.

    `claimed`: a process is about to send it. `sending`: its body is leaving, or left. `uncertain`: it
    may have arrived, for the connection broke or the process ended in that state.
    """

    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One edition on its way to one subscriber; a row in the ledger before anything is sent.

    `edition` is an id, `number` that edition's number in the ledger, `subscriber` and `part` are
    numbers too. `repeats` counts how often it left again after it may have arrived; `doubtful` is one
    that may have, whatever its state.
    """

    edition: str
    number: int
    subscriber: int
    part: int
    address: str
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    repeats: int = 0
    due: datetime | None = None
    reason: str = ""
    doubtful: bool = False
