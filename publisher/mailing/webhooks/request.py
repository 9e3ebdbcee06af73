"""What a provider posts, what it amounts to, and how to ask a JSON document that anybody may have written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from publisher.config import Webhooks
from publisher.errors import WebhookRefused
from publisher.mailing.reports import Kind, Marks, Report, line

MOST_BYTES = 512 * 1024
_OLDEST = timedelta(hours=24)
"""Providers try for up to eight hours to bring a report, with the time of the first try."""

_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Post:
    """One request: names of `headers` in small letters, and what else is needed to judge it.

    `certificate` fetches the certificate at an address, in PEM. `seen` says whether a nonce was remembered.
    """

    headers: Mapping[str, str]
    body: bytes
    keys: Webhooks
    marks: Marks
    now: datetime
    certificate: Callable[[str], bytes]
    seen: Callable[[str], bool]

    def document(self) -> Document:
        """The body as JSON (`WebhookRefused`)."""
        if len(self.body) > MOST_BYTES:
            raise WebhookRefused("larger than any report is")
        return Document.read(self.body)

    def refuse_replays(self, moment: datetime, nonce: str) -> None:
        """Refuse what was signed long ago, or was acted on already."""
        if not self.now - _OLDEST <= moment <= self.now + _AHEAD:
            raise WebhookRefused(f"signed at another time: {moment.isoformat()}")
        if not nonce or self.seen(nonce):
            raise WebhookRefused("the same again")


@dataclass(frozen=True, slots=True)
class Received:
    """What a request amounts to.

    `confirm` is an address that the owner may visit to subscribe; nobody else does. `nonce` is to be
    remembered for a day once the reports were acted on, so that the request does not count again.
    """

    reports: tuple[Report, ...] = ()
    confirm: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A piece of a JSON document; what is not there, or of another type, is empty."""

    value: Any

    @classmethod
    def read(cls, text: bytes | str) -> Document:
        """Read JSON (`WebhookRefused`)."""
        try:
            return cls(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise WebhookRefused("not JSON") from error

    def at(self, *path: str) -> Document:
        """What stands at a path of keys."""
        found = self.value
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return Document(found)

    def text(self, *path: str) -> str:
        """The text or number at a path."""
        found = self.at(*path).value
        return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""

    def items(self, *path: str) -> list[Document]:
        """The members of the array at a path."""
        found = self.at(*path).value
        return [Document(item) for item in found[:1000]] if isinstance(found, list) else []


def vouched(
    post: Post,
    kind: Kind,
    address: str,
    *,
    path: str = "",
    message: str = "",
    status: str = "",
    diagnostic: str = "",
    given_up: bool = False,
) -> Report:
    """A report that a provider signed for: the address is believed, and our marks tell the delivery.

    `path` is the return path and `message` the Message-ID of our message, as far as the provider says.
    """
    key = post.marks.return_path(path) or post.marks.message(message) or (0, 0)
    return Report(
        kind=kind,
        when=post.now,
        edition=key[0],
        subscriber=key[1],
        address=line(address),
        status=status,
        diagnostic=line(diagnostic),
        given_up=given_up,
        vouched=True,
    )
