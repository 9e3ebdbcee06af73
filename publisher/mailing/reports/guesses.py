"""Notices of mail systems that follow no standard: flufl.bounce knows many. What it says is a hint."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from email.errors import MessageError
from email.message import Message
from itertools import islice, takewhile

from publisher.mailing.reports.parts import Part, line
from publisher.mailing.reports.report import Finding, Kind
from publisher.mailing.reports.statuses import code_in, is_for_good, most_specific

_SYSTEMS = re.compile(r"(?:^|[<\s])(?:mailer-daemon|postmaster|mdaemon|mail-daemon)(?![\w.-])", re.IGNORECASE)
_COPY = re.compile(r"\W*-{3,}.*\b(?:copy|original|forwarded|returned|below)\b", re.IGNORECASE)
_REPLY = re.compile(r"(?<![\d.])[45]\d\d[ -]")
_PASSING = re.compile(
    r"quota|mailbox.{0,20}full|too (?:large|big)|exceed|spam|block|polic|temporar|try again|delay",
    re.IGNORECASE,
)
_MOST_BYTES = 16 * 1024
_MOST_LINES = 300
_ODD = (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the email package raises under flufl.bounce: it reads addresses by recursion, one step for each bracket."""

# It tells its log of what it raises too, and of each of its steps.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


def is_from_system(whole: Part) -> bool:
    """Whether a mail system wrote it, by its own account: any may lie, so that nothing is believed for it."""
    named = _SYSTEMS.search(whole.first("from")) is not None
    return named or whole.first("x-failed-recipients") != ""


def finding(whole: Part) -> Finding | None:
    """What a notice seems to say; none where nothing in it is known, or where a person may have written it."""
    nobody = whole.first("return-path").replace(" ", "") == "<>"
    passing, lasting = _failures(whole) if nobody or is_from_system(whole) else ([], [])
    for address in (*lasting, *passing):
        said = _said(whole)
        told = next((text for text in said if code_in(text) or _REPLY.search(text)), "")
        hard = address in lasting and (
            is_for_good("", told) if told else not any(_PASSING.search(text) for text in said)
        )
        return Finding(
            Kind.HARD if hard else Kind.SOFT,
            line(address),
            most_specific("", told),
            line(told or _beside(address, said)),
            given_up=address in lasting,
        )
    return None


def _beside(address: str, said: list[str]) -> str:
    """The line that names the address and the one after it."""
    place = next((number for number, text in enumerate(said) if address in text), len(said))
    return " ".join(said[place : place + 2])


def _failures(whole: Part) -> tuple[list[str], list[str]]:
    from flufl.bounce import all_failures

    message = _message(whole)
    if not message.get("from", "").strip():
        # Version 6.0.0 stumbles where there is no sender, before it has tried all that it knows.
        del message["From"]
        message["From"] = "nobody@localhost"
    try:
        passing, lasting = all_failures(message)
    except _ODD:
        return [], []
    return _in_order(passing), _in_order(lasting)


def _in_order(found: Iterable[bytes]) -> list[str]:
    """Addresses of a set, which has no order: the one that is named must not depend on the day."""
    return [address.decode("ascii", "replace") for address in sorted(found)]


def _message(part: Part) -> Message:
    """The same for the email package, made of what is bounded already."""
    message = Message()
    for name, value in part.fields:
        if name != "content-transfer-encoding":
            message[name] = value
    if part.parts:
        message.set_payload([_message(inner) for inner in part.parts])
    else:
        message.set_payload("\n".join(_lines(part)))
    return message


def _said(whole: Part) -> list[str]:
    """The lines of a notice up to the copy of our message that it may hold, without blank ones."""
    texts = (part for part in whole.walk() if part.type.startswith("text/") and not part.parts)
    lines = (text for part in texts for text in _lines(part) if text.strip())
    return list(islice(takewhile(lambda text: not _COPY.match(text), lines), _MOST_LINES))


def _lines(part: Part) -> list[str]:
    """The first lines of a part: a notice says what it has to say at its beginning."""
    return part.content()[:_MOST_BYTES].decode("utf-8", "replace").splitlines()[:_MOST_LINES]
