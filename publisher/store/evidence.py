"""What reports say of deliveries, and which deliveries a report can be about."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select, update

from publisher.model import Delivery, DeliveryState
from publisher.store import tables as t
from publisher.store.connected import Connected

_EDITIONS = 200
"""So many editions back a report may reach; each is one look by the key of the ledger, which begins with it."""

_TAKEN = (DeliveryState.CLAIMED, DeliveryState.SENDING)
_OVER = (DeliveryState.SENT, DeliveryState.FAILED)
_D, _E, _S = t.delivery, t.edition, t.subscriber


class Evidence(Connected):
    """Questions about deliveries that something came back of, and what is learnt of them."""

    def deliveries_of(self, subscriber: int, edition: int = 0) -> list[Delivery]:
        """Deliveries to a subscriber of the last editions up to `edition` (0: the newest), the newest first."""
        if self._engine is None:
            return []
        with self._engine.connect() as connection:
            return list(deliveries_of(connection, subscriber, edition))

    def learn(self, delivery: Delivery) -> None:
        """Remember state and reason of a delivery as they are here, unless a process is sending it now."""
        with self._transaction() as connection:
            learn(connection, delivery)


def deliveries_of(connection: Connection, subscriber: int, edition: int) -> Iterator[Delivery]:
    """Deliveries to a subscriber of the editions up to `edition` (0: the newest), the newest first."""
    recent = select(_E.c.number).order_by(_E.c.number.desc()).limit(_EDITIONS)
    if edition:
        recent = recent.where(_E.c.number <= edition)
    query = (
        select(_D, _E.c.id.label("edition_id"), _S.c.address)
        .join(_E, _E.c.number == _D.c.edition)
        .join(_S, _S.c.number == _D.c.subscriber)
        .where(_D.c.edition.in_(recent.scalar_subquery()), _D.c.subscriber == subscriber)
        .order_by(_D.c.edition.desc())
    )
    for row in connection.execute(query):
        yield Delivery(
            row.edition_id,
            row.edition,
            row.subscriber,
            row.part,
            row.address,
            DeliveryState(row.state),
            row.attempts,
            row.repeats,
            row.due_at,
            row.reason,
        )


def learn(connection: Connection, delivery: Delivery) -> None:
    """Remember state and reason of a delivery as they are here, unless a process is sending it now.

    One that is over is not due any more, and there is no doubt about it.
    """
    this = (_D.c.edition == delivery.number) & (_D.c.subscriber == delivery.subscriber)
    values: dict[str, object] = {"reason": delivery.reason}
    if delivery.state in _OVER:
        values |= {"state": delivery.state, "due_at": None, "doubtful": False}
    connection.execute(update(_D).where(this, _D.c.state.not_in(_TAKEN)).values(values))
