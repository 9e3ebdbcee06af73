"""What was done, to be told on the page that follows: by a name in its address that means nothing to others.

A form is answered with a way to a page, so that a reload repeats nothing; what the page then tells waits here.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

_ROOM = 50
_KEPT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Notice:
    """What was done: `what` is a word that ``console/notices.html`` knows, `facts` fill its sentence in.

    `bad` is one that tells of a failure.
    """

    what: str
    facts: Mapping[str, object] = field(default_factory=dict)
    bad: bool = False


class Notices:
    """Notices that wait for their page; few, and not for long."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, tuple[datetime, Notice]] = OrderedDict()
        self._lock = Lock()

    def put(self, notice: Notice, now: datetime) -> str:
        """Keep one; its name."""
        name = secrets.token_hex(8)
        with self._lock:
            self._waiting[name] = now, notice
            if len(self._waiting) > _ROOM:
                self._waiting.popitem(last=False)
        return name

    def get(self, name: str, now: datetime) -> Notice | None:
        """The one of that name, as often as its page is loaded, while it is fresh."""
        with self._lock:
            kept, notice = self._waiting.get(name, (None, None))
        return notice if kept is not None and now - kept <= _KEPT else None
