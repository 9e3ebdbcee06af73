"""What transports ask of the ledger: outcomes become decisions, and are written before more may leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from publisher.config import Mail
from publisher.mailing import Fate, Outcome, Outgoing, after
from publisher.model import Delivery, DeliveryState
from publisher.store import Key, OpenLedger, Settled, Strike

_SHOWN = 20
"""Failures that get a line of their own; the rest is counted."""


class LedgerGate:
    """The gate of one process over an open ledger. `claimed` are the deliveries that it may ask for, by key."""

    def __init__(
        self, mail: Mail, ledger: OpenLedger, clock: Callable[[], datetime], told: Callable[[int], None]
    ) -> None:
        self._mail, self._ledger, self._clock, self._told = mail, ledger, clock, told
        self.claimed: dict[Key, Delivery] = {}
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []
        self.held: dict[int, str] = {}
        self.soonest: datetime | None = None

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
            held=[(edition, reason) for edition, reason in self.held.items()] if decided else (),
        )
        for key, _ in sent:
            delivery = self.claimed.pop(key)
            self.counts["sent"] += 1
            self.counts["repeated"] += delivery.doubtful
        for settled, _ in decided:
            self.claimed.pop(settled.key, None)
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
        if decision.hold_edition:
            self._hold(delivery, decision.reason)
        counted = attempts if decision.tried else delivery.attempts
        settled = Settled(outcome.message.key, decision.state, decision.due, decision.reason, counted)
        self._report(delivery, outcome, decision.state, decision.due, decision.reason)
        if not decision.against_address:
            return settled, None
        strike = Strike(delivery.subscriber, decision.against_address == "hard", decision.reason)
        return settled, strike

    def _hold(self, delivery: Delivery, reason: str) -> None:
        if delivery.number not in self.held:
            self.held[delivery.number] = reason
            self.failures.append(f"edition {delivery.edition}: held: the relay does not take it: {reason}")

    def _report(
        self, delivery: Delivery, outcome: Outcome, state: DeliveryState, due: datetime | None, reason: str
    ) -> None:
        word = {DeliveryState.FAILED: "given up", DeliveryState.UNCERTAIN: "uncertain"}.get(
            state, "postponed"
        )
        self.counts[word] += 1
        if due and state is not DeliveryState.FAILED:
            self.soonest = min(self.soonest or due, due)
        if outcome.fate is Fate.UNSENT:
            said = f"no message can leave: {reason}"
            if said not in self.failures:
                self.failures.append(said)
        elif len(self.failures) < _SHOWN:
            what = {"given up": "given up", "uncertain": "may have arrived"}.get(word, "not now")
            self.failures.append(f"{delivery.address}: {what}: {reason}")
        else:
            self.counts["more failures"] += 1
