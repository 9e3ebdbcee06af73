"""How a site stands: what its scheduler does, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run does now: a stage, `done` of `total`; `since` is when the run began."""

    stage: str
    done: int
    total: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a scheduler stands.

    `looked` is its last look at the clock, `moved` the last sign of a run that is under way, `ended` the
    end of the last run and `seconds` what that took; `failures` are of that run, and `broken` says that
    it could not do its work. `runs`, `failed` and `counts` (what runs did, by name) are since the start.
    """

    started: datetime
    looked: datetime | None = None
    moved: datetime | None = None
    ended: datetime | None = None
    seconds: float = 0.0
    runs: int = 0
    failed: int = 0
    failures: tuple[str, ...] = ()
    broken: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs of one kind: how many wait, the oldest `since` then, are under way, and were given up lately."""

    name: str
    waiting: int
    since: datetime | None
    under_way: int
    failed: int


@dataclass(frozen=True, slots=True)
class Labour:
    """What a worker did of one kind of jobs since he was first seen, and in how many seconds; when he was seen last."""

    worker: str
    queue: str
    jobs: int
    seconds: float
    seen: datetime

    @property
    def rate(self) -> float:
        """Jobs a second while he was at it."""
        return self.jobs / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to tell of a site at `now`.

    `parts` are the parts of the process by name, and whether each works. `fault` is why the database cannot be
    asked; then what it would have said is missing. `waiting` deliveries are due since `waiting_since`, and
    `limited` says that a limit or quiet hours hold them; `held` are pages of editions that no relay took; `relays`
    is what each took, ever. `published` is when something new came out last. `queues` hold the jobs of a site that
    has workers, of which `workers` are alive and did `labour`.
    """

    now: datetime
    parts: Mapping[str, bool] = field(default_factory=dict)
    pulse: Pulse | None = None
    progress: Progress | None = None
    upcoming: tuple[tuple[str, datetime], ...] = ()
    fault: str = ""
    articles: int = 0
    editions: int = 0
    quarantined: int = 0
    subscribers: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    waiting_since: datetime | None = None
    limited: bool = False
    held: tuple[str, ...] = ()
    pings: int = 0
    relays: Mapping[str, int] = field(default_factory=dict)
    published: datetime | None = None
    workers: int | None = None
    queues: tuple[Queue, ...] = ()
    labour: tuple[Labour, ...] = ()

    @property
    def sent(self) -> int:
        """Messages that a transport took, ever."""
        return sum(self.relays.values())
