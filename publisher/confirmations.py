"""Somebody asked for mail → one message to him, with the link that says that it was him."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from publisher import addresses
from publisher.config import Config
from publisher.mailing.note import note
from publisher.mailing.outgoing import Outgoing
from publisher.render.confirmation import ConfirmationMail
from publisher.render.templates import Templates
from publisher.subscribing import Asked


class Confirmations:
    """Writes these messages for one site, whose `web.url` is set."""

    def __init__(self, config: Config, templates: Templates) -> None:
        self._config, self._mail = config, ConfirmationMail(config, templates)

    def message(self, asked: Asked, now: datetime) -> Outgoing:
        """The message; `publisher.errors.PublisherError` where it cannot be made."""
        url = addresses.absolute(self._config.web.url, addresses.confirm(asked.token))
        subject, html, text = self._mail.compose(asked.choices, asked.language, url, asked.until)
        name = blake2b(asked.token.encode(), digest_size=16).hexdigest()
        return note(self._config, asked.address, subject, (html, text), f"confirm.{name}", now)
