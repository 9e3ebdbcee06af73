"""What transports are given and what they give back: messages that leave, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from publisher.stopping import NEVER, Stop


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one recipient.

    `key` is (edition, subscriber) as numbers of the ledger. `name` is the same for a repeat of the
    message: its Message-ID without brackets. `sender` is the return path (RFC 5321, section 4.1.1.2)
    and may be empty; `recipient` an address; both without brackets, their domains in ASCII. `write`
    gives the whole message (RFC 5322), lines ending in CRLF, dots not doubled: as 8bit where it is
    given true, in seven bits where false (RFC 6152). It may give it in pieces: an object that many
    messages have in them is looked through once.
    """

    key: tuple[int, int]
    name: str
    sender: str
    recipient: str
    write: Callable[[bool], bytes | Sequence[bytes]]

    def whole(self, eightbit: bool) -> bytes:
        """What `write` gives, in one piece."""
        written = self.write(eightbit)
        return written if isinstance(written, bytes) else b"".join(written)


class Fate(StrEnum):
    """What became of a message.

    `sent`: the relay took it. `recipient refused`, `message refused`, `sender refused`: it said no, by
    a reply whose code tells for how long. `lost`: the connection broke before the final dot left, so
    it was not taken. `uncertain`: it broke after that (RFC 1047). `unsent`: it was never tried.
    """

    SENT = "sent"
    RECIPIENT_REFUSED = "recipient refused"
    MESSAGE_REFUSED = "message refused"
    SENDER_REFUSED = "sender refused"
    LOST = "lost"
    UNCERTAIN = "uncertain"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A message with its fate; `code` and `answer` are the relay's reply (RFC 5321, section 4.2), 0 for none.

    `relay` is the name of the relay in the configuration, empty for the first.
    """

    message: Outgoing
    fate: Fate
    code: int = 0
    answer: str = ""
    relay: str = ""


class Gate(Protocol):
    """What a transport asks of the ledger. Each call is one commit; none is made from two threads at once."""

    def pass_(self, done: Sequence[Outcome], leaving: Sequence[Outgoing]) -> None:
        """Remember what became of messages, and that others are about to leave: none leaves before this returns."""


class Transport(Protocol):
    """Takes messages until there are none."""

    def deliver(self, messages: Iterator[Outgoing], gate: Gate, stop: Stop = NEVER) -> None:
        """Bring messages away: each stands in one outcome in the end, in `leaving` before its body leaves.

        `messages` is asked for the next when there is room for it, and ends when nothing is due. Returns
        when all that was taken from it has an outcome; after `StopIteration` it is not asked again.
        Where no relay can be reached, what was taken is `unsent` and the rest is not asked for. Asked to
        `stop`, it has some seconds for what is on its way; `messages` is the one that ends then.
        """
