"""The owner's list of a digest, brought in line without an edition, as `Store.record` does it with one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from publisher.store import Store
from publisher.store.subscribers import joining


def synced(store: Store, digest: str, recipients: Collection[str], now: datetime) -> tuple[int, int]:
    """How many came to the list, and how many went."""
    with store._transaction() as connection:
        return joining.sync_owner_list(connection, digest, recipients, now)
