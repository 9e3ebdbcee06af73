"""Dates as newspapers, mails and machines write them; always day first, unless a month is named."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from publisher.errors import SeedError

_LONGEST = 100
EARLIEST, LATEST = 1000, 9998
"""Years; room on both sides lets any offset be applied."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
ZONES = {"z": 0, "utc": 0, "gmt": 0, "ut": 0, "ict": 7, "cet": 1, "cest": 2} | {
    f"{place}{kind}t": hours + (kind == "d")
    for place, hours in (("e", -5), ("c", -6), ("m", -7), ("p", -8))
    for kind in "sd"
}
"""Hours ahead of UTC by name: those of RFC 2822, section 4.3, Indochina's and central Europe's."""

_LABEL = re.compile(
    r"(?:ngày đăng|đăng ngày|đăng lúc|ngày|cập nhật(?: lúc| ngày)?|xuất bản|thời gian"
    r"|published(?: on| at)?|posted(?: on)?|updated(?: on)?|date)\s*:\s*"
)
_PIECE = re.compile(
    rf"""
    (?P<blank> [\s,|·•–—]+ | -(?=\s) | (?:lúc|vào|ngày|at|on)\b )
    | (?P<weekday> (?:thứ\s(?:hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|chủ\snhật)\b
        | (?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.? )
    | (?P<year_first> (?P<y1>[0-9]{{4}})(?P<s1>[-/.])(?P<m1>[0-9]{{1,2}})(?P=s1)(?P<d1>[0-9]{{1,2}})
        (?:(?![0-9t])|t(?=[0-9])) )
    | (?P<day_first> (?P<d2>[0-9]{{1,2}})\s?(?P<s2>[-/.])\s?(?P<m2>[0-9]{{1,2}})\s?(?P=s2)
        \s?(?P<y2>[0-9]{{4}})(?![0-9]) )
    | (?P<vietnamese> (?P<d3>[0-9]{{1,2}})\stháng\s(?P<m3>[0-9]{{1,2}}),?\s(?:năm\s)?(?P<y3>[0-9]{{4}})(?![0-9]) )
    | (?P<month_named> (?P<m4>{_NAMED_MONTH})\s(?P<d4>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y4>[0-9]{{4}})(?![0-9]) )
    | (?P<day_named> (?P<d5>[0-9]{{1,2}})(?:st|nd|rd|th)?[\s-](?P<m5>{_NAMED_MONTH}),?[\s-](?P<y5>[0-9]{{4}})(?![0-9]) )
    | (?P<time> (?P<hour>[0-9]{{1,2}})(?:
        :(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}})(?:[.,][0-9]+)?)?
        | \s?(?:h|giờ)\s?(?:(?P<after>[0-9]{{2}})(?:\s?(?:phút|p|'))?)? )
        (?![0-9:])(?:\s?(?P<half>[ap]\.?m\b\.?|sa\b|ch\b))? )
    | (?P<zone> \(?(?:gmt|utc)?\s?(?P<sign>[+-])(?P<hours>[0-9]{{1,2}})(?::?(?P<minutes>[0-9]{{2}}))?(?![0-9:])\)? )
    | (?P<zone_name> \(?(?:{"|".join(ZONES)})\b\)? )
    """,
    re.VERBOSE,
)
_DATES = {"year_first": "1", "day_first": "2", "vietnamese": "3", "month_named": "4", "day_named": "5"}


def parse_date(text: str, zone: ZoneInfo) -> datetime | None:
    """The moment that the whole line `text` names, in whole seconds; None where it is no date.

    An offset that stands in the line wins over `zone`; without a time it is 00:00. SeedError where
    the line has the shape of a date that does not exist.
    """
    if len(text) > _LONGEST:
        return None
    line = " ".join(unicodedata.normalize("NFC", text).casefold().split()).strip(" ,|·•–—-.;")
    label = _LABEL.match(line)
    pieces = _pieces(line[label.end() :] if label else line)
    if pieces is None or not (kind := next((kind for kind in _DATES if kind in pieces), "")):
        return None
    try:
        return _moment(pieces, kind, zone)
    except ValueError as fault:
        shown = " ".join(text.split())
        hint = "the day comes first, as in 30/05/2023 17:26"
        raise SeedError(f"impossible date “{shown}”", hint=hint) from fault


def _pieces(line: str) -> dict[str, re.Match[str]] | None:
    """The pieces of a line that holds nothing but a date, by kind; None for any other line."""
    found: dict[str, re.Match[str]] = {}
    position = 0
    while position < len(line):
        piece = _PIECE.match(line, position)
        if piece is None or piece.lastgroup is None:
            return None
        kind = next(name for name in _KINDS if piece[name] is not None)
        if kind in found and kind in _ONCE:
            return None
        found.setdefault(kind, piece)
        position = piece.end()
    return found if sum(kind in found for kind in _DATES) == 1 else None


_ONCE = frozenset({*_DATES, "time", "weekday"})
_KINDS = ("blank", "weekday", *_DATES, "time", "zone", "zone_name")


def _moment(pieces: dict[str, re.Match[str]], kind: str, zone: ZoneInfo) -> datetime:
    number, date = _DATES[kind], pieces[kind]
    year, day = int(date[f"y{number}"]), int(date[f"d{number}"])
    if not EARLIEST <= year <= LATEST:
        raise ValueError(year)
    hour, minute, second = _time(pieces.get("time"))
    where = _offset(pieces) or zone
    return datetime(year, _month(date[f"m{number}"]), day, hour, minute, second, tzinfo=where)


def _month(word: str) -> int:
    return int(word) if word.isdigit() else _MONTHS.index(word[:3]) + 1


def _time(piece: re.Match[str] | None) -> tuple[int, int, int]:
    if piece is None:
        return 0, 0, 0
    hour = int(piece["hour"])
    if half := piece["half"]:
        if not 1 <= hour <= 12 and half[0] in "ap":
            raise ValueError(hour)
        hour = hour % 12 + (12 if half[0] in "pc" else 0) if hour <= 12 else hour
    return hour, int(piece["minute"] or piece["after"] or 0), int(piece["second"] or 0)


def _offset(pieces: dict[str, re.Match[str]]) -> tzinfo | None:
    if piece := pieces.get("zone"):
        hours, minutes = int(piece["hours"]), int(piece["minutes"] or 0)
        if hours > 15 or minutes > 59:
            raise ValueError(piece[0])
        distance = timedelta(hours=hours, minutes=minutes)
        return timezone(-distance if piece["sign"] == "-" else distance)
    if name := pieces.get("zone_name"):
        return timezone(timedelta(hours=ZONES[name[0].strip("()")]))
    return None
