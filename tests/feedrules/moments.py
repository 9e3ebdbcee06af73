"""Dates of both kinds: RFC 3339 and RFC 822 with a year of four digits."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RFC822 = re.compile(
    rf"({'|'.join(_DAYS)}), \d\d? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d+)"
    r" \d\d:\d\d(?::\d\d)? (\S+)"
)


def rfc3339(text: object, what: str, found: list[str]) -> datetime | None:
    """The moment that `text` names; None, and one more sentence in `found`, where it names none."""
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        found.append(f"{what} is no RFC 3339 date: {text!r}.")
        return None
    if match[2] is None:
        found.append(f"{what} has no time zone: {text!r}.")
        return None
    try:
        return datetime.fromisoformat(match[0].replace("Z", "+00:00"))
    except ValueError as fault:
        found.append(f"{what} is impossible ({fault}): {text!r}.")
        return None


def rfc822(text: str, what: str, found: list[str]) -> datetime | None:
    """The same for RSS and OPML, whose dates carry their weekday."""
    match = _RFC822.fullmatch(text)
    if match is None:
        found.append(f"{what} is no RFC 822 date: {text!r}.")
        return None
    day, year, zone = match.groups()
    if len(year) != 4:
        found.append(f"{what} has no year of four digits: {text!r}.")
        return None
    if zone != "GMT" and not re.fullmatch(r"[+-]\d{4}", zone):
        found.append(f"{what} has neither a numeric zone nor GMT: {text!r}.")
        return None
    try:
        moment = parsedate_to_datetime(text.replace("GMT", "+0000"))
    except ValueError as fault:
        found.append(f"{what} is impossible ({fault}): {text!r}.")
        return None
    if _DAYS[moment.weekday()] != day:
        found.append(f"{what} has the wrong weekday: {text!r}.")
    return moment
