"""Dates as feeds write them, read back."""

from __future__ import annotations

import re
from datetime import datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC822 = re.compile(
    rf"(?:{'|'.join(_DAYS)}), ([0-9]{{2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) ([0-9:]{{8}}) ([+-][0-9]{{4}})"
)
_FIRST, _LAST = 1000, 9998


def from_rfc3339(text: str | None) -> datetime | None:
    """A moment as Atom and JSON Feed write it (RFC 3339, section 5.6); None where it is none."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


def from_rfc822(text: str | None) -> datetime | None:
    """A moment as RSS writes it (RFC 822, section 5, with a year of four digits); None where it is none."""
    found = _RFC822.fullmatch(text or "")
    if not found or found[5] == "-0000":  # an offset that is not known (RFC 5322, section 3.3)
        return None
    day, month, year, time, zone = found.groups()
    moment = from_rfc3339(f"{year}-{_MONTHS.index(month) + 1:02}-{day}T{time}{zone}")
    return moment if moment and _DAYS[moment.weekday()] == found[0][:3] else None


def fault_in(moment: datetime | None) -> str:
    """What is wrong with a date: it must be plausible and know its offset, in whole minutes; else empty."""
    offset = moment.utcoffset() if moment else None
    if moment is None or offset is None or offset.total_seconds() % 60:
        return f"no date with an offset (got {moment})"
    if not _FIRST <= moment.year <= _LAST:
        return f"an implausible date (got {moment})"
    return ""
