"""Whole runs over a large site that has feeds only."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.corpus import Corpus
from benchmarks.process import AT, WORK, Measured, measured, python

ARTICLES, KEYWORDS = 10_000, 1000
SUFFIXES = (".rss", ".atom", ".json")

CONFIG = """\
[site]
title = "Bản tin đo"
url = "https://news.example.org/"

[output]
base = "feeds"

[mail]
sender = "Bản tin đo <news@example.org>"
"""


def section() -> str:
    """Run the program over new seeds, and again; once, for it takes long."""
    root = WORK / "site"
    seeds = Corpus.of(KEYWORDS).write(root / "seeds", range(ARTICLES))
    (root / "config.toml").write_text(CONFIG, encoding="utf-8")
    command = python("publisher", "-c", root / "config.toml", "--at", AT)
    first = measured(command)
    files = dict(_files(root / "public"))
    again = measured(command)
    if files != dict(_files(root / "public")):
        raise SystemExit("a run with nothing changed wrote files")
    documents = [size for path, (size, _) in files.items() if path.endswith(SUFFIXES)]
    archives = sum("/archive/" in path for path in files if path.endswith(SUFFIXES))
    total = sum(size for size, _ in files.values())
    return f"""\
## {ARTICLES:,} articles, {KEYWORDS:,} keywords, feeds only

{seeds / 1e6:.1f} MB of seeds, one to four keywords each by Zipf's law, become {len(documents):,} feed documents of
{sum(documents) / 1e6:,.0f} MB, {archives:,} of them archives; with compressed forms {len(files):,} files of \
{total / 1e6:,.0f} MB.
Whole processes, each run once.

| | seconds | documents per second | peak memory, MiB |
|---|--:|--:|--:|
{_row("First run", first, len(documents))}
{_row("Run with nothing changed", again, None)}"""


def _files(public: Path) -> list[tuple[str, tuple[int, int]]]:
    """Every file with its size and time of change."""
    found = [(str(file), os.lstat(file)) for file in public.rglob("*") if file.is_file()]
    return [(path, (state.st_size, state.st_mtime_ns)) for path, state in found]


def _row(label: str, run: Measured, documents: int | None) -> str:
    rate = f"{documents / run.seconds:,.0f}" if documents else ""
    return f"| {label} | {run.seconds:.1f} | {rate} | {run.peak:.0f} |"
