"""A page copied whole, menus and all: the article is found by where its prose is.

Menus, teasers and forms are short lines; an article is a run of sentences. The title stands above that
run, by a date or right before the lead; nothing far from it is taken for the article's own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.reading.datelines import date_within
from publisher.reading.markers import is_tail

_PROSE, _SENTENCE = 160, 80
"""Characters of a line that is prose whatever its end, and of one that ends as a sentence does."""
_WEIGHT, _COST = 400, 60
"""The most that a line of prose counts for a run, and what any other counts against it."""
_HEAD = 45
"""Lines above the prose in which title and date are looked for."""
_REACH = 8
"""Lines between a date and its title at most."""
_SHORTEST, _LONGEST = 15, 220
_CLOSERS = "”’\"'»)]}"
_ENDS = (".", "!", "?", "…")
_CREDIT = re.compile(
    r"\b(?:ảnh|foto|photo|image credits?|getty images|reuters\)|afp\)|video|vídeo)\s*:|\(foto|getty images",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:by|von|par|por|di|da|bài|theo|tác giả|reporting by|written by)\s*:?\s+[^\W\d_]", re.IGNORECASE
)
_NOTICE = re.compile(r"\b(?:cookies?|opt[- ]out|privacy policy|quyền riêng tư|datenschutz)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|www\.|@\w")


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Where the parts of an article are among the lines that are not blank.

    `published` and `dated` (its line) are empty where the page shows no date of the article's own.
    """

    title: int
    first: int
    last: int
    published: datetime | None = None
    dated: int | None = None


def anatomy(lines: Sequence[str], zone: ZoneInfo, tails: tuple[str, ...] = ()) -> Anatomy | None:
    """The article among the lines of a page, none of them blank; nothing where there is no run of prose."""
    run = _run(lines)
    if run is None:
        return None
    first, last = run
    dates = _dates(lines, first, zone)
    title = _title(lines, first, dates, tails)
    if title is None:
        return None
    near = [each for each in dates if abs(each[0] - title) <= _REACH]
    dated, moment = (
        min(near, key=lambda each: (not each[2], abs(each[0] - title)))[:2] if near else (None, None)
    )
    return Anatomy(title, first, last, moment, dated)


def is_prose(line: str) -> bool:
    """Whether a line is of sentences, and no name of a thing."""
    if len(line) >= _PROSE:
        return True
    return len(line) >= _SENTENCE and line.rstrip(_CLOSERS + " ").endswith(_ENDS)


def is_credit(line: str) -> bool:
    """Whether a line says whose a picture is."""
    return _CREDIT.search(line) is not None


def _run(lines: Sequence[str]) -> tuple[int, int] | None:
    """The first and the last line of the run of lines that has most prose in it and least of anything else."""
    best, found = 0, None
    total, start = 0, 0
    for at, line in enumerate(lines):
        if total <= 0:
            total, start = 0, at
        total += _value(line)
        if total > best:
            best, found = total, (start, at)
    return found


def _value(line: str) -> int:
    """What a line says for a run of prose; what sites say of cookies is long too, and speaks for nothing."""
    if not is_prose(line):
        return -_COST
    return 0 if _NOTICE.search(line) else min(len(line), _WEIGHT)


def _dates(lines: Sequence[str], first: int, zone: ZoneInfo) -> list[tuple[int, datetime, bool]]:
    """Lines that say when, around the beginning of the prose: the line, the moment, and whether with a time."""
    found = []
    for at in range(max(0, first - _HEAD), min(len(lines), first + 3)):
        line = date_within(lines[at], zone)
        if line and (line.timed or line.share > 0.3):
            found.append((at, line.moment, line.timed))
    return found


def _title(
    lines: Sequence[str], first: int, dates: list[tuple[int, datetime, bool]], tails: tuple[str, ...]
) -> int | None:
    """The line that is most like a title, and closest to a date, or to the prose where there is none."""
    times = Counter(lines)
    dated = {at for at, _, _ in dates}
    anchors = {at for at, _, timed in dates if timed} or dated or {first}
    best, score = None, 0.0
    for at in range(max(0, first - _HEAD), first):
        line = lines[at]
        if at in dated or not _may_be_title(line) or is_tail(line, tails):
            continue
        distance = min(abs(at - anchor) for anchor in anchors)
        if distance > _REACH and dates:
            continue
        points = _likeness(lines, at, times) - distance
        if best is None or points > score:
            best, score = at, points
    return best


def _likeness(lines: Sequence[str], at: int, times: Counter[str]) -> float:
    """How much a line looks like a title: of some length, before the lead, below a short name of a section."""
    line = lines[at]
    points = min(len(line), 90) / 10
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if is_prose(following) and not is_credit(following):
        points += 5
    elif _BYLINE.match(following):
        points += 2
    if times[line] > 1 and following == line:
        points += 4
    if at and len(lines[at - 1].split()) <= 2:
        points += 2
    return points


def _may_be_title(line: str) -> bool:
    if not _SHORTEST <= len(line) <= _LONGEST or len(line.split()) < 3:
        return False
    if line.rstrip(_CLOSERS).endswith((".", ":", ";")) or is_credit(line) or _ADDRESS.search(line):
        return False
    return not _BYLINE.match(line)
