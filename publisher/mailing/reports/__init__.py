"""What comes back → what it says, and about whom. Pure; nothing in a message makes it raise or take long.

::

    parts      bytes → fields and parts, bounded
    traces     whom it concerns: marks that only this site can have made
    notices    delivery status notifications     ┐
    feedback   what readers told their provider  │ what it says:
    answers    unsubscribe requests, absences    │ the first that knows it
    guesses    notices without a standard        ┘
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from publisher.mailing.reports import answers, feedback, guesses, notices
from publisher.mailing.reports.parts import MOST_BYTES, Part, line, parse
from publisher.mailing.reports.report import Finding, Kind, Marks, Report
from publisher.mailing.reports.statuses import code_in, is_for_good
from publisher.mailing.reports.traces import Trace, trace

__all__ = ["MOST_BYTES", "Finding", "Kind", "Marks", "Report", "code_in", "is_for_good", "line", "read"]

_OLDEST = timedelta(days=60)


def read(raw: bytes, marks: Marks, now: datetime) -> Report:
    """What a message says that came back.

    Without a proof whom it concerns, a hard bounce is soft, and a complaint or a request unknown: anybody
    can write those. `when` is the message's own date where that can be.
    """
    whole = parse(raw)
    found, whom = _read(whole, marks)
    return Report(
        kind=found.kind,
        when=_date(whole, now),
        edition=whom.edition,
        subscriber=whom.subscriber,
        digest=whom.digest,
        address=found.address,
        status=found.status,
        diagnostic=found.diagnostic,
        given_up=found.given_up,
    )


def _read(whole: Part, marks: Marks) -> tuple[Finding, Trace]:
    whom = trace(whole, marks)
    if found := notices.finding(whole):
        return _proven(found, known=whom.subscriber > 0), whom
    if found := feedback.finding(whole):
        return _proven(found, known=whom.subscriber > 0), whom
    token = answers.request(whole)
    if token is not None:
        return _asked(whole, marks, token)
    system = guesses.is_from_system(whole)
    if answers.is_automatic(whole) and not system:
        return Finding(Kind.NOTHING, diagnostic=_about(whole)), whom
    if found := guesses.finding(whole):
        return _proven(found, known=whom.addressed), whom
    return Finding(Kind.UNKNOWN, diagnostic=_about(whole)), whom


def _asked(whole: Part, marks: Marks, token: str) -> tuple[Finding, Trace]:
    if reader := marks.token(token) if token else None:
        return Finding(Kind.UNSUBSCRIBE), Trace(subscriber=reader[0], digest=reader[1])
    what = "a token that is not ours" if token else "no token"
    return Finding(
        Kind.UNKNOWN, diagnostic=line(f"an unsubscribe request with {what}, {_about(whole)}")
    ), Trace()


def _proven(found: Finding, *, known: bool) -> Finding:
    if not known and found.kind is Kind.HARD:
        return replace(found, kind=Kind.SOFT)
    if not known and found.kind is Kind.COMPLAINT:
        return replace(found, kind=Kind.UNKNOWN)
    return found


def _about(whole: Part) -> str:
    """Who wrote and of what, for a person who looks for the message."""
    return line(f"from {line(whole.words('from')) or 'nobody'}: {whole.words('subject')}")


def _date(whole: Part, now: datetime) -> datetime:
    try:
        said = parsedate_to_datetime(whole.first("date"))
        said = said if said.tzinfo else said.replace(tzinfo=UTC)
        return said.astimezone(UTC) if now - _OLDEST <= said <= now else now
    except (ValueError, TypeError, OverflowError, IndexError):
        return now
