"""How many read a feed, as services that fetch it for others say in their names.

``Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)``: the service
and its number are kept, by feed document, and nothing of who asked or when beyond the last day. What a
reader's own program fetches says no number and is not counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock

from publisher.model import Fetcher

AGENT_LIMIT = 300
"""Characters of a name that are looked at: where a service says its number, it does so soon."""
MOST_READERS = 50_000_000
"""More than that nobody has: whoever says so is not counted."""
KEPT = timedelta(days=30)
"""What a service said longer ago counts no more."""
_ROOM = 1_000
"""Feeds and services that wait to be written down."""
_PAUSE = timedelta(minutes=1)
_READERS = re.compile(r"(?<![\w.])(\d{1,9})\s+(?:subscribers?|readers?)\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._ -]{0,39}")
_SEPARATORS = re.compile(r"[/(;+,]|\s-\s|\s+feed-id|\s+\d")


def says_readers(path: bytes, agent: bytes) -> bool:
    """Whether a request is worth a closer look: of a feed, but no archive of one, by a name that says a number."""
    return (
        (b"ubscriber" in agent or b"eader" in agent)
        and path.endswith((b"/feed.rss", b"/feed.atom", b"/feed.json"))
        and b"/archive/" not in path
    )


def told(agent: str) -> tuple[str, int] | None:
    """The service and its number of readers in a User-Agent (RFC 9110, section 10.1.5), if it says one."""
    return _told(agent[:AGENT_LIMIT])


@lru_cache(maxsize=1024)
def _told(agent: str) -> tuple[str, int] | None:
    found = _READERS.search(agent)
    if found is None or int(found[1]) > MOST_READERS:
        return None
    name = _NAME.match(_SEPARATORS.split(agent, maxsplit=1)[0].strip())
    return (name[0].strip(), int(found[1])) if name else None


class Fetchers:
    """Takes note of requests for feeds and tells `record` about them now and then, never at each.

    `record` is called with what was said, and the moment before which all is to be forgotten.
    """

    def __init__(self, record: Callable[[Iterable[Fetcher], datetime], None]) -> None:
        self._record = record
        self._seen: dict[tuple[str, str], Fetcher] = {}
        self._due: datetime | None = None
        self._lock = Lock()

    def note(self, feed: str, agent: str, now: datetime) -> bool:
        """Take note of a request for the feed document `feed`; whether it is time to `write`."""
        said = told(agent)
        if said is None:
            return False
        name, readers = said
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        with self._lock:
            if len(self._seen) < _ROOM or (feed, name) in self._seen:
                self._seen[feed, name] = Fetcher(feed, name, readers, day)
            if self._due is None:
                self._due = now + _PAUSE
            if now < self._due:
                return False
            self._due = now + _PAUSE
            return True

    def write(self, now: datetime) -> None:
        """Tell what was noted since the last time."""
        with self._lock:
            seen, self._seen, self._due = list(self._seen.values()), {}, None
        if seen:
            self._record(seen, now - KEPT)


def readers(fetchers: Iterable[Fetcher]) -> dict[str, int]:
    """How many readers each feed document has through services."""
    totals: dict[str, int] = {}
    for each in fetchers:
        totals[each.feed] = totals.get(each.feed, 0) + each.readers
    return totals
