"""What an import is told, and what it gives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from publisher.model import Subscriber, Subscription


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What holds for every line that says nothing else.

    `source` is kept as the place where people agreed, `consent` are the words to which they did.
    `choices` is what they get, one for each digest; `digests` are the names of all that there are.
    """

    source: str
    now: datetime
    consent: str = ""
    choices: tuple[Subscription, ...] = ()
    language: str = ""
    digests: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who stands in a file, and on which line."""

    line: int
    person: Subscriber


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that is not taken, and why."""

    line: int
    reason: str


class RefusedError(Exception):
    """The reason why a line is not taken; caught where lines are read."""
