"""The ledger → messages that may leave now, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from publisher.errors import DeliveryError, RenderError
from publisher.mailing import Body, Letter, Outgoing
from publisher.model import Delivery, DeliveryKey, Edition
from publisher.posting.allowance import Domains
from publisher.posting.gate import LedgerGate
from publisher.posting.letters import Letters
from publisher.stopping import NEVER, Stop
from publisher.store import OpenLedger

BATCH = 500
LEASE = timedelta(minutes=30)
"""How long a claim holds: the process that has it is gone, or sends it within this time."""
_LETTERS = 50
"""Letters that are kept at hand: those of one part are claimed one after another."""


class Queue:
    """Claims deliveries and makes their messages, until it is time to `stop` or no more are `allowed` (None: any)."""

    def __init__(
        self,
        ledger: OpenLedger,
        gate: LedgerGate,
        letters: Letters,
        edition: Callable[[str], Edition],
        clock: Callable[[], datetime],
        domains: Domains,
        allowed: int | None,
        stop: Stop = NEVER,
    ) -> None:
        self._ledger, self._gate, self._letters, self._edition = ledger, gate, letters, edition
        self._clock, self._domains, self._left = clock, domains, allowed
        self._stop = stop
        self._made: dict[int, Letter | None] = {}
        self.delayed: list[datetime] = []

    def messages(self) -> Iterator[Outgoing]:
        """Every message that may leave now; ends where nothing is due or nothing more is allowed."""
        while (self._left is None or self._left > 0) and not self._stop.asked:
            now = self._clock()
            most = BATCH if self._left is None else min(BATCH, self._left)
            batch = self._ledger.claim(now, now + LEASE, most)
            if not batch:
                return
            self._gate.claimed |= {(each.number, each.subscriber): each for each in batch}
            for delivery in batch:
                if self._stop.asked:
                    return
                message = self._message(delivery)
                if message is not None:
                    if self._left is not None:
                        self._left -= 1
                    yield message

    def leave_off(self) -> None:
        """Put back what was claimed and did not leave."""
        self._ledger.release(list(self._gate.claimed))
        self._gate.claimed.clear()

    def _message(self, delivery: Delivery) -> Outgoing | None:
        key = (delivery.number, delivery.subscriber)
        if delivery.number in self._gate.held:
            self._back(key, None)
            return None
        domain = delivery.address.rpartition("@")[2].casefold()
        later = self._domains.take(domain, self._clock())
        if later is not None:
            self.delayed.append(later)
            self._back(key, later)
            return None
        letter = self._letter(delivery)
        if letter is None:
            self._gate.counts["held back"] += 1
            self._back(key, self._clock() + timedelta(minutes=15))
            return None
        try:
            return self._letters.outgoing(letter, self._edition(delivery.edition).digest, delivery)
        except (DeliveryError, ValueError) as error:
            code = error.code if isinstance(error, DeliveryError) else 553
            self._gate.refuse(delivery, code or 553, str(error))
            return None

    def _back(self, key: DeliveryKey, due: datetime | None) -> None:
        self._ledger.release([key], due)
        del self._gate.claimed[key]

    def _letter(self, delivery: Delivery) -> Letter | None:
        number = delivery.part
        if number not in self._made:
            if len(self._made) >= _LETTERS:
                del self._made[next(iter(self._made))]
            try:
                self._made[number] = self._compose(delivery)
            except RenderError as error:
                self._gate.failures += [line for line in error.lines if line not in self._gate.failures]
                self._made[number] = None
        return self._made[number]

    def _compose(self, delivery: Delivery) -> Letter:
        """The letter of a part: its body as it is kept, or made now and kept before the first message leaves."""
        part, kept = self._ledger.part(delivery.part)
        edition = self._edition(delivery.edition)
        try:
            body = Body.loads(kept) if kept else None
        except ValueError:  # an older program kept it
            body = None
        if body is None:
            body = self._letters.compose(edition, part)
            self._ledger.keep_body(delivery.part, body.dumps())
        return self._letters.letter(edition, part, delivery.number, body)
