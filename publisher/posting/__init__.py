"""Editions on their way: what the ledger holds open is brought to a transport.

::

    recover ─▶ suppress ─▶ claim ─▶ compose (once a part) ─▶ transport ─▶ gate ─▶ ledger
                             ▲                                              │
                             └──────── until nothing is due ◀───────────────┘
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from publisher.config import Config
from publisher.model import Delivery, Part, PlannedEdition
from publisher.posting import allowance
from publisher.render.templates import Templates
from publisher.stopping import NEVER, Stop
from publisher.store import Store
from publisher.store.locks import sharing

if TYPE_CHECKING:
    # Most runs have nothing to send, so what makes and sends messages is loaded where there is something.
    from publisher.posting.letters import Fetch, Letters

__all__ = ["Postman"]

_PATIENCE = timedelta(minutes=2)
"""How long a run waits for limits of the minute before it leaves the rest to the next."""


class Postman:
    """Delivers for one site, until all that may leave has left or it is time to `stop`."""

    def __init__(
        self,
        config: Config,
        templates: Templates,
        store: Store,
        fetch: Fetch,
        listed: frozenset[str],
        clock: Callable[[], datetime],
        progress: Callable[[str, int, int], None],
        stop: Stop = NEVER,
    ) -> None:
        self._config, self._store, self._clock = config, store, clock
        self._progress, self._stop, self._fetch = progress, stop, fetch
        self._templates, self._listed = templates, listed

    def deliver(self, counts: Counter[str], failures: list[str]) -> None:
        """Send every delivery whose moment has come; each failure becomes a decision and a line."""
        with sharing(self._config.database_at, "sending") as alone:
            self._prepare(counts, alone=alone)
            waiting = self._store.waiting_deliveries(self._clock())
            if not waiting or self._stop.asked:
                return
            until = allowance.quiet_until(self._config.mail.limits.quiet, self._config.zone, self._clock())
            if until is not None:
                counts["postponed"] += waiting
                return
            self._send(waiting, counts, failures)
        self._store.forget_bodies()

    def sample(self, planned: PlannedEdition, part: Part, address: str) -> tuple[str, str, bytes]:
        """HTML, text and the whole message of a part as `address` would get it; nobody can unsubscribe by it."""
        from publisher.mailing import tokens

        letters = self._letters("preview")
        body = letters.compose(planned.edition, part)
        letter = letters.letter(planned.edition, part, 0, body)
        delivery = Delivery(planned.edition.id, 0, 0, 0, address)
        outgoing = letters.outgoing(letter, planned.edition.digest, delivery)
        token = tokens.sign("preview", "unsubscribe", 0, planned.edition.digest)
        slots = {"unsubscribe": f"#{token}", "preferences": "#", "address": address}
        return *body.texts(slots), outgoing.whole(False)

    def _prepare(self, counts: Counter[str], *, alone: bool) -> None:
        now, resend = self._clock(), self._config.mail.uncertain == "resend"
        _, doubtful = self._store.recover_deliveries(now, resend=resend, everything=alone)
        counts["uncertain"] += doubtful
        counts["suppressed"] += self._store.suppress_deliveries(now)

    def _send(self, waiting: int, counts: Counter[str], failures: list[str]) -> None:
        from publisher.mailing import TRANSPORTS
        from publisher.posting.gate import LedgerGate
        from publisher.posting.queue import Queue

        config, ends = self._config, self._clock() + _PATIENCE
        letters, edition = self._letters(self._store.secret()), lru_cache(maxsize=64)(self._store.edition)
        domains = allowance.Domains(config.mail.limits.per_domain)
        with self._store.ledger(config.mail.bounces.soft, synced=config.database.sync == "full") as ledger:
            gate = LedgerGate(
                config.mail,
                ledger,
                edition,
                self._clock,
                lambda sent: self._progress("delivering", sent, waiting),
                self._stop,
            )
            queue: Queue | None = None
            try:
                while True:
                    queue = Queue(
                        ledger, gate, letters, edition, self._clock, domains, self._allowed(), self._stop
                    )
                    TRANSPORTS[config.mail.transport](config).deliver(queue.messages(), gate, self._stop)
                    queue.leave_off()
                    next_ = allowance.soonest(queue.delayed)
                    if next_ is None or next_ > ends:
                        break
                    if self._stop.wait(max(0.0, (next_ - self._clock()).total_seconds())):
                        break
            finally:
                if queue:
                    queue.leave_off()
        left = self._store.waiting_deliveries(self._clock())
        gate.counts["postponed"] += left
        counts.update(gate.counts)
        failures += gate.failures
        if more := gate.counts["more failures"]:
            failures.append(f"{more:,} more deliveries failed; publish deliveries list shows them")

    def _letters(self, secret: str) -> Letters:
        from publisher.posting.letters import Letters
        from publisher.render.digest import DigestMail

        mail = DigestMail(self._config, self._templates, self._listed)
        return Letters(self._config, mail, self._fetch, secret)

    def _allowed(self) -> int | None:
        config, now = self._config, self._clock()
        if not (config.mail.limits.warm_up or config.mail.smtp.per_day):
            return None
        day = self._store.sent_since(now - timedelta(days=1))
        today = self._store.sent_since(allowance.midnight(config.zone, now))
        return allowance.allowed(config.mail, config.zone, now, day, today, self._store.first_sent())
