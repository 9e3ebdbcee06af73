"""A day of a national newsroom, simulated over the functions that decide: three million mails from six o'clock on.

The clock, the relay and the recipients' servers are simulated; what follows an answer, when nothing may leave and
when a schedule wakes the site is decided by the program itself.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from publisher.mailing.decisions import after
from publisher.mailing.outgoing import Fate, Outcome, Outgoing
from publisher.model import DeliveryState
from publisher.posting.allowance import quiet_until
from publisher.timetable import Timetable

READERS, RATES = 3_000_000, (100, 300, 1_000)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2026, 11, 24, 5, 0, tzinfo=ZONE)
QUIET = "22:00-05:00"
FULL, GONE, BUSY = 0.002, 0.001, 0.01
"""Of all mailboxes: those that stay full, those that are no more, those whose server says "later" at first."""


@dataclass(frozen=True, slots=True)
class Day:
    """How a day went: when so many of those who can be reached had their mail, what was tried and decided."""

    rate: int
    half: datetime
    most: datetime
    last: datetime
    tries: int
    states: Counter[str]
    runs: int


def section() -> str:
    """Make the table, a line for each rate of the relays."""
    days = [simulated(rate) for rate in RATES]
    lines = [
        f"| {day.rate:,} | {day.half:%H:%M} | {_told(day.most)} | {_told(day.last)} | {day.tries:,} |"
        f" {day.states['failed']:,} | {day.states['pending']:,} |"
        for day in days
    ]
    return f"""\
## A day with {READERS:,} mails

Simulated over the functions that decide: an edition at six in the morning, quiet hours {QUIET}, feeds every fifteen
minutes ({days[0].runs} wake-ups a day). {GONE:.1%} of all mailboxes are gone, {FULL:.1%} stay full, the servers of
{BUSY:.0%} say "later" at first.

| messages a second | half have it | 99 % have it | the last who can | messages tried | given up | tried again later |
|--:|--:|--:|--:|--:|--:|--:|
{chr(10).join(lines)}"""


def simulated(rate: int) -> Day:
    """A day in which relays take so many messages a second."""
    rng, reached = Random(2026), list[datetime]()
    queue, states, tries = list(_due(rng)), Counter[str](), 0
    now, ends = MORNING + timedelta(hours=1), MORNING + timedelta(days=1)
    step = timedelta(seconds=1 / rate)
    while queue:
        due, reader, attempts, nature = heapq.heappop(queue)
        now = max(now, datetime.fromtimestamp(due, ZONE))
        if until := quiet_until(QUIET, ZONE, now):
            now = until
        if now >= ends:
            heapq.heappush(queue, (due, reader, attempts, nature))
            break
        now, tries = now + step, tries + 1
        decision = after(_answer(nature, attempts, reader), attempts + 1, 0, "resend", now)
        if decision.state is DeliveryState.SENT:
            reached.append(now)
        if decision.due:
            heapq.heappush(queue, (decision.due.timestamp(), reader, attempts + 1, nature))
        else:
            states[decision.state] += 1
    states["pending"] = len(queue)
    wakes = Timetable({"feeds": "*/15 * * * *", "digest": "0 6 * * *"}, ZONE)
    runs = sum(bool(wakes.due(at, at + timedelta(minutes=1))) for at in _minutes())
    able = len(reached)
    return Day(rate, reached[able // 2], reached[able * 99 // 100], reached[-1], tries, states, runs)


def _due(rng: Random) -> Iterator[tuple[float, int, int, str]]:
    six = (MORNING + timedelta(hours=1)).timestamp()
    for reader in range(READERS):
        drawn = rng.random()
        gone, full, busy = drawn < GONE, drawn < GONE + FULL, drawn < GONE + FULL + BUSY
        yield six, reader, 0, "gone" if gone else "full" if full else "busy" if busy else "well"


_NOBODY = Outgoing((0, 0), "", "", "", lambda _: b"")
_WELL = Outcome(_NOBODY, Fate.SENT, 250)
_GONE = Outcome(_NOBODY, Fate.RECIPIENT_REFUSED, 550, "5.1.1 no such user")
_FULL = Outcome(_NOBODY, Fate.RECIPIENT_REFUSED, 452, "4.2.2 mailbox full")
_BUSY = Outcome(_NOBODY, Fate.RECIPIENT_REFUSED, 451, "4.7.1 come again later")


def _answer(nature: str, attempts: int, reader: int) -> Outcome:
    match nature:
        case "gone":
            return _GONE
        case "full":
            return _FULL
        case "busy" if attempts <= reader % 3:
            return _BUSY
        case _:
            return _WELL


def _minutes() -> Iterator[datetime]:
    for minute in range(24 * 60):
        yield MORNING + timedelta(minutes=minute)


def _told(moment: datetime) -> str:
    return f"{moment:%H:%M}" if moment.date() == MORNING.date() else f"{moment:%H:%M} the next day"
