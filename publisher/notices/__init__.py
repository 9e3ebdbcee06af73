"""The owner is told what is wrong, by mail or to a web address: once for each cause, and once when it is over.

What he was told is remembered in the database, so that a process that is started again tells nothing
twice. What could be told by no way is tried again after some minutes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from publisher.config import Config
from publisher.errors import PublisherError
from publisher.model import Facts
from publisher.notices.causes import Notice, Told, after, causes, due
from publisher.notices.ways import Way, ways_of
from publisher.render.templates import Templates
from publisher.store import Store

_LOG = logging.getLogger(__name__)
_SETTING = "notices"
_AGAIN = timedelta(minutes=5)

__all__ = ["Owner"]


class Owner:
    """Whoever looks after a site."""

    def __init__(
        self, config: Config, store: Store, templates: Templates, ways: Mapping[str, Way] | None = None
    ) -> None:
        self._config, self._store = config, store
        self._ways = ways_of(config, templates) if ways is None else ways
        self._rests: datetime | None = None

    @property
    def listens(self) -> bool:
        """Whether there is a way to tell him anything."""
        return bool(self._ways)

    def consider(self, facts: Facts) -> list[Notice]:
        """Tell him what there is to tell; what he heard."""
        if facts.fault or not self.listens:
            return []
        found, told = causes(facts, self._config.notices), self._told()
        rests = self._rests is not None and self._rests - _AGAIN <= facts.now < self._rests
        waiting = [] if rests else due(told, found, facts.now)
        heard = [notice for notice in waiting if self._tell(notice, facts.now)]
        if len(heard) < len(waiting):
            self._rests = facts.now + _AGAIN
        known = after(told, found, heard, facts.now)
        if known != told:
            self._store.record_settings({_SETTING: _dumped(known)})
        return heard

    def _tell(self, notice: Notice, now: datetime) -> bool:
        """By every way; one that works is enough."""
        heard = [self._told_by(name, way, notice, now) for name, way in self._ways.items()]
        return any(heard)

    def _told_by(
        self, name: str, way: Callable[[Notice, datetime], None], notice: Notice, now: datetime
    ) -> bool:
        fields = {"cause": notice.cause.name, "over": notice.over, "by": name}
        try:
            way(notice, now)
        except (PublisherError, OSError) as error:
            _LOG.warning("the owner could not be told", extra={**fields, "why": str(error)})
            return False
        _LOG.info("the owner was told", extra=fields)
        return True

    def _told(self) -> dict[str, Told]:
        kept = json.loads(self._store.known_setting(_SETTING) or "{}")
        return {name: _loaded(each) for name, each in kept.items()}


def _dumped(known: Mapping[str, Told]) -> str:
    return json.dumps({name: asdict(each) for name, each in known.items()}, default=datetime.isoformat)


def _loaded(kept: Mapping[str, Any]) -> Told:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(kept[name]) if kept[name] else None

    return Told(datetime.fromisoformat(kept["since"]), moment("gone"), moment("over"), kept["times"])
