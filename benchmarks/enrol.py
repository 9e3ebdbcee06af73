"""Readers join a site; a process of its own, for it needs memory.

`python -m benchmarks.enrol FOLDER 20000` adds them as an import does, `… 1000000 sql` as fast as SQLite can.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.process import AT
from benchmarks.readers import DIGEST, SELECTIONS, address, database, selections
from publisher.mailboxes import key_of
from publisher.model import Consent, Subscriber, SubscriberState, Subscription
from publisher.store import Store

_BATCH = 1000
_BEFORE = datetime.fromisoformat(AT) - timedelta(days=1)


def admit(root: Path, number: int) -> None:
    """Take readers in as an import does."""
    store = Store.open(database(root))
    wishes, consent = selections(), Consent(_BEFORE, "form")
    for start in range(0, number, _BATCH):
        people = [
            Subscriber(
                0,
                address(each),
                key_of(address(each)),
                SubscriberState.ACTIVE,
                consent=consent,
                subscriptions=(Subscription(DIGEST, wishes[each % SELECTIONS]),),
            )
            for each in range(start, min(start + _BATCH, number))
        ]
        store.admit(people, "benchmark", _BEFORE)


def fill(root: Path, number: int) -> None:
    """Put so many readers beside those who are there, alike but for number and address."""
    Store.open(database(root))
    at, wishes = int(_BEFORE.timestamp()), [json.dumps(w, ensure_ascii=False) for w in selections()]

    def rows() -> Iterator[tuple[int, str, str, int, int]]:
        for each in range(1, number + 1):
            yield each, address(each), key_of(address(each)), at, at

    with sqlite3.connect(database(root)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.executemany(
            "INSERT INTO subscriber (number, address, key, state, since, consent_at, consent_source)"
            " VALUES (?, ?, ?, 'active', ?, ?, 'form')",
            rows(),
        )
        connection.executemany(
            "INSERT INTO subscription (digest, subscriber, keywords, origin, through) VALUES (?, ?, ?, 'reader', ?)",
            ((DIGEST, each, wishes[each % SELECTIONS], at) for each in range(1, number + 1)),
        )
        connection.execute(
            "INSERT INTO subscriber_event (subscriber, at, what, detail)"
            " SELECT number, since, 'subscribed', 'benchmark' FROM subscriber"
        )


if __name__ == "__main__":
    (fill if sys.argv[3:] == ["sql"] else admit)(Path(sys.argv[1]), int(sys.argv[2]))
