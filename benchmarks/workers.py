"""PostgreSQL beside SQLite, two workers beside one, and the ledger with several processes at it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import psycopg

from benchmarks import readers
from benchmarks.building import KEYWORDS
from benchmarks.cluster import cluster, create
from benchmarks.corpus import Corpus
from benchmarks.nextruns import CONFIG
from benchmarks.process import AT, WORK, Measured, measured, python, verdict

ARTICLES, SHARED, ROUNDS, MILLION, SENDERS, DELIVERIES = 10_000, 4_000, 3, 1_000_000, 4, 100_000
DATABASE, TWO, CLAIMED, ENQUEUED, MEMORY = 1.5, 1.6, 5_000, 90.0, 300e6
"""The aims: times of SQLite; times of one worker; deliveries a second; seconds and bytes for a million readers."""
_CONNECTIONS = 10
"""Connections to a relay of each process: so many messages share a commit at most."""
_MEBI = 1024 * 1024


def section() -> str:
    """Measure all of it on one server."""
    with cluster() as pattern:
        sqlite, postgres = _first_builds(pattern)
        shared = [[_shared(pattern, workers, turn) for workers in (1, 2)] for turn in range(ROUNDS)]
        enqueued, rate = _million(pattern)
    one, two = (median(seconds) for seconds in zip(*shared, strict=True))
    ratio, gain = median(postgres) / median(sqlite), one / two
    return f"""\
## PostgreSQL and workers

A server of its own on the same two cores, every commit on the disk.

- **A first build** of {ARTICLES:,} articles by one machine: {median(postgres):.1f} s, on SQLite {median(sqlite):.1f} s,
  {ratio:.2f} times as long; medians of {ROUNDS} in turn (aim: {DATABASE:g}, {verdict(ratio <= DATABASE)}).
- **Two workers** read and render {SHARED:,} articles in {two:.1f} s, one in {one:.1f} s: {gain:.2f} times the rate;
  medians of {ROUNDS} in turn, the process that plans doing none of it (aim: {TWO:g}, {verdict(gain >= TWO)}).
  Both cores are also the server's.
- **Claiming and marking**: {rate:,.0f} deliveries a second by {SENDERS} processes with {_CONNECTIONS} connections each,
  no relay (aim: {CLAIMED:,}, {verdict(rate >= CLAIMED)}).
- **An edition for {MILLION:,} readers** is recorded in {enqueued.seconds:.1f} s with {enqueued.peak:.0f} MiB
  (aims: {ENQUEUED:g} s, {verdict(enqueued.seconds < ENQUEUED)}; {MEMORY / 1e6:.0f} MB,
  {verdict(enqueued.peak * _MEBI < MEMORY)})."""


def _site(root: Path, articles: int, database: str = "", work: str = "") -> list[str]:
    Corpus.of(KEYWORDS).write(root / "seeds", range(articles))
    text = CONFIG.replace("[feeds]", "[feeds]\ncompressed = []") + work
    if database:
        text += f'\n[database]\nurl = "{database}"\n'
    (root / "config.toml").write_text(text, encoding="utf-8")
    return python("publisher", "-c", root / "config.toml", "--at", AT)


def _first_builds(pattern: str) -> tuple[list[float], list[float]]:
    sqlite, postgres = list[float](), list[float]()
    for number in range(ROUNDS):
        sqlite.append(measured(_site(WORK / f"sqlite-{number}", ARTICLES)).seconds)
        url = create(pattern, f"first{number}")
        postgres.append(measured(_site(WORK / f"postgres-{number}", ARTICLES, url)).seconds)
    return sqlite, postgres


def _shared(pattern: str, number: int, turn: int) -> float:
    """Seconds that so many workers need for the shards of a first build."""
    root, url = WORK / f"workers-{number}-{turn}", create(pattern, f"workers{number}x{turn}")
    _site(root, SHARED, url, '\n[work]\nengine = "procrastinate"\n')
    command = python("publisher", "-c", root / "config.toml", "worker")
    with (root / "worker.log").open("wb") as log:
        workers = [subprocess.Popen(command, stdout=log, stderr=log) for _ in range(number)]
    try:
        _alive(url, number)
        return float(measured(python("benchmarks.planner", root)).said)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(60)


def _alive(url: str, number: int) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            with psycopg.connect(url) as connection:
                row = connection.execute("SELECT count(*) FROM procrastinate_workers").fetchone()
            if row and row[0] == number:
                return
        except psycopg.errors.UndefinedTable:
            pass
        time.sleep(0.2)
    raise SystemExit("the workers did not come")


def _million(pattern: str) -> tuple[Measured, float]:
    """Record an edition for a million; then claim and mark a part of its deliveries by several processes."""
    root, url = WORK / "million", create(pattern, "million")
    readers.site(root)
    measured(python("benchmarks.enrol", root, str(MILLION), "sql"))
    config = root / "config.toml"
    measured(python("publisher", "-c", config, "db", "copy", f"sqlite:///{readers.database(root)}", url))
    text = config.read_text(encoding="utf-8").replace("[database]", f'[database]\nurl = "{url}"')
    config.write_text(text, encoding="utf-8")
    run = measured(python("publisher", "-c", config, "--at", AT))
    with psycopg.connect(url) as connection:
        states = dict(connection.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall())
    if states != {"pending": MILLION}:
        raise SystemExit(f"not recorded for all: {states}")
    started = time.perf_counter()
    senders = [subprocess.Popen(python("benchmarks.workers", url)) for _ in range(SENDERS)]
    codes = [sender.wait() for sender in senders]
    if any(codes):
        raise SystemExit("a process that claims failed")
    seconds = time.perf_counter() - started
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM delivery WHERE state = 'sent'").fetchone()
    if row is None or row[0] < DELIVERIES:
        raise SystemExit("too few were marked")
    return run, row[0] / seconds


def claim(arguments: Sequence[str]) -> None:
    """Claim and mark a part of the deliveries, as a process does that sends them, loading the program first."""
    from publisher.store import Store

    now = datetime.fromisoformat(AT) + timedelta(days=1)
    relay, left = "127.0.0.1", DELIVERIES // SENDERS
    with Store.open(arguments[0]).ledger(3) as ledger:
        while left > 0:
            keys = [
                (each.number, each.subscriber) for each in ledger.claim(now, now + timedelta(minutes=30), 500)
            ]
            leaving = list[tuple[int, int]]()
            for start in range(0, len(keys) + _CONNECTIONS, _CONNECTIONS):
                sent, leaving = leaving, keys[start : start + _CONNECTIONS]
                ledger.commit(now, sent=[(key, relay) for key in sent], leaving=leaving)
            left -= len(keys)


if __name__ == "__main__":
    claim(sys.argv[1:])
