"""A date somewhere in a line: between a name and a reading time, glued to both, in the languages of pages.

Only a day with its year counts. Of several the first does: what follows is mostly when the page was changed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from publisher.reading.dates import EARLIEST, LATEST, ZONES

_MONTHS = """
jan january januar janvier enero gennaio ene gen janv jän jänner tháng1
feb february februar février febrero febbraio févr fév tháng2
mar march märz mars marzo mär mrz tháng3
apr april avril abril aprile abr avr tháng4
may mai mayo maggio mag tháng5
jun june juni juin junio giugno giu tháng6
jul july juli juillet julio luglio lug juil tháng7
aug august août agosto ago tháng8
sep sept september septembre septiembre settembre set tháng9
oct october oktober octobre octubre ottobre okt ott tháng10
nov november novembre noviembre tháng11
dec december dezember décembre diciembre dicembre dez déc dic tháng12
"""
"""Their names and short forms in English, German, French, Spanish, Italian and Vietnamese, a line for each."""

_NUMBERS = {name: number for number, line in enumerate(_MONTHS.split("\n")) for name in line.split()}
_NAMES = "|".join(sorted((name for name in _NUMBERS if not name.startswith("tháng")), key=len, reverse=True))
_MONTH = rf"(?:(?:{_NAMES})(?![^\W\d_])|tháng\s?(?:1[0-2]|0?[1-9])(?!\d))"
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"""
    (?<![\d/.-])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s?(?:de\s|of\s)?(?P<month>{_MONTH})\.?,?\s?(?:de\s|del\s|năm\s)?(?P<year>{_YEAR})
    | (?<![^\W\d_])(?P<month2>{_MONTH})\.?\s(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year2>{_YEAR})
    | (?<![\d/.-])(?P<day3>\d{{1,2}})(?P<by>[/.-])(?P<month3>\d{{1,2}})(?P=by)(?P<year3>{_YEAR})(?!\d*[/-])
    | (?<!\d)(?P<year4>{_YEAR})-(?P<month4>\d\d)-(?P<day4>\d\d)(?!\d)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TIME = re.compile(
    r"""(?<![\d:.])(?P<hour>[01]?\d|2[0-3])(?:[:.]|\s?(?:h|giờ)\s?)(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:/.]\d)
    \s?(?P<half>[ap]\.?m\b\.?)?
    \s?(?:Uhr\b)?\s?(?P<zone>\(?(?:GMT|UTC)?\s?[+-]\s?\d{1,2}(?::?\d\d)?\)?|(?<![^\W\d_])[A-Z]{2,4}\b)?""",
    re.VERBOSE | re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:gmt|utc)?\s?(?P<sign>[+-])\s?(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?")
_GLUED = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z][^\W\d_])|(?<=(?:19|20)\d\d)(?=\d{1,2}:\d\d)")
_NEAR = 24
"""Characters between a date and its time at most."""
_LONGEST = 160


class Dateline(NamedTuple):
    """A date in a line: the moment, whether a time stood by it, and its part of the line, from 0 to 1."""

    moment: datetime
    timed: bool
    share: float


def date_within(line: str, zone: ZoneInfo) -> Dateline | None:
    """The first date in a line that is no paragraph, with the time beside it; nothing where it is impossible."""
    if len(line) > _LONGEST:
        return None
    text = _GLUED.sub(" ", unicodedata.normalize("NFC", line).replace("\xa0", " "))
    found = _DATE.search(text)
    if found is None:
        return None
    year, month, day = _parts(found)
    time = _nearest(text, found)
    try:
        moment = datetime(year, month, day, *(_clock(time) if time else (0, 0)), tzinfo=_zone(time) or zone)
    except ValueError:
        return None
    if not EARLIEST <= year <= LATEST:
        return None
    length = found.end() - found.start() + (time.end() - time.start() if time else 0)
    return Dateline(moment, time is not None, length / len(text))


def _parts(found: re.Match[str]) -> tuple[int, int, int]:
    for number in ("", "2", "3", "4"):
        if found[f"year{number}"]:
            name = re.sub(r"\s", "", found[f"month{number}"].lower())
            month = _NUMBERS.get(name.replace("tháng0", "tháng")) or int(name)
            return int(found[f"year{number}"]), month, int(found[f"day{number}"])
    raise ValueError("no date")


def _nearest(text: str, date: re.Match[str]) -> re.Match[str] | None:
    """The time that stands closest, behind the date rather than before it."""
    best, least = None, _NEAR + 1
    for time in _TIME.finditer(text):
        behind = time.start() - date.end()
        before = date.start() - time.end()
        distance = behind if behind >= 0 else before + 1 if before >= 0 else _NEAR + 1
        if distance < least:
            best, least = time, distance
    return best


def _clock(time: re.Match[str]) -> tuple[int, int]:
    hour, half = int(time["hour"]), (time["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("not an hour of half a day")
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour, int(time["minute"])


def _zone(time: re.Match[str] | None) -> tzinfo | None:
    said = (time["zone"] or "").strip("() ").lower() if time else ""
    if numbered := _OFFSET.fullmatch(said):
        ahead = timedelta(hours=int(numbered["hours"]), minutes=int(numbered["minutes"] or 0))
        return timezone(-ahead if numbered["sign"] == "-" else ahead)
    return timezone(timedelta(hours=ZONES[said])) if said in ZONES else None
