"""A failure becomes a decision. Pure: tested as a table of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from publisher.errors import DeliveryError

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720, 1440))
_MOST_ATTEMPTS = 8
_MOST_UNCERTAIN = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """Try again after `pause`, or give up where there is none."""

    pause: timedelta | None


def after_failure(error: DeliveryError, attempts: int) -> Decision:
    """What to do after the `attempts`-th try failed.

    A permanent refusal (5yz, RFC 5321 section 4.2.1) ends it. Where the message may have been
    taken although no answer came, it is repeated once, with the same Message-ID.
    """
    if 500 <= error.code < 600 or attempts >= _MOST_ATTEMPTS:
        return Decision(None)
    if not error.certain and attempts >= _MOST_UNCERTAIN:
        return Decision(None)
    return Decision(_PAUSES[min(attempts, len(_PAUSES)) - 1])
