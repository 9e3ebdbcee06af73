"""Editions on their way: the ledger's rows are made here, and carried through a transport one by one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr
from uuid import NAMESPACE_URL, uuid5

from publisher.config import Config
from publisher.errors import DeliveryError, RelayUnreachable, RenderError
from publisher.mailboxes import key_of
from publisher.mailing import (
    TRANSPORTS,
    Envelope,
    Transport,
    after_failure,
    build,
    domain_of,
    unsubscribe_url,
)
from publisher.model import Article, Delivery, DeliveryState, Edition, PlannedEdition
from publisher.planning import secret_name
from publisher.render.digest import DigestMail
from publisher.render.templates import Templates
from publisher.store import Store

Fetch = Callable[[Sequence[str]], Mapping[str, Article]]


def ledger_entries(config: Config, planned: PlannedEdition, secret: str) -> list[tuple[str, Delivery]]:
    """A delivery for each recipient, with the folded address under which he is known."""
    return [_entry(config, planned.edition, address, secret) for address in planned.recipients]


def _entry(config: Config, edition: Edition, address: str, secret: str) -> tuple[str, Delivery]:
    key = key_of(address)
    subscriber = str(uuid5(NAMESPACE_URL, f"mailto:{key}"))
    name = secret_name(secret, "message", edition.id, subscriber)
    return key, Delivery(
        id=f"{edition.id.rpartition(':')[2]}:{subscriber}",
        edition=edition.id,
        address=address,
        message_id=f"<{name}@{domain_of(config.mail.sender)}>",
        token=secret_name(secret, "unsubscribe", subscriber),
    )


class Postman:
    """Takes what the ledger holds open and hands it to the configured transport."""

    def __init__(
        self,
        config: Config,
        templates: Templates,
        store: Store,
        fetch: Fetch,
        listed: frozenset[str],
        clock: Callable[[], datetime],
        progress: Callable[[str, int, int], None],
    ) -> None:
        self._config, self._store, self._clock, self._progress = config, store, clock, progress
        self._fetch = fetch
        self._mail = DigestMail(config, templates, listed)
        self._editions: dict[str, Edition] = {}

    def deliver(self, counts: Counter[str], failures: list[str]) -> None:
        """Send every delivery whose moment has come; each failure becomes a decision and a line."""
        waiting = self._store.open_deliveries(self._clock())
        if not waiting:
            return
        allowed = self._allowed(len(waiting))
        transport = TRANSPORTS[self._config.mail.transport](self._config)
        try:
            for number, delivery in enumerate(waiting[:allowed]):
                self._progress("delivering", number, len(waiting))
                self._deliver_one(transport, delivery, counts, failures)
                self._pace()
        except RelayUnreachable:
            counts["postponed"] += allowed - number - 1
        finally:
            transport.close()
        counts["postponed"] += max(0, len(waiting) - allowed)

    def sample(self, planned: PlannedEdition, address: str = "") -> tuple[str, str, bytes]:
        """HTML, text and the whole message of an edition as `address`, or its first recipient, would get it."""
        address = address or next(iter(planned.recipients), parseaddr(self._config.mail.sender)[1])
        _, delivery = _entry(self._config, planned.edition, address, "preview")
        return self._compose(planned.edition, delivery)

    def _deliver_one(
        self, transport: Transport, delivery: Delivery, counts: Counter[str], failures: list[str]
    ) -> None:
        try:
            _, _, message = self._compose(self._edition(delivery.edition), delivery)
        except RenderError as error:
            failures += [line for line in error.lines if line not in failures]
            counts["held back"] += 1
            return
        except DeliveryError as error:
            self._failed(delivery, error, counts, failures)
            return
        if not self._store.begin_delivery(delivery):
            counts["suppressed"] += 1
            return
        sender = parseaddr(self._config.mail.sender)[1]
        try:
            transport.send(delivery.message_id.strip("<>"), sender, parseaddr(delivery.address)[1], message)
        except DeliveryError as error:
            self._failed(delivery, error, counts, failures)
            if isinstance(error, RelayUnreachable):
                raise
            return
        self._store.finish_delivery(delivery, self._clock())
        counts["sent"] += 1
        if delivery.state is DeliveryState.SENDING:
            counts["repeated"] += 1

    def _failed(
        self, delivery: Delivery, error: DeliveryError, counts: Counter[str], failures: list[str]
    ) -> None:
        pause = after_failure(error, delivery.attempts + 1).pause
        if pause is None:
            self._store.give_up_delivery(delivery, error.reason)
            counts["given up"] += 1
            failures.append(f"{delivery.address}: given up: {error.reason}")
        else:
            self._store.postpone_delivery(delivery, self._clock() + pause, error.reason)
            counts["postponed"] += 1
            failures.append(f"{delivery.address}: not now: {error.reason}")

    def _edition(self, identity: str) -> Edition:
        if identity not in self._editions:
            self._editions[identity] = self._store.edition(identity)
        return self._editions[identity]

    def _compose(self, edition: Edition, delivery: Delivery) -> tuple[str, str, bytes]:
        config = self._config
        digest = next((item for item in config.digest if item.name == edition.digest), None)
        if digest is None:
            raise RenderError(f"digest {edition.digest}: no longer in the configuration; its edition waits")
        articles = dict(self._fetch(edition.shown))
        unsubscribe = unsubscribe_url(config.mail.sender, delivery.token)
        html, text = self._mail.compose(digest, edition, articles, unsubscribe)
        envelope = Envelope(
            sender=config.mail.sender,
            reply_to=config.mail.reply_to,
            to=delivery.address,
            subject=edition.subject,
            date=edition.recorded.astimezone(edition.due.tzinfo),
            message_id=delivery.message_id,
            list_name=digest.name,
            list_title=digest.title,
            token=delivery.token,
        )
        return html, text, build(envelope, html, text)

    def _allowed(self, waiting: int) -> int:
        limit = self._config.mail.smtp.per_day
        if not limit or self._config.mail.transport != "smtp":
            return waiting
        return max(0, limit - self._store.sent_since_yesterday(self._clock()))

    def _pace(self) -> None:
        rate = self._config.mail.smtp.per_second
        if rate and self._config.mail.transport == "smtp":
            time.sleep(1 / rate)
