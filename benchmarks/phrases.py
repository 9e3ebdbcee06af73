"""Room that the counts of found phrases take: `python -m benchmarks.phrases FOLDER ARTICLES` prints it as JSON.

The worst case is taken: each article holds as many phrases as are kept, and no two articles share any.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from publisher.keywords.rules import COUNTED
from publisher.model import Plan
from publisher.store import Store

_TEXT = "công nghiệp trường học giao thông phường an ninh hội đồng sản xuất nông thôn văn hóa"
_SYLLABLES = _TEXT.split()
_ARTICLE = (
    "INSERT INTO article (id, page, title, published_at, published_offset, updated_at, updated_offset, digest,"
    " version, body, withdrawn) VALUES (?, ?, '', 1, 0, 1, 0, '', '', '{}', FALSE)"
)
_STEP = 10_000


def measure(folder: Path, articles: int) -> dict[str, float]:
    """The bytes for so many articles, and the seconds that it took to count them."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "publisher.db"
    store, rng = Store.open(file), Random(1)
    ids = [f"urn:uuid:00000000-0000-5000-8000-{number:012}" for number in range(articles)]
    with closing(sqlite3.connect(file)) as database, database:
        database.executemany(_ARTICLE, [(key, f"articles/{key}/") for key in ids])
    before, started = _size(file), time.perf_counter()
    for start in range(0, articles, _STEP):
        some = {
            key: "\n".join(_phrase(rng, key[-12:], at) for at in range(COUNTED))
            for key in ids[start : start + _STEP]
        }
        store.record(Plan(now=datetime.now(UTC), phrases=some), {})
    return {"bytes": _size(file) - before, "seconds": time.perf_counter() - started}


def _phrase(rng: Random, number: str, at: int) -> str:
    return f"{' '.join(rng.choices(_SYLLABLES, k=3))} {number.lstrip('0')}{at}"


def _size(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
