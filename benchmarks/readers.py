"""A site whose digest has many readers: its articles, its configuration, and what readers ask for."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

from benchmarks.corpus import Corpus

ARTICLES, KEYWORDS, SELECTIONS, SHOWN = 120, 24, 200, 13
WISHES = 12
"""Keywords of one reader."""
DIGEST = "daily"
QUIET = '\n[mail.limits]\nquiet = "00:00-23:59"\n'
"""Nothing leaves at the moment of the measurement: an edition is recorded, and waits."""

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


def subscribers(root: Path) -> int:
    """How many people are remembered."""
    with sqlite3.connect(database(root)) as connection:
        return int(connection.execute("SELECT count(*) FROM subscriber").fetchone()[0])


def states(root: Path) -> dict[str, int]:
    """How many rows of the ledger are in which state."""
    with sqlite3.connect(database(root)) as connection:
        return dict(connection.execute("SELECT state, count(*) FROM delivery GROUP BY state"))
