"""What a cell or a value says. What it cannot say raises `RefusedError`, with the name of what is wrong."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from publisher import mailboxes
from publisher.mailing.importing.terms import RefusedError
from publisher.model import Origin, Rhythm, SubscriberState

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_ARTICLES = 1000

_STATES = {
    **{state.value: state for state in SubscriberState},
    "enabled": SubscriberState.ACTIVE,
    "subscribed": SubscriberState.ACTIVE,
    "disabled": SubscriberState.UNSUBSCRIBED,
    "blocklisted": SubscriberState.UNSUBSCRIBED,
    "cleaned": SubscriberState.BOUNCED,
}
"""States by the words of listmonk and Mailchimp, beside our own."""
_ANSWERS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_GO_TIME = re.compile(r" ([+-][0-9]{4}) \S+$")
"""The end of a time as Go prints it, and with it listmonk: ``+0700 +07``."""
_LONGEST_LABEL = 200
_SHOWN = 60
_Known = TypeVar("_Known")


def address(text: str) -> tuple[str, str]:
    """A bare address and its key; a display name is dropped."""
    if fault := mailboxes.fault_in_mailbox(text):
        raise RefusedError(f"{shown(text)}: {fault}" if text else "has no address")
    bare = mailboxes.parted(text)[1]
    return bare, mailboxes.key_of(bare)


def state(text: str) -> SubscriberState:
    """A state in our words or those of others."""
    return _chosen("status", text, _STATES)


def answer(name: str, text: str) -> bool:
    """Yes or no."""
    return _chosen(name, text, _ANSWERS)


def rhythm(text: str) -> Rhythm:
    """How often."""
    return _chosen("rhythm", text, {each.value: each for each in Rhythm})


def origin(text: str) -> Origin:
    """Who put somebody on a list."""
    return _chosen("origin", text, {each.value: each for each in Origin})


def weekday(text: str) -> int:
    """The number of a weekday, Monday is 0."""
    return _chosen("weekday", text, {name: number for number, name in enumerate(WEEKDAYS)})


def length(text: str) -> int:
    """The most articles of one mail."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) > MOST_ARTICLES:
        raise RefusedError(f"length: must be a number from 0 to {MOST_ARTICLES} (got {shown(text)})")
    return int(text)


def language(text: str) -> str:
    """A language tag (BCP 47), or nothing."""
    if text and not _LANGUAGE.fullmatch(text):
        raise RefusedError(f"language: must be a tag such as vi or en-GB (got {shown(text)})")
    return text


def moment(name: str, text: str) -> datetime:
    """A time in ISO 8601; without a zone it is UTC, as programs that leave it out mean it."""
    try:
        by_go = _GO_TIME.search(text)
        iso = text[: by_go.start()] + by_go[1] if by_go else text
        found = datetime.fromisoformat(iso).replace(microsecond=0)
    except ValueError:
        raise RefusedError(
            f"{name}: must be a time such as 2026-11-25T06:00:00Z (got {shown(text)})"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def labels(text: str) -> tuple[str, ...]:
    """Keywords out of one cell: separated by commas, those with a comma in quotes."""
    try:
        return kept_labels(next(csv.reader([text], skipinitialspace=True, strict=True), []))
    except csv.Error:
        raise RefusedError(f"keywords: quotes that do not fit (got {shown(text)})") from None


def kept_labels(texts: Iterable[str]) -> tuple[str, ...]:
    """Labels as they are kept: composed, on one line, each once whatever its case."""
    found: dict[str, str] = {}
    for text in texts:
        label = " ".join(unicodedata.normalize("NFC", text).split())
        if len(label) > _LONGEST_LABEL or not label.isprintable():
            raise RefusedError(f"keywords: no label (got {shown(label)})")
        if label:
            found.setdefault(label.casefold(), label)
    return tuple(found.values())


def shown(text: str) -> str:
    """A piece of what was given, which nothing can hide in."""
    plain = "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text)
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"


def _chosen(name: str, text: str, known: dict[str, _Known]) -> _Known:
    try:
        return known[text.casefold()]
    except KeyError:
        raise RefusedError(f"{name}: must be one of {', '.join(known)} (got {shown(text)})") from None
