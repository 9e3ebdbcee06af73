"""Deliveries on their way: the part of `publisher.store.Store` that knows the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, select, update

from publisher.errors import StoreError
from publisher.model import Audience, Delivery, DeliveryKey, DeliveryState, Part
from publisher.store import audiences, database, known, ledger, postgres, record
from publisher.store import tables as t
from publisher.store.connected import Connected
from publisher.store.dialects import is_postgres
from publisher.store.ledger import Settled, Strike
from publisher.store.subscribers import leaving as leaving_

_EDITIONS = 200
"""Reports come within days: older editions are not asked."""


class OpenLedger:
    """The ledger over one connection that is kept, for many small commits; used by one thread at a time."""

    def __init__(self, connection: Connection, limit: int) -> None:
        self._connection, self._limit = connection, limit
        self._leases: dict[DeliveryKey, datetime] = {}

    def claim(self, now: datetime, until: datetime, most: int) -> list[Delivery]:
        """Take deliveries whose moment has come; see `publisher.store.ledger.claim`."""
        with self._connection.begin():
            taken = ledger.claim(self._connection, now, until, most)
        self._leases |= {(each.number, each.subscriber): until for each in taken}
        return taken

    def release(self, keys: Iterable[DeliveryKey], due: datetime | None = None) -> None:
        """Put claimed deliveries back as they were, or off until `due`."""
        leases = {key: self._leases[key] for key in keys}
        with self._connection.begin():
            ledger.release(self._connection, leases, due)
        for key in leases:
            del self._leases[key]

    def commit(
        self,
        now: datetime,
        *,
        sent: Collection[tuple[DeliveryKey, str]] = (),
        settled: Collection[Settled] = (),
        leaving: Collection[DeliveryKey] = (),
        held: Collection[tuple[int, str]] = (),
        strikes: Collection[Strike] = (),
    ) -> None:
        """What became of messages, and that others are about to leave, in one commit.

        `sent` are deliveries with the relay that took each; `held` editions that wait for a person from
        now on, each with the reason; `strikes` count against addresses, up to `limit` soft ones in a row.
        StoreError where another process took over what is about to leave; what became of others is kept.
        """
        done = sent, settled, held, strikes
        try:
            self._commit(now, *done, leaving)
        except ledger.Taken:
            self._commit(now, *done, ())
            fault = "another process took over what this one was about to send"
            raise StoreError(fault, hint="it was cut off, or too slow; what is left goes on there") from None
        for key in (*(key for key, _ in sent), *(each.key for each in settled)):
            del self._leases[key]

    def _commit(
        self,
        now: datetime,
        sent: Collection[tuple[DeliveryKey, str]],
        settled: Collection[Settled],
        held: Collection[tuple[int, str]],
        strikes: Collection[Strike],
        leaving: Collection[DeliveryKey],
    ) -> None:
        with self._connection.begin():
            if sent:
                ledger.sent(self._connection, [key for key, _ in sent], now)
            ledger.settle(self._connection, settled, self._leases)
            for edition, reason in held:
                ledger.hold(self._connection, edition, reason)
            for strike in strikes:
                leaving_.bounced(
                    self._connection,
                    strike.subscriber,
                    hard=strike.hard,
                    limit=self._limit,
                    reason=strike.reason,
                    now=now,
                )
            ledger.leave(self._connection, {key: self._leases[key] for key in leaving})
            # Last, for others count with the same relay, and wait for it; in order, so that no two wait for each other.
            for relay, number in sorted(Counter(relay for _, relay in sent).items()):
                ledger.tally(self._connection, now, relay, number)

    def part(self, number: int) -> tuple[Part, bytes | None]:
        """A part of an edition, and its body where it is kept."""
        with self._connection.begin():
            return known.part(self._connection, number)

    def keep_body(self, number: int, body: bytes) -> None:
        """Keep the body of a part, so that a repeat is alike."""
        with self._connection.begin():
            self._connection.execute(update(t.part).where(t.part.c.number == number).values(body=body))


class Deliveries(Connected):
    """Questions about deliveries, and what may be done with them."""

    def audiences(self, digest: str, recipients: Collection[str]) -> list[Audience]:
        """Who would get an edition now, in groups that get the same; `recipients` is the owner's list."""
        if self._engine is None:
            return [Audience(count=len(recipients))] if recipients else []
        with self._reading() as connection:
            return audiences.audiences(connection, digest, recipients)

    @contextmanager
    def ledger(self, limit: int, *, synced: bool = True) -> Iterator[OpenLedger]:
        """The ledger, open for sending; `limit` soft bounces in a row end the sending to an address.

        Where it is not `synced`, commits are left to the system to bring to the disk.
        """
        if self._engine is None:
            raise StoreError("there is no database yet", hint="publish makes it")
        with self._engine.connect() as connection:
            if not synced:
                (postgres if is_postgres(connection) else database).unsynced(connection)
            yield OpenLedger(connection.execution_options(publisher_ledger=True), limit)

    def recover_deliveries(self, now: datetime, *, resend: bool, everything: bool) -> tuple[int, int]:
        """Take back what processes that are gone had claimed; how many were not sent, and how many may have been."""
        with self._transaction() as connection:
            return ledger.recover(connection, now, resend=resend, everything=everything)

    def suppress_deliveries(self, now: datetime) -> int:
        """Give up what is due to people who may not be mailed any more; how many."""
        with self._transaction() as connection:
            return ledger.suppress(connection, now)

    def retry_deliveries(self, now: datetime, *, uncertain: bool = False) -> int:
        """Take up again what failed or is held, and where asked for what may have arrived; how many."""
        with self._transaction() as connection:
            return ledger.retry(connection, now, uncertain=uncertain)

    def retry_edition(
        self, edition: int, now: datetime, *, subscriber: int = 0, uncertain: bool = False
    ) -> int:
        """Take up again what failed of an edition, or one delivery of it; how many. See `ledger.retry_edition`."""
        with self._transaction() as connection:
            return ledger.retry_edition(connection, edition, now, subscriber=subscriber, uncertain=uncertain)

    def hold_edition(self, edition: int, reason: str) -> bool:
        """Let what is left of an edition wait for a person; false where it does already."""
        with self._transaction() as connection:
            return ledger.hold(connection, edition, reason)

    def release_edition(self, edition: int, now: datetime) -> bool:
        """Let an edition go on; false where it is not held."""
        with self._transaction() as connection:
            return ledger.free(connection, edition, now)

    def hold_next(self, digest: str, reason: str) -> None:
        """Let the next edition of a digest be held from the moment it is recorded; empty: let it go."""
        with self._transaction() as connection:
            record.settings(connection, {record.hold_of(digest): reason})

    def held_next(self, digest: str) -> str:
        """Why the next edition of a digest will be held; empty where it will not."""
        if self._engine is None:
            return ""
        query = select(t.setting.c.value).where(t.setting.c.key == record.hold_of(digest))
        with self._reading() as connection:
            return str(connection.execute(query).scalar() or "")

    def deliveries_of(self, subscriber: int, edition: int = 0) -> list[Delivery]:
        """Deliveries to a subscriber of some 200 editions up to `edition` (0: the newest), newest first."""
        if self._engine is None:
            return []
        with self._reading() as connection:
            return ledger.of_subscriber(connection, subscriber, edition, _EDITIONS)

    def learn(self, delivery: Delivery) -> None:
        """Remember `state` and `reason` of a delivery as they are here, unless a process is sending it now."""
        with self._transaction() as connection:
            ledger.learn(connection, delivery)

    def forget_bodies(self) -> None:
        """Drop what was kept for repeats of editions that have nothing open any more."""
        with self._transaction() as connection:
            ledger.forget_bodies(connection)

    def waiting_deliveries(self, now: datetime) -> int:
        """How many deliveries are due."""
        if self._engine is None:
            return 0
        with self._reading() as connection:
            return ledger.waiting(connection, now)

    def sent_since(self, moment: datetime) -> int:
        """How many messages left in the hour of `moment` and after it."""
        if self._engine is None:
            return 0
        with self._reading() as connection:
            return ledger.sent_since(connection, moment)

    def sent_by_relay(self, moment: datetime) -> dict[str, int]:
        """How many messages each relay took in the hour of `moment` and after it, by name."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return ledger.sent_by_relay(connection, moment)

    def first_sent(self) -> datetime | None:
        """The hour in which the first message left."""
        if self._engine is None:
            return None
        with self._reading() as connection:
            return ledger.first_sent(connection)

    def deliveries(self, limit: int = 50, state: DeliveryState | None = None) -> list[Delivery]:
        """The newest deliveries, in whatever state."""
        if self._engine is None:
            return []
        with self._reading() as connection:
            return ledger.listing(connection, limit, state)

    def delivery_counts(self) -> dict[str, int]:
        """How many deliveries stand in each state."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return ledger.counts(connection)
