"""Facts → whether a process is alive, and whether it may be asked. Pure.

Alive: every part works, and the scheduler looks at the clock or its run moves; what is not is to be
started anew. Ready: alive, the database answers, and the first run is over; what is not is to be left
alone for a while. A run that fails makes neither false: to start again would not mend it, and
`publisher.notices` tells a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from publisher.model import Facts

STILL = timedelta(minutes=2)
"""Looks come by the half minute: a scheduler that has not looked for so long hangs."""
STUCK = timedelta(minutes=30)
"""So has a run that says nothing for so long; one message to a slow relay may take minutes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether all is well; where not, why, in words."""

    reasons: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether there is nothing against it."""
        return not self.reasons


def alive(facts: Facts) -> Verdict:
    """Whether the process works."""
    return Verdict(tuple(_against_life(facts)))


def ready(facts: Facts) -> Verdict:
    """Whether it may be asked."""
    return Verdict((*_against_life(facts), *_against_readiness(facts)))


def _against_life(facts: Facts) -> Iterator[str]:
    yield from (f"{name} does not work" for name, works in facts.parts.items() if not works)
    pulse = facts.pulse
    if pulse is None:
        return
    signs = [sign for sign in (pulse.started, pulse.looked, pulse.moved) if sign]
    # A clock that was set back shows the last sign in the future: that is no silence.
    silence = facts.now - max(signs)
    if silence > (STUCK if facts.progress else STILL):
        minutes = int(silence / timedelta(minutes=1))
        yield f"no sign of {'the run' if facts.progress else 'the scheduler'} for {minutes} minutes"


def _against_readiness(facts: Facts) -> Iterator[str]:
    if facts.fault:
        yield facts.fault
    if facts.pulse and facts.pulse.ended is None:
        yield "the first run is under way"
