"""What every page is given: the site that it serves, and the means to ask and to tell the rest of the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from publisher.config import Config
from publisher.model import Facts
from publisher.render.templates import Templates
from publisher.stopping import NEVER, Stop
from publisher.store import Store


class Progress(Protocol):
    """What a run is doing now: a stage, how far it came, how much there is, and since when it runs."""

    @property
    def stage(self) -> str:
        """Its name, as `publisher.pipeline.Progress` is told it."""

    @property
    def done(self) -> int:
        """How many are done."""

    @property
    def total(self) -> int:
        """How many there are."""

    @property
    def since(self) -> datetime:
        """When the run began."""


@dataclass(frozen=True, slots=True)
class Site:
    """One site as the web server knows it.

    `clock` is the only clock that pages read. `wake` asks for a run as soon as possible and returns at
    once; `progress` says what a run does now, or None. `secret` is the site's, which signs tokens. Answers
    that would not end by themselves end when it is time to `stop`. `facts` tells how the process and the
    site stand; without it, only the database is asked.
    """

    config: Config
    store: Store
    templates: Templates
    clock: Callable[[], datetime]
    wake: Callable[[], None]
    progress: Callable[[], Progress | None]
    secret: str
    stop: Stop = NEVER
    facts: Callable[[], Facts] | None = None
