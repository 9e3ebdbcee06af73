"""What tests of `publish db copy` share: the command as a process, the same in this one, and a look at the target."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
from conftest import Site

from publisher.store.moving import Moved, Side, move

SQLITE = "sqlite:///data/publisher.db"


def publish(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publisher", *words]
    return subprocess.run(command, cwd=site.root, capture_output=True, text=True, check=False, timeout=120)


def go(source: Path | str, target: Path | str) -> list[Moved]:
    return move(Side("FROM", source), Side("TO", target), lambda stage, done, total: None)


def count_of(url: str, query: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])


def tables_in(url: str) -> int:
    return count_of(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
