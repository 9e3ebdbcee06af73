"""JSON → people: objects as our own export writes them, in an array or one after another."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

from publisher.mailing.importing import values
from publisher.mailing.importing.delimited import text_of
from publisher.mailing.importing.terms import Entry, Refusal, RefusedError, Terms
from publisher.model import Consent, Happening, Origin, Subscriber, SubscriberState, Subscription

_DECODER = json.JSONDecoder()
_CHUNK = 1 << 16
_LONGEST = 1 << 22
"""Characters of one object: somebody with a long history."""
_BETWEEN = re.compile(r"[ \t\r\n,\[\]]*")


def read(stream: io.BufferedReader, terms: Terms) -> Iterator[Entry | Refusal]:
    """The people of a JSON file; what is no JSON ends it, with its line."""
    with text_of(stream) as text:
        for line, found in _objects(text):
            try:
                if isinstance(found, RefusedError):
                    raise found
                yield Entry(line, _person(_Fields(found), terms))
            except RefusedError as refused:
                yield Refusal(line, str(refused))


def _objects(text: io.TextIOBase) -> Iterator[tuple[int, object]]:
    """Each value with its line, a few in memory at a time; a `RefusedError` where JSON ends before the file."""
    line, held, at, whole = 1, "", 0, False
    while True:
        start = _between(held, at)
        line += held.count("\n", at, start)
        value, at = _value(held, start)
        if at > start and (at < len(held) or whole):
            yield line, value
            line += held.count("\n", start, at)
        elif whole or len(held) - start >= _LONGEST:
            if start < len(held):
                yield line, RefusedError("is not JSON from here on")
            return
        else:
            more = text.read(_CHUNK)
            held, at, whole = held[start:] + more, 0, not more


def _between(held: str, at: int) -> int:
    found = _BETWEEN.match(held, at)
    return found.end() if found else at


def _value(held: str, start: int) -> tuple[object, int]:
    """The value that begins there and where it ends; that is its beginning where there is none, or no whole one."""
    try:
        value, end = _DECODER.raw_decode(held, start)
    except (ValueError, RecursionError):
        return None, start
    return value, int(end)


class _Fields:
    """The fields of one object; those that are missing are empty, those of a wrong type are refused."""

    def __init__(self, found: object) -> None:
        if not isinstance(found, dict):
            raise RefusedError("is no object")
        self._found = found

    def has(self, name: str) -> bool:
        """Whether it says anything of it."""
        return self._found.get(name) is not None

    def text(self, name: str) -> str:
        """A text, without halves of characters."""
        found = str(self._typed(name, str, ""))
        if not found.isascii() and re.search("[\ud800-\udfff]", found):
            raise RefusedError(f"{name}: holds half a character")
        return found

    def number(self, name: str) -> str:
        """A number from 0 on, in digits."""
        found = self._typed(name, int, 0)
        return str(found)

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        found = self._typed(name, list, [])
        if not all(isinstance(each, str) for each in found):
            raise RefusedError(f"{name}: must be a list of texts")
        return list(found)

    def each(self, name: str) -> list[_Fields]:
        """A list of objects."""
        return [_Fields(each) for each in self._typed(name, list, [])]

    def inner(self, name: str) -> _Fields | None:
        """An object, or nothing."""
        found = self._found.get(name)
        return _Fields(found) if found is not None else None

    def _typed(self, name: str, kind: type, empty: Any) -> Any:
        found = self._found.get(name)
        if found is None:
            return empty
        if type(found) is not kind:
            raise RefusedError(f"{name}: is of a wrong type")
        return found


def _person(fields: _Fields, terms: Terms) -> Subscriber:
    address, key = values.address(fields.text("address"))
    state = values.state(fields.text("state") or SubscriberState.ACTIVE)
    subscriptions = tuple(_subscription(each, terms) for each in fields.each("subscriptions"))
    if not fields.has("subscriptions"):
        subscriptions = terms.choices
    consent = _consent(fields.inner("consent"), terms)
    listed = subscriptions and all(mine.origin is Origin.OWNER for mine in subscriptions)
    if state is SubscriberState.ACTIVE and not listed and not (consent and consent.text):
        raise RefusedError("to which words this person agreed is not said")
    since = fields.text("since")
    return Subscriber(
        0,
        address,
        key,
        state,
        values.language(fields.text("language") or terms.language),
        values.moment("since", since) if since else None,
        consent,
        subscriptions=subscriptions if state is SubscriberState.ACTIVE else (),
        history=tuple(_happening(each) for each in fields.each("history")),
    )


def _consent(fields: _Fields | None, terms: Terms) -> Consent | None:
    if fields is not None:
        at = values.moment("consent.at", fields.text("at"))
        return Consent(at, fields.text("source") or terms.source, fields.text("text") or terms.consent)
    return Consent(terms.now, terms.source, terms.consent) if terms.consent else None


def _subscription(fields: _Fields, terms: Terms) -> Subscription:
    digest = fields.text("digest")
    if digest not in terms.digests:
        raise RefusedError(f"digest: there is none of the name {values.shown(digest)}")
    weekday = fields.text("weekday")
    return Subscription(
        digest,
        values.kept_labels(fields.texts("keywords")),
        values.rhythm(fields.text("rhythm") or "edition"),
        values.weekday(weekday) if weekday else 0,
        values.length(fields.number("length")),
        values.origin(fields.text("origin") or "reader"),
    )


def _happening(fields: _Fields) -> Happening:
    return Happening(
        values.moment("history.at", fields.text("at")), fields.text("what"), fields.text("detail")
    )
