"""A site whose digest has many readers; as a process of its own it takes them in.

`python -m benchmarks.readers FOLDER 20000` adds them as an import does, `… 1000000 sql` as fast as SQLite can.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.corpus import Corpus
from benchmarks.process import AT
from publisher.mailboxes import key_of
from publisher.model import Consent, Subscriber, SubscriberState, Subscription
from publisher.store import Store

ARTICLES, KEYWORDS, SELECTIONS, SHOWN = 120, 24, 200, 13
WISHES = 12
"""Keywords of one reader."""
DIGEST = "daily"
QUIET = '\n[mail.limits]\nquiet = "00:00-23:59"\n'
"""Nothing leaves at the moment of the measurement: an edition is recorded, and waits."""

_BATCH = 1000
_BEFORE = datetime.fromisoformat(AT) - timedelta(days=1)
_CONFIG = """\
[site]
title = "Bản tin đo"
url = "https://news.example.org/"

[output]
base = "feeds"

[web]
url = "https://news.example.org/"

[[digest]]
name = "daily"
title = "Tin sáng"
max_articles = {shown}

[database]
sync = "{sync}"

[mail]
sender = "Bản tin đo <news@example.org>"
transport = "smtp"

[mail.smtp]
host = "127.0.0.1"
port = {port}
connections = {connections}
messages_per_connection = 1000000
"""


def site(root: Path) -> None:
    """Write the articles, and a configuration with which nothing leaves."""
    Corpus.of(KEYWORDS).write(root / "seeds", range(ARTICLES))
    configure(root)
    with (root / "config.toml").open("a", encoding="utf-8") as config:
        config.write(QUIET)


def configure(root: Path, port: int = 1, connections: int = 1, sync: str = "full") -> None:
    """Write the configuration of a site for a relay at `port`."""
    text = _CONFIG.format(port=port, connections=connections, sync=sync, shown=SHOWN)
    (root / "config.toml").write_text(text, encoding="utf-8")


def database(root: Path) -> Path:
    """Where the subscribers are."""
    return root / "data" / "publisher.db"


def address(number: int) -> str:
    """The address of a reader."""
    return f"reader{number:07}@example.org"


def selections() -> list[tuple[str, ...]]:
    """What readers ask for: each with the most frequent keyword, so that nobody's mail is much shorter."""
    first, *others = Corpus.of(KEYWORDS).labels
    rng = Random("selections")
    return [(first, *rng.sample(others, WISHES - 1)) for _ in range(SELECTIONS)]


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
    import sqlite3

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
