"""Whom a report concerns: marks of our own in it, never an address that anybody can write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from publisher.mailing.reports import feedback
from publisher.mailing.reports.parts import Part, groups_of, head_of
from publisher.mailing.reports.report import Marks

_RECIPIENTS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")
"""Where the mail systems on the way write the address that a report was sent to."""

_ENCLOSED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_QUOTED = re.compile(r"^[> \t]*(message-id|return-path):\s*(\S{1,200})", re.IGNORECASE | re.MULTILINE)
_TOKEN = re.compile(r"unsubscribe(?:/|%20|\+|\s)([\w.~=-]{8,300})", re.IGNORECASE)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Trace:
    """The numbers of an edition and of a subscriber, 0 where they are not known, and the name of a digest.

    `addressed` where the report was sent to the return path of the message itself, which readers never see.
    """

    edition: int = 0
    subscriber: int = 0
    digest: str = ""
    addressed: bool = False


def trace(whole: Part, marks: Marks) -> Trace:
    """The first proof of all that there may be: the return path, then what is left of our message."""
    for value in whole.all(*_RECIPIENTS):
        if key := marks.return_path(value):
            return Trace(*key, addressed=True)
    for name, value in _remains(whole):
        if found := _proof(name, value, marks):
            return found
    return Trace()


def _remains(whole: Part) -> Iterator[tuple[str, str]]:
    """Fields of our message that a report repeats, by name."""
    for part in whole.walk():
        if part.type in _ENCLOSED:
            yield from head_of(part.content()).fields
        elif part.type == feedback.TYPE:
            yield from (pair for group in groups_of(part.content()) for pair in group.items())
    yield from whole.fields
    for part in whole.walk():
        if part.type.startswith("text/") and not part.parts:
            yield from ((name.lower(), value) for name, value in _QUOTED.findall(part.text())[:_MOST])


def _proof(name: str, value: str, marks: Marks) -> Trace | None:
    key = None
    match name:
        case "return-path" | "original-mail-from":
            key = marks.return_path(value)
        case "message-id" | "in-reply-to" | "references":
            key = marks.message(value)
        case "list-unsubscribe":
            for token in _TOKEN.findall(value):
                if reader := marks.token(token):
                    return Trace(subscriber=reader[0], digest=reader[1])
    return Trace(*key) if key else None
