"""What transports ask of the ledger: outcomes become decisions, and are written before more may leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from publisher.config import Mail
from publisher.mailing import Fate, Outcome, Outgoing, after
from publisher.model import Delivery, DeliveryKey, DeliveryState, Edition
from publisher.stopping import NEVER, Stop
from publisher.store import OpenLedger, Settled, Strike

_WORDS = {
    DeliveryState.FAILED: ("given up", "given up"),
    DeliveryState.UNCERTAIN: ("uncertain", "may have arrived"),
}
_SHOWN = 20
"""Failures that get a line of their own; the rest is counted."""


class LedgerGate:
    """The gate of one process over an open ledger.

    `claimed` are the deliveries that it may ask for, by key; `held` the editions that no relay takes, by
    number, each with the reason.
    """

    def __init__(
        self,
        mail: Mail,
        ledger: OpenLedger,
        edition: Callable[[str], Edition],
        clock: Callable[[], datetime],
        told: Callable[[int], None],
        stop: Stop = NEVER,
    ) -> None:
        self._mail, self._ledger, self._edition = mail, ledger, edition
        self._clock, self._told, self._stop = clock, told, stop
        self.claimed: dict[DeliveryKey, Delivery] = {}
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []
        self.held: dict[int, str] = {}

    def pass_(self, done: Sequence[Outcome], leaving: Sequence[Outgoing]) -> None:
        """See `publisher.mailing.outgoing.Gate`."""
        now = self._clock()
        sent = [(outcome.message.key, outcome.relay) for outcome in done if outcome.fate is Fate.SENT]
        decided = [self._decided(outcome, now) for outcome in done if outcome.fate is not Fate.SENT]
        self._ledger.commit(
            now,
            sent=sent,
            settled=[settled for settled, _ in decided],
            strikes=[strike for _, strike in decided if strike],
            leaving=[message.key for message in leaving],
            held=self.held.items() if decided else (),
        )
        for key, _ in sent:
            self.counts["repeated"] += self.claimed.pop(key).doubtful
        for settled, _ in decided:
            self.claimed.pop(settled.key)
        self.counts["sent"] += len(sent)
        if done:
            self._told(self.counts["sent"])

    def refuse(self, delivery: Delivery, code: int, reason: str) -> None:
        """A message that cannot even be written to its address."""
        key = (delivery.number, delivery.subscriber)
        nothing = Outgoing(key, "", "", delivery.address, lambda _: b"")
        self.pass_([Outcome(nothing, Fate.RECIPIENT_REFUSED, code, reason)], [])

    def _decided(self, outcome: Outcome, now: datetime) -> tuple[Settled, Strike | None]:
        delivery = self.claimed[outcome.message.key]
        attempts, repeats = delivery.attempts + 1, delivery.repeats + delivery.doubtful
        decision = after(outcome, attempts, repeats, self._mail.uncertain, now)
        counted = attempts if decision.tried else delivery.attempts
        settled = Settled(outcome.message.key, decision.state, decision.due, decision.reason, counted)
        if decision.hold_edition:
            self._hold(delivery, decision.reason)
        else:
            self._report(delivery, outcome, settled)
        if not decision.against_address:
            return settled, None
        return settled, Strike(delivery.subscriber, decision.against_address == "hard", decision.reason)

    def _hold(self, delivery: Delivery, reason: str) -> None:
        self.counts["held"] += 1
        if delivery.number not in self.held:
            self.held[delivery.number] = reason
            page = self._edition(delivery.edition).page
            self.failures.append(f"{page}: held, for the relay does not take it: {reason}")

    def _report(self, delivery: Delivery, outcome: Outcome, settled: Settled) -> None:
        if outcome.fate is Fate.UNSENT:  # still due, and counted with all that is
            said = f"no message can leave: {settled.reason}"
            if said not in self.failures and not self._stop.asked:
                self.failures.append(said)
            return
        word, said = _WORDS.get(settled.state, ("postponed", "not now"))
        self.counts[word] += 1
        if len(self.failures) < _SHOWN:
            self.failures.append(f"{delivery.address}: {said}: {settled.reason}")
        else:
            self.counts["more failures"] += 1
