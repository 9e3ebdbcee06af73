"""Delivery status notifications (RFC 3464, and RFC 6533 for addresses beyond ASCII)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from publisher.mailing.reports.parts import Part, groups_of, line
from publisher.mailing.reports.report import Finding, Kind
from publisher.mailing.reports.statuses import code_in, is_for_good, most_specific

_TYPES = ("message/delivery-status", "message/global-delivery-status")
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_ARRIVED = ("delivered", "relayed", "expanded")
_MILDNESS = (Kind.NOTHING, Kind.SOFT, Kind.HARD)


def finding(whole: Part) -> Finding | None:
    """What a notification says; none where `whole` is none.

    A message of ours has one recipient. Where a notification names several, somebody forwards his mail to
    all of them: the mildest of what befell it counts.
    """
    found = [one for part in whole.walk() if part.type in _TYPES for one in _recipients(part.content())]
    return min(found, key=lambda one: (_MILDNESS.index(one.kind), one.given_up), default=None)


def _recipients(content: bytes) -> Iterator[Finding]:
    for group in groups_of(content):
        action = _action(group)
        address = _address(group.get("original-recipient", "")) or _address(group.get("final-recipient", ""))
        diagnostic = line(_untyped(group.get("diagnostic-code", "")))
        status = most_specific(group.get("status", ""), diagnostic)
        if action.startswith(("fail", "error")):
            lasting = is_for_good(group.get("status", ""), diagnostic)
            yield Finding(Kind.HARD if lasting else Kind.SOFT, address, status, diagnostic, given_up=True)
        elif action.startswith("delay"):
            yield Finding(Kind.SOFT, address, status, diagnostic)
        elif action.startswith(_ARRIVED):
            yield Finding(Kind.NOTHING, address, status, diagnostic)


def _action(group: Mapping[str, str]) -> str:
    """The action; where a group has a status and forgot it (RFC 3464 asks for both), what the status implies."""
    implied = {"5": "failed", "4": "delayed", "2": "delivered"}
    return group.get("action", "").lower() or implied.get(code_in(group.get("status", ""))[:1], "")


def _untyped(value: str) -> str:
    """A value without its type before the semicolon (RFC 3464, section 2.1.2)."""
    kind, mark, rest = value.partition(";")
    return rest if mark and kind.strip().replace("-", "").isalnum() else value


def _address(value: str) -> str:
    """The mailbox of a recipient field; empty where it names none."""
    plain = _ESCAPED.sub(lambda found: _letter(int(found[1], 16)), _untyped(value))
    address = line(plain).partition(" ")[0].strip("<>")
    return address if "@" in address else ""


def _letter(number: int) -> str:
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
