"""Hubs are told of documents that changed (W3C WebSub, section 6); they fetch them and pass them on.

A hub that cannot be reached costs a run one time-out and no more: what it was to be told waits. The
only door to urllib3, which is imported where it is first needed, since most runs tell nobody.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from publisher import addresses
from publisher.config import Config
from publisher.errors import HubRefused
from publisher.model import ANNOUNCED_KINDS, Document, Ping
from publisher.stopping import NEVER, Stop
from publisher.store import Store

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
_REDIRECTS = 3
_BODY = 1024
_SHOWN = 120
_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "publisher (WebSub)",
    "Accept": "text/plain, */*;q=0.1",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to get a connection, to wait for an answer, and for all hubs of one run together."""

    connect: float = 5
    read: float = 10
    run: float = 60


@dataclass(frozen=True, slots=True)
class Prospect:
    """What the next run may tell a hub: `waiting` pings are due, `most` documents counts new ones too."""

    hub: str
    waiting: int
    most: int


def pings_for(config: Config, urls: Iterable[str]) -> list[Ping]:
    """A ping, due at once, for every hub of the configuration and every URL of a changed document."""
    topics = sorted(set(urls))
    return [Ping(hub, topic) for hub in dict.fromkeys(config.feeds.websub) for topic in topics]


def prospects(
    config: Config, documents: Iterable[Document], waiting: Iterable[Ping], now: datetime
) -> list[Prospect]:
    """For each hub how much a run at `now` that makes `documents` would tell it, where that is anything.

    A document whose bytes turn out to be the same is not told of, so the figure is the most.
    """
    made = {addresses.absolute(config.site.url, d.path) for d in documents if d.kind in ANNOUNCED_KINDS}
    due = [ping for ping in waiting if ping.due is None or ping.due <= now]
    found = []
    for hub in dict.fromkeys(config.feeds.websub):
        open_ = {ping.topic for ping in due if ping.hub == hub}
        found.append(Prospect(hub, len(open_), len(open_ | made)))
    return [prospect for prospect in found if prospect.most]


def after_failure(attempts: int) -> timedelta | None:
    """How long to wait after the `attempts`-th try failed; none where the news is given up."""
    return _PAUSES[attempts - 1] if attempts <= len(_PAUSES) else None


class Announcer:
    """Takes the pings that are open and brings each to its hub."""

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Callable[[], datetime],
        progress: Callable[[str, int, int], None],
        limits: Limits | None = None,
        *,
        stop: Stop = NEVER,
    ) -> None:
        self._config, self._store, self._clock, self._progress = config, store, clock, progress
        self._limits, self._stop = limits or Limits(), stop

    def announce(self, counts: Counter[str], failures: list[str]) -> None:
        """Bring every ping whose moment has come to its hub; each hub that did not take all gets a line.

        What is counted are pings. No hub can stop a run, nor take the time of the others.
        """
        self._forget_strangers()
        waiting = self._store.open_pings(self._clock())
        by_hub: dict[str, list[Ping]] = {}
        for ping in waiting:
            by_hub.setdefault(ping.hub, []).append(ping)
        ends, before = time.monotonic() + self._limits.run, 0
        for number, (hub, pings) in enumerate(by_hub.items()):
            if self._stop.asked:
                break
            share = max(0.0, ends - time.monotonic()) / (len(by_hub) - number)
            until = time.monotonic() + share
            visit = _Visit(hub, self._store, self._clock, self._limits, until, self._stop)
            visit.tell(pings, partial(self._told, before, len(waiting)))
            visit.report(self._config, counts, failures)
            before += len(pings)

    def _told(self, before: int, total: int, done: int) -> None:
        self._progress("telling", before + done, total)

    def _forget_strangers(self) -> None:
        hubs = {ping.hub for ping in self._store.waiting_pings()}
        if strangers := hubs - set(self._config.feeds.websub):
            self._store.drop_pings(strangers)


class _Visit:
    """One hub in one run: what it took, what waits and what was given up."""

    def __init__(
        self,
        hub: str,
        store: Store,
        clock: Callable[[], datetime],
        limits: Limits,
        ends: float,
        stop: Stop,
    ) -> None:
        self._hub, self._store, self._clock, self._limits, self._ends = hub, store, clock, limits, ends
        self._stop = stop
        self._told = 0
        self._later: list[Ping] = []
        self._given_up: list[Ping] = []

    def tell(self, pings: Sequence[Ping], told: Callable[[int], None]) -> None:
        """Send pings over one connection until all are sent, time is up, or the hub takes none now.

        Where it is time to stop, the rest stays due and is no news.
        """
        with _Line(self._limits, self._ends) as line:
            for number, ping in enumerate(pings):
                if self._stop.asked:
                    return
                told(number)
                if time.monotonic() >= self._ends:
                    self._wait(pings[number:])
                    return
                (begun,) = self._store.begin_pings([ping])
                try:
                    line.send(begun)
                except HubRefused as refusal:
                    rest = self._store.begin_pings(pings[number + 1 :]) if refusal.whole else []
                    self._failed([begun, *rest], refusal.reason)
                    if refusal.whole:
                        return
                    continue
                self._store.finish_pings([begun])
                self._told += 1

    def report(self, config: Config, counts: Counter[str], failures: list[str]) -> None:
        """Count what became of the pings, and say in a line what did not succeed."""
        counts["hubs told"] += self._told
        counts["hub pings postponed"] += len(self._later)
        counts["hub pings given up"] += len(self._given_up)
        hub = _printable(self._hub)
        if self._later:
            again = min(ping.due for ping in self._later if ping.due).astimezone(config.zone)
            facts = f"not told of {_feeds(self._later)}: {_reasons(self._later)}"
            failures.append(f"{hub}: {facts}; tried again from {again:%H:%M}")
        if self._given_up:
            failures.append(f"{hub}: given up on {_feeds(self._given_up)}: {_reasons(self._given_up)}")

    def _failed(self, pings: Sequence[Ping], reason: str) -> None:
        now, later, given_up = self._clock(), [], []
        for ping in pings:
            pause = after_failure(ping.attempts)
            if pause is None:
                given_up.append(replace(ping, reason=reason))
            else:
                later.append(replace(ping, due=now + pause, reason=reason))
        self._store.postpone_pings(later)
        self._store.finish_pings(given_up)
        self._later += later
        self._given_up += given_up

    def _wait(self, pings: Sequence[Ping]) -> None:
        # They stay as they are: due, and ahead of younger ones at the next run.
        now = self._clock()
        self._later += [replace(ping, due=now, reason="no time left in this run") for ping in pings]


class _Line:
    """A connection to one hub, kept open from ping to ping."""

    def __init__(self, limits: Limits, ends: float) -> None:
        self._limits, self._ends = limits, ends
        self._pool: PoolManager | None = None

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.clear()

    def send(self, ping: Ping) -> None:
        """Post a ping, following 307 and 308 (RFC 9110, section 15.4); `HubRefused` where it is not taken."""
        fields = {"hub.mode": "publish", "hub.url": ping.topic, "hub.topic": ping.topic}
        body, url = urlencode(fields), ping.hub
        for _ in range(_REDIRECTS + 1):
            status, location, words = self._post(url, body)
            if 200 <= status < 300:
                return
            if status not in (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT) or not location:
                busy = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
                raise HubRefused(_answer(status, words), whole=busy)
            try:
                url = urljoin(url, location)
            except ValueError:
                raise HubRefused("redirected to what is not a web address", whole=True) from None
        raise HubRefused(f"redirected more than {_REDIRECTS} times", whole=True)

    def _post(self, url: str, body: str) -> tuple[int, str, str]:
        """Status, Location and words of one answer."""
        import urllib3
        from urllib3.exceptions import HTTPError

        if not url.startswith(("http://", "https://")):
            raise HubRefused("redirected to what is not a web address", whole=True)
        if self._pool is None:
            self._pool = urllib3.PoolManager(num_pools=_REDIRECTS + 1, maxsize=1)
        left = max(0.1, self._ends - time.monotonic())
        limits = urllib3.Timeout(min(self._limits.connect, left), min(self._limits.read, left))
        try:
            answer = self._pool.request(
                "POST",
                url,
                body=body,
                headers=_HEADERS,
                timeout=limits,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            words = _read(answer, self._ends)
        except (HTTPError, OSError, ValueError) as error:
            raise HubRefused(_why(error, self._limits), whole=True) from error
        return answer.status, answer.headers.get("Location", ""), words


def _read(answer: BaseHTTPResponse, ends: float) -> str:
    """At most `_BODY` bytes of an answer; its connection can be used again where that was all."""
    from urllib3.exceptions import HTTPError

    body, complete = b"", False
    with suppress(HTTPError, OSError):
        while len(body) < _BODY and time.monotonic() < ends:
            piece = answer.read1(_BODY - len(body), decode_content=False)
            if not piece:
                complete = True
                break
            body += piece
    if complete:
        answer.release_conn()
    else:
        answer.close()
    plain = answer.headers.get("Content-Type", "").startswith("text/plain")
    return _printable(body.decode("utf-8", "replace")) if plain else ""


def _answer(status: int, words: str) -> str:
    try:
        name = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        name = str(status)
    return f"answered {name}: {words}" if words else f"answered {name}"


def _why(error: BaseException, limits: Limits) -> str:
    """A failed exchange in a few words."""
    from urllib3 import exceptions

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return _printable(cause.strerror[:1].lower() + cause.strerror[1:])
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, exceptions.ConnectTimeoutError):
        return f"no connection in {limits.connect:g} s"
    if isinstance(error, exceptions.ReadTimeoutError):
        return f"no answer in {limits.read:g} s"
    if isinstance(error, exceptions.ProtocolError):
        return "the connection broke"
    return _printable(str(error)) or type(error).__name__


def _printable(text: str) -> str:
    """Text from elsewhere in one short line without control characters."""
    marks = "".join(mark if mark.isprintable() else " " for mark in text)
    line = " ".join(marks.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _reasons(pings: Sequence[Ping]) -> str:
    first, *others = dict.fromkeys(ping.reason for ping in pings)
    return f"{first}, and other reasons" if others else first


def _feeds(pings: Sequence[Ping]) -> str:
    return f"{len(pings):,} feed" + ("s" if len(pings) != 1 else "")
