"""CSV → people. Columns have the names that listmonk, Mailchimp and Ghost give them, or those of our export."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from publisher.errors import UsageError
from publisher.mailing.importing import values
from publisher.mailing.importing.delimited import Record, records
from publisher.mailing.importing.terms import Entry, Refusal, RefusedError, Terms
from publisher.model import Consent, Origin, Subscriber, SubscriberState, Subscription

_COLUMNS = {
    "address": ("email", "emailaddress"),
    "state": ("state", "status"),
    "wants": ("subscribedtoemails",),
    "left": ("unsubtime", "deletedat"),
    "cleaned": ("cleantime",),
    "since": ("since", "createdat"),
    "agreed": ("consentat", "confirmtime", "optintime"),
    "source": ("consentsource",),
    "words": ("consenttext",),
    "language": ("language",),
    "digest": ("digest",),
    "keywords": ("keywords",),
    "rhythm": ("rhythm",),
    "weekday": ("weekday",),
    "length": ("length",),
    "origin": ("origin",),
}
"""What columns say, by their names in small letters and digits; of several, the first that is filled counts."""
_CHOICES = ("keywords", "rhythm", "weekday", "length", "origin")


def read(stream: io.BufferedReader, terms: Terms) -> Iterator[Entry | Refusal]:
    """The people of a CSV file, line by line."""
    found = records(stream)
    heading = next(found, Record(1))
    columns = _columns(heading)
    for record in found:
        try:
            yield Entry(record.line, _person(_Row(columns, heading, record), terms))
        except RefusedError as refused:
            yield Refusal(record.line, str(refused))


class _Row(dict[str, str]):
    """What the cells of one line say; nothing where there is no such column."""

    def __init__(self, columns: Mapping[str, Sequence[int]], heading: Record, record: Record) -> None:
        cells = record.cells
        if record.fault:
            raise RefusedError(record.fault)
        if len(cells) != len(heading.cells):
            raise RefusedError(f"has {len(cells)} columns, the heading {len(heading.cells)}")
        for what, places in columns.items():
            self[what] = next((text for place in places if (text := cells[place].strip())), "")
        self.line = record.line

    def __missing__(self, what: str) -> str:
        return ""


def _columns(heading: Record) -> dict[str, list[int]]:
    names = ["".join(filter(str.isalnum, name.casefold())) for name in heading.cells]
    found = {
        what: [names.index(alias) for alias in aliases if alias in names]
        for what, aliases in _COLUMNS.items()
    }
    if heading.fault or not found["address"]:
        what = heading.fault or "names no column of addresses"
        raise UsageError(
            f"line {heading.line}: {what}", hint="the first line names the columns: email,keywords"
        )
    return {what: places for what, places in found.items() if places}


def _person(row: _Row, terms: Terms) -> Subscriber:
    address, key = values.address(row["address"])
    since = values.moment("since", row["since"]) if row["since"] else None
    language = values.language(row["language"] or terms.language)
    state = _state(row)
    active = state is SubscriberState.ACTIVE
    subscriptions = _subscriptions(row, terms) if active else ()
    consent = None
    if words := row["words"] or (terms.consent if active else ""):
        at = values.moment("consent", row["agreed"]) if row["agreed"] else since or terms.now
        consent = Consent(at, row["source"] or terms.source, words)
    elif active and not (subscriptions and all(mine.origin is Origin.OWNER for mine in subscriptions)):
        _ask_for_consent(row)
    return Subscriber(0, address, key, state, language, since, consent, subscriptions=subscriptions)


def _ask_for_consent(row: _Row) -> None:
    if "words" in row:
        raise RefusedError("to which words this person agreed is not said")
    raise UsageError(
        f"line {row.line}: to which words these people agreed is not said",
        hint='--consent "Yes, I want to get the news by mail."',
    )


def _state(row: _Row) -> SubscriberState:
    """What the source says of it; whatever speaks against mail counts."""
    if row["cleaned"]:
        return SubscriberState.BOUNCED
    if row["left"] or (row["wants"] and not values.answer("subscribed_to_emails", row["wants"])):
        return SubscriberState.UNSUBSCRIBED
    return values.state(row["state"]) if row["state"] else SubscriberState.ACTIVE


def _subscriptions(row: _Row, terms: Terms) -> tuple[Subscription, ...]:
    digest = row["digest"]
    if digest and digest not in terms.digests:
        raise RefusedError(f"digest: there is none of the name {values.shown(digest)}")
    chosen = terms.choices
    if digest:
        base = terms.choices[0] if terms.choices else Subscription(digest)
        chosen = (next((mine for mine in chosen if mine.digest == digest), replace(base, digest=digest)),)
    elif not chosen and "digest" not in row:
        names = ", ".join(terms.digests) or "there is none in the configuration"
        raise UsageError(
            f"line {row.line}: which digest these people get is not said", hint=f"--digest: {names}"
        )
    if row.keys().isdisjoint(_CHOICES):
        return chosen
    return tuple(_choice(row, mine) for mine in chosen)


def _choice(row: _Row, mine: Subscription) -> Subscription:
    return Subscription(
        mine.digest,
        values.labels(row["keywords"]) or mine.keywords,
        values.rhythm(row["rhythm"]) if row["rhythm"] else mine.rhythm,
        values.weekday(row["weekday"]) if row["weekday"] else mine.weekday,
        values.length(row["length"]) if row["length"] else mine.length,
        values.origin(row["origin"]) if row["origin"] else mine.origin,
    )
