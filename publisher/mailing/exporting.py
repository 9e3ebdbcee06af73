"""People → CSV or JSON. `publisher.mailing.importing` reads both back.

In CSV no cell begins as a formula does: before ``=``, ``+``, ``-``, ``@`` (or their wide forms), a tab or
a line end stands an apostrophe, so that spreadsheets show it and do not run it; imports take it away.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from publisher.mailing.importing.delimited import FORMULA
from publisher.mailing.importing.values import WEEKDAYS
from publisher.model import Rhythm, Subscriber, Subscription

_HEADING = (
    *("email", "state", "digest", "keywords", "rhythm", "weekday", "length", "origin"),
    *("language", "since", "consent_at", "consent_source", "consent_text"),
)
_FORMULA = re.compile(FORMULA)


def as_csv(people: Iterable[Subscriber]) -> Iterator[str]:
    """Lines, the heading first: one for each subscription, and one for somebody who has none."""
    yield _line(_HEADING)
    for person in people:
        for mine in person.subscriptions or (None,):
            yield _line(_cells(person, mine))


def as_json(people: Iterable[Subscriber]) -> Iterator[str]:
    """An array with somebody on each line, with all that is known of him."""
    before = "[\n"
    for person in people:
        yield before + json.dumps(data_of(person), ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


WRITERS: dict[str, Callable[[Iterable[Subscriber]], Iterator[str]]] = {"csv": as_csv, "json": as_json}
"""The forms of files by name."""


def data_of(person: Subscriber) -> dict[str, object]:
    """Everything of somebody but his key, for machines."""
    consent = person.consent
    return {
        "number": person.number,
        "address": person.address,
        "state": person.state,
        "language": person.language,
        "since": _time(person.since),
        "consent": consent and {"at": _time(consent.at), "source": consent.source, "text": consent.text},
        "bounces": person.bounces,
        "subscriptions": [
            {
                "digest": mine.digest,
                "keywords": mine.keywords,
                "rhythm": mine.rhythm,
                "weekday": _weekday(mine),
                "length": mine.length,
                "origin": mine.origin,
            }
            for mine in person.subscriptions
        ],
        "history": [
            {"at": _time(each.at), "what": each.what, "detail": each.detail} for each in person.history
        ],
    }


def _cells(person: Subscriber, mine: Subscription | None) -> tuple[str, ...]:
    consent = person.consent
    choice = (
        (mine.digest, _joined(mine.keywords), mine.rhythm, _weekday(mine), str(mine.length), mine.origin)
        if mine
        else ("",) * 6
    )
    agreed = (_time(consent.at), consent.source, consent.text) if consent else ("",) * 3
    return (person.address, person.state, *choice, person.language, _time(person.since), *agreed)


def _line(cells: Iterable[str]) -> str:
    guarded = [f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells]
    return _written(guarded) + "\r\n"


def _joined(labels: tuple[str, ...]) -> str:
    return _written(labels) if labels else ""


def _written(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _weekday(mine: Subscription) -> str:
    return WEEKDAYS[mine.weekday] if mine.rhythm is Rhythm.WEEKLY else ""


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
