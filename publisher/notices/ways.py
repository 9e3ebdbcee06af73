"""How the owner is told: `ways_of` is the table of what the configuration names."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from urllib.parse import urlsplit

from publisher import __version__
from publisher.config import Config
from publisher.credentials import secret
from publisher.errors import DeliveryError, PublisherError
from publisher.mailing import TRANSPORTS
from publisher.mailing.note import note
from publisher.mailing.outgoing import Fate, Outcome, Outgoing
from publisher.notices.causes import Notice
from publisher.render.templates import Templates

Way = Callable[[Notice, datetime], None]
"""Tells of a notice; `PublisherError` or `OSError` where it cannot."""

_PATIENCE = 10.0
_GOOD = range(200, 300)


def ways_of(config: Config, templates: Templates) -> dict[str, Way]:
    """By name, what `[notices]` asks for."""
    words = Words(config, templates)
    ways: dict[str, Way] = {}
    if config.notices.mail:
        ways["mail"] = ByMail(config, words)
    if address := secret(config.notices.webhook_env):
        ways["webhook"] = ByWeb(config, words, address)
    return ways


class Words:
    """Notices in the language of the site."""

    def __init__(self, config: Config, templates: Templates) -> None:
        self._config, self._templates = config, templates

    def subject(self, notice: Notice) -> str:
        """One line."""
        return " ".join(self._rendered("mail/notice-subject.txt", notice).split())

    def html(self, notice: Notice) -> str:
        """A page."""
        return self._rendered("mail/notice.html", notice)

    def text(self, notice: Notice) -> str:
        """The same in plain letters."""
        return self._rendered("mail/notice.txt", notice)

    def _rendered(self, name: str, notice: Notice) -> str:
        zone, cause = self._config.zone, notice.cause
        began = cause.since or notice.since
        return self._templates.render(
            name,
            site=self._config.site,
            language=self._templates.language,
            direction=self._templates.direction,
            cause=cause,
            over=notice.over,
            since=began.astimezone(zone),
        )


class ByMail:
    """A message over the site's own transport."""

    def __init__(self, config: Config, words: Words) -> None:
        self._config, self._words = config, words

    def __call__(self, notice: Notice, now: datetime) -> None:
        """Send it; `publisher.errors.DeliveryError` where no relay takes it."""
        texts = self._words.html(notice), self._words.text(notice)
        told = f"{notice.cause.name}\0{notice.over}\0{now.isoformat()}".encode()
        name = f"notice.{blake2b(told, digest_size=16).hexdigest()}"
        message = note(self._config, self._config.notices.mail, self._words.subject(notice), texts, name, now)
        kept = _Kept()
        TRANSPORTS[self._config.mail.transport](self._config).deliver(iter([message]), kept)
        (outcome,) = kept.outcomes
        if outcome.fate is not Fate.SENT:
            raise DeliveryError(f"{outcome.fate}: {outcome.answer}", code=outcome.code)


class ByWeb:
    """JSON to a web address: `text` in words, as chat programs show it, and the facts beside it."""

    def __init__(self, config: Config, words: Words, address: str) -> None:
        self._config, self._words = config, words
        self._parts = urlsplit(address)

    def __call__(self, notice: Notice, now: datetime) -> None:
        """Post it; `publisher.errors.PublisherError` where it is not taken with a status of 2xx."""
        body = {
            "text": f"{self._words.subject(notice)}\n\n{self._words.text(notice)}".strip(),
            "site": self._config.site.url,
            "cause": notice.cause.name,
            "over": notice.over,
            "since": notice.since.isoformat(),
            "details": notice.cause.details,
        }
        status = self._posted(json.dumps(body, ensure_ascii=False).encode())
        if status not in _GOOD:
            raise PublisherError(f"the web address of [notices] answered {status}")

    def _posted(self, body: bytes) -> int:
        parts = self._parts
        kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
        if parts.scheme not in kinds or not parts.hostname:
            raise PublisherError("the web address of [notices] is none")
        path = re.sub(r"[\x00-\x20]", "", parts._replace(scheme="", netloc="", fragment="").geturl()) or "/"
        connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=_PATIENCE)
        try:
            headers = {"Content-Type": "application/json", "User-Agent": f"publisher/{__version__}"}
            connection.request("POST", path, body, headers)
            status: int = connection.getresponse().status
            return status
        except http.client.HTTPException as error:
            raise PublisherError(f"the web address of [notices] does not speak HTTP: {error!r}") from error
        finally:
            connection.close()


@dataclass(slots=True)
class _Kept:
    """A gate that lets everything pass; see `publisher.mailing.outgoing.Gate`."""

    outcomes: list[Outcome] = field(default_factory=list)

    def pass_(self, done: Sequence[Outcome], leaving: Sequence[Outgoing]) -> None:
        self.outcomes.extend(done)
