"""Tokens: what a link in a message says of its reader, signed so that nobody can make one up.

A token is ``number.time.parts….mark``, in small letters and digits that survive a URL, a subject line
and programs that fold case: `number` and `time` in hexadecimal, the time 0 where there is none, and
`mark` the first 96 bits of HMAC-SHA256 (RFC 2104) likewise. Nothing of it is kept anywhere.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_OCTETS = 12
_HEAD = re.compile(r"[0-9a-f]+\.[0-9a-f]+(?:\.[a-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """What was signed: the subscriber's number, further parts, and when, if that was said."""

    subscriber: int
    parts: tuple[str, ...] = ()
    signed: datetime | None = None


def sign(secret: str, purpose: str, subscriber: int, *parts: str, now: datetime | None = None) -> str:
    """A token for one purpose; `parts` are small letters, digits and hyphens (else ``ValueError``)."""
    moment = int(now.timestamp()) if now else 0
    head = ".".join((f"{subscriber:x}", f"{moment:x}", *parts))
    if not _HEAD.fullmatch(head) or head.count(".") != len(parts) + 1:
        raise ValueError(f"not what a token can hold: {head!r}")
    return f"{head}.{_mark(secret, purpose, head)}"


def read(
    secret: str, purpose: str, token: str, now: datetime, lifetime: timedelta | None = None
) -> Token | None:
    """What a token says, or nothing where it was not signed for this purpose.

    With a `lifetime`, one that was signed longer before `now`, or without a time, says nothing either.
    """
    if not token.isascii():
        return None
    head, _, mark = token.lower().rpartition(".")
    if not hmac.compare_digest(mark, _mark(secret, purpose, head)):
        return None
    number, moment, *parts = head.split(".")
    seconds = int(moment, 16)
    signed = datetime.fromtimestamp(seconds, UTC) if seconds else None
    if lifetime is not None and (signed is None or now - signed > lifetime):
        return None
    return Token(int(number, 16), tuple(parts), signed)


def _mark(secret: str, purpose: str, head: str) -> str:
    return hmac.digest(secret.encode(), f"{purpose}\0{head}".encode(), "sha256")[:_OCTETS].hex()
