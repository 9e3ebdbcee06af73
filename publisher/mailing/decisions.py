"""What became of a message → what becomes of its delivery. Pure: tested as a table of numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from publisher.mailing.outgoing import Fate, Outcome
from publisher.model import DeliveryState

Against = Literal["", "soft", "hard"]

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720, 1440, 1440))
"""After the first try, the second…; one more would be three days after the first."""
_RELAY_PAUSE = timedelta(minutes=15)
_ENHANCED = re.compile(r"[245]\.(\d{1,3})\.(\d{1,3})(?= |$)")
"""RFC 3463: subject and detail."""
_NO_SUCH_USER = frozenset({521, 550, 551, 553, 556})
"""Without an enhanced code: RFC 5321, section 4.2.2; RFC 7504."""
_NO_ROOM = 552
_ADDRESS, _MAILBOX, _NETWORK = 1, 2, 4
_OF_THE_SENDER = frozenset({7, 8})
"""Details of the subject "address" that speak of the sender's (RFC 3463, section 3.2)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be written into the ledger.

    `due` is the moment of the next try, none where there is none. `tried` says whether this one counts
    as an attempt. `hold_edition`: the relay takes nothing of this edition until a person has looked.
    `against_address`: a failure that speaks against the address, for good (``hard``) or one of many
    (``soft``). `reason` is one printable line, empty where all is well.
    """

    state: DeliveryState
    due: datetime | None = None
    tried: bool = True
    hold_edition: bool = False
    against_address: Against = ""
    reason: str = ""


_SENT = Decision(DeliveryState.SENT)


def after(
    outcome: Outcome, attempts: int, repeats: int, policy: Literal["resend", "hold"], now: datetime
) -> Decision:
    """What follows the `attempts`-th try of a delivery that had left `repeats` times again before.

    A permanent refusal (5yz, RFC 5321, section 4.2.1) of the recipient ends it; one of the message
    holds the edition. What is refused for a time is tried again for three days. Where a message may
    have been taken it is repeated once, or never, as `policy` has it.
    """
    reason = f"{outcome.code} {outcome.answer}".strip() if outcome.code else outcome.answer
    match outcome.fate:
        case Fate.SENT:
            return _SENT
        case Fate.UNSENT:
            return Decision(DeliveryState.PENDING, now, tried=False, reason=reason)
        case Fate.SENDER_REFUSED:
            return Decision(DeliveryState.PENDING, now + _RELAY_PAUSE, tried=False, reason=reason)
        case Fate.UNCERTAIN:
            again = now + _PAUSES[0] if policy == "resend" and repeats == 0 else None
            return Decision(DeliveryState.UNCERTAIN, again, reason=reason)
        case Fate.MESSAGE_REFUSED if outcome.code >= 500 and not _speaks_of_mailbox(outcome.answer):
            return Decision(DeliveryState.PENDING, now, tried=False, hold_edition=True, reason=reason)
    refused = outcome.fate is not Fate.LOST
    against = _against(outcome) if refused else ""
    if refused and outcome.code >= 500:
        return Decision(DeliveryState.FAILED, against_address=against, reason=reason)
    if attempts > len(_PAUSES):
        return Decision(DeliveryState.FAILED, against_address=against, reason=reason)
    return Decision(DeliveryState.PENDING, now + _PAUSES[max(attempts, 1) - 1], reason=reason)


def _speaks_of_mailbox(answer: str) -> bool:
    """Whether a refusal of the message is one of the recipient: some servers look for him only then."""
    enhanced = _ENHANCED.match(answer)
    return enhanced is not None and int(enhanced[1]) in (_ADDRESS, _MAILBOX)


def _against(outcome: Outcome) -> Against:
    """Whether a refusal speaks against the address: not where it speaks of the sender, the system or its policy."""
    permanent = outcome.code >= 500
    enhanced = _ENHANCED.match(outcome.answer)
    if enhanced is None:
        return "hard" if outcome.code in _NO_SUCH_USER else "soft"
    subject, detail = int(enhanced[1]), int(enhanced[2])
    if subject == _ADDRESS and detail not in _OF_THE_SENDER:
        return "hard" if permanent else "soft"
    return "soft" if subject in (_MAILBOX, _NETWORK) else ""
