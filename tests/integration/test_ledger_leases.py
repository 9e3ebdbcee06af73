"""What a process had claimed is taken over while it seems to be gone: when it comes back, nothing of it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from conftest import NOW, Site
from databases import DATABASES, fresh
from test_killed import enrol

from publisher.errors import StoreError
from publisher.model import DeliveryKey, DeliveryState
from publisher.store import OpenLedger, Settled, Store

READERS = 4
LATER = NOW + timedelta(minutes=5)
LEASE = timedelta(minutes=30)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A ledger with an edition that nobody has got yet."""
    with fresh(request.param, tmp_path) as place:
        site = Site(tmp_path / "site", str(place) if request.param == "postgresql" else f"sqlite:///{place}")
        site.change('recipients = ["desk@example.org"]', "recipients = []")
        relay = 'transport = "smtp"\n\n[mail.smtp]\nhost = "127.0.0.1"\nport = 1'
        site.change(
            'sender = "Tin thử <news@example.org>"', f'sender = "Tin thử <news@example.org>"\n{relay}'
        )
        site.article("cầu.txt", "Cầu mới thông xe", "Lo giao thông.", "17:26 23/11/2026")
        enrol(site, READERS)
        site.run()
        found = Store.open(place)
        found.retry_deliveries(NOW)
        yield found


@pytest.fixture
def two(store: Store) -> Iterator[tuple[OpenLedger, OpenLedger]]:
    """A process that had claimed everything and is cut off, and one that has taken it over."""
    with ExitStack() as stack:
        gone, other = (stack.enter_context(store.ledger(3)) for _ in range(2))
        claimed(gone, NOW)
        store.recover_deliveries(LATER, resend=True, everything=True)
        claimed(other, LATER)
        yield gone, other


def claimed(ledger: OpenLedger, now: datetime) -> list[DeliveryKey]:
    keys = [(each.number, each.subscriber) for each in ledger.claim(now, now + LEASE, 10)]
    assert len(keys) == READERS
    return keys


def keys_of(store: Store) -> list[DeliveryKey]:
    return [(each.number, each.subscriber) for each in store.deliveries(READERS)]


def test_nothing_leaves_that_was_taken_over(store: Store, two: tuple[OpenLedger, OpenLedger]) -> None:
    gone, other = two
    one, *rest = keys_of(store)
    with pytest.raises(StoreError, match="another process took over"):
        gone.commit(LATER, leaving=rest)
    assert store.delivery_counts() == {DeliveryState.CLAIMED: READERS}
    other.commit(LATER, leaving=[one])
    with pytest.raises(StoreError):
        gone.commit(LATER, leaving=[one])
    assert store.delivery_counts() == {DeliveryState.CLAIMED: READERS - 1, DeliveryState.SENDING: 1}


def test_what_could_not_be_put_back_can_be_put_back_once_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends tries it again on the way out, and the first fault must not be hidden."""

    def away(*_: object) -> None:
        raise StoreError("the database is away")

    with store.ledger(3) as ledger:
        keys = claimed(ledger, NOW)
        with monkeypatch.context() as patch, pytest.raises(StoreError, match="away"):
            patch.setattr("publisher.store.ledger.release", away)
            ledger.release(keys)
        ledger.release(keys)
    assert store.delivery_counts() == {DeliveryState.PENDING: READERS}


def test_what_a_relay_took_is_true_whoever_says_so(store: Store, two: tuple[OpenLedger, OpenLedger]) -> None:
    gone, other = two
    one, another, *_ = keys_of(store)
    with pytest.raises(StoreError):
        gone.commit(LATER, sent=[(one, "")], leaving=[another])
    assert store.delivery_counts() == {DeliveryState.CLAIMED: READERS - 1, DeliveryState.SENT: 1}
    assert store.sent_since(NOW) == 1
    # It will not be sent again: neither by the other, which had claimed it, too.
    with pytest.raises(StoreError):
        other.commit(LATER, leaving=[one])


def test_it_neither_settles_nor_puts_back_what_is_another_s(
    store: Store, two: tuple[OpenLedger, OpenLedger]
) -> None:
    gone, other = two
    one, another, *_ = keys_of(store)
    other.commit(LATER, leaving=[one])
    gone.commit(LATER, settled=[Settled(one, DeliveryState.PENDING, LATER, "451 4.3.0 later", 1)])
    gone.release([another])
    assert store.delivery_counts() == {DeliveryState.CLAIMED: READERS - 1, DeliveryState.SENDING: 1}
    other.commit(LATER, sent=[(one, "")], leaving=[another])
    assert store.delivery_counts() == {
        DeliveryState.CLAIMED: READERS - 2,
        DeliveryState.SENDING: 1,
        DeliveryState.SENT: 1,
    }
