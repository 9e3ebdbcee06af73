"""What is wrong that the owner should know, and when he is told. Pure.

::

    absent ─ found ─▶ told: it began ─ not found for a while ─▶ told: it is over ─ a day ─▶ absent
                          ▲                                          │
                          └────────── found: told again ─────────────┘

Each time that a cause comes back, "a while" is twice as long: one that comes and goes is soon one notice
that stands, instead of a flood.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from publisher.config import Notices
from publisher.model import Facts

_CALM, _LONGEST_CALM = timedelta(minutes=15), timedelta(hours=8)
_FORGOTTEN = timedelta(days=1)
_MOVING = timedelta(minutes=10)
"""Deliveries of which one went on its way not longer ago do not stick."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that is wrong: ``run``, ``deliveries`` or ``silence``, with what there is to say of it."""

    name: str
    details: tuple[str, ...] = ()
    since: datetime | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A cause that the owner knows of: `since` it began, `gone` where it is not found now, `over` where he knows that.

    `times` is how often it came back.
    """

    since: datetime
    gone: datetime | None = None
    over: datetime | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """What the owner is to be told: that a cause began, or that it is over."""

    cause: Cause
    since: datetime
    over: bool = False


def causes(facts: Facts, notices: Notices) -> list[Cause]:
    """What is wrong."""
    return [*_run(facts), *_deliveries(facts, notices), *_silence(facts, notices)]


def due(told: Mapping[str, Told], found: Sequence[Cause], now: datetime) -> list[Notice]:
    """What the owner is to be told now."""
    news = [Notice(cause, now) for cause in found if cause.name not in told or told[cause.name].over]
    names = {cause.name for cause in found}
    ended = [
        Notice(Cause(name), known.since, over=True)
        for name, known in told.items()
        if name not in names and not known.over and known.gone and now - known.gone >= _calm(known)
    ]
    return news + ended


def after(
    told: Mapping[str, Told], found: Sequence[Cause], heard: Collection[Notice], now: datetime
) -> dict[str, Told]:
    """What the owner knows when he has `heard` these."""
    names, known = {cause.name for cause in found}, dict(told)
    for name, each in told.items():
        if name in names and not each.over:
            known[name] = replace(each, gone=None)
        elif name not in names and each.gone is None:
            known[name] = replace(each, gone=now)
        elif name not in names and each.over and now - each.over > _FORGOTTEN:
            del known[name]
    for notice in heard:
        name = notice.cause.name
        if notice.over:
            known[name] = replace(known[name], over=now)
        else:
            times = known[name].times + 1 if name in known else 0
            known[name] = Told(now, times=times)
    return known


def _calm(known: Told) -> timedelta:
    """How long a cause must not be found until it is over."""
    doubled: int = 2 ** min(known.times, 10)
    return min(_LONGEST_CALM, _CALM * doubled)


def _run(facts: Facts) -> Iterator[Cause]:
    if facts.pulse and facts.pulse.broken:
        yield Cause("run", facts.pulse.failures[:_SHOWN], facts.pulse.ended)


def _deliveries(facts: Facts, notices: Notices) -> Iterator[Cause]:
    moves = facts.progress and facts.pulse and facts.pulse.moved and facts.now - facts.pulse.moved < _MOVING
    late = facts.waiting_since and facts.now - facts.waiting_since > timedelta(minutes=notices.stuck_minutes)
    if facts.held or (late and not moves and not facts.limited):
        yield Cause("deliveries", facts.held[:_SHOWN], facts.waiting_since, facts.waiting)


def _silence(facts: Facts, notices: Notices) -> Iterator[Cause]:
    last = facts.published or (facts.pulse.started if facts.pulse else None)
    if notices.silence_hours and last and facts.now - last > timedelta(hours=notices.silence_hours):
        yield Cause("silence", (), last)
