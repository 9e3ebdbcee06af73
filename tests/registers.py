"""What is remembered of readers and deliveries, in dictionaries: enough to act on reports without a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from publisher.model.mail import Delivery, DeliveryState, Subscriber, SubscriberState, Subscription

SECRET = "5e" * 32


class Readers:
    """Keeps the promises of `publisher.returns.Register`; `told` lists what it was told of readers."""

    def __init__(self, *subscribers: Subscriber, deliveries: Sequence[Delivery] = ()) -> None:
        self.readers = {one.number: one for one in subscribers}
        self.ledger = {(one.number, one.subscriber): one for one in deliveries}
        self.told: list[str] = []
        self.secret = SECRET

    def known_setting(self, key: str) -> str:
        return self.secret if key == "secret" else ""

    def subscriber(self, number: int) -> Subscriber | None:
        return self.readers.get(number)

    def subscriber_with_key(self, key: str) -> Subscriber | None:
        return next((one for one in self.readers.values() if one.key == key), None)

    def deliveries_of(self, subscriber: int, edition: int = 0) -> Sequence[Delivery]:
        found = [one for one in self.ledger.values() if one.subscriber == subscriber]
        found = [one for one in found if not edition or one.number <= edition]
        return sorted(found, key=lambda one: -one.number)[:20]

    def learn(self, delivery: Delivery) -> None:
        key = (delivery.number, delivery.subscriber)
        if self.ledger[key].state not in (DeliveryState.CLAIMED, DeliveryState.SENDING):
            self.ledger[key] = delivery

    def delivered(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.readers[number] = replace(self.readers[number], bounces=0)

    def bounced(self, number: int, *, hard: bool, limit: int, reason: str, now: datetime) -> SubscriberState:
        reader = self.readers[number]
        count = reader.bounces + (not hard)
        state = SubscriberState.BOUNCED if hard or count >= limit else reader.state
        self.readers[number] = replace(reader, bounces=count, state=state)
        self.told.append(reason)
        return state

    def complained(self, number: int, reason: str, now: datetime) -> bool:
        if self.readers[number].state is SubscriberState.COMPLAINED:
            return False
        self.readers[number] = replace(self.readers[number], state=SubscriberState.COMPLAINED)
        self.told.append(reason)
        return True

    def unsubscribe(self, number: int, digest: str, reason: str, now: datetime) -> bool:
        reader = self.readers[number]
        left = tuple(one for one in reader.subscriptions if digest and one.digest != digest)
        if left == reader.subscriptions:
            return False
        state = reader.state if left else SubscriberState.UNSUBSCRIBED
        self.readers[number] = replace(reader, subscriptions=left, state=state)
        self.told.append(reason)
        return True


def a_reader(number: int, *digests: str, state: SubscriberState = SubscriberState.ACTIVE) -> Subscriber:
    """An active subscriber with a number, ``reader7@example.net``, of some digests."""
    address = f"reader{number}@example.net"
    return Subscriber(number, address, address, state, subscriptions=tuple(map(Subscription, digests)))


def a_delivery(
    edition: int, reader: int, state: DeliveryState = DeliveryState.SENT, reason: str = ""
) -> Delivery:
    """A delivery of the edition with a number to a reader."""
    return Delivery(
        f"daily:{edition}", edition, reader, 1, f"reader{reader}@example.net", state, reason=reason
    )
