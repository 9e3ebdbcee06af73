"""Whole runs over a small site with pages and a mail, and the floor: the same bytes by plain loops."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import mkdtemp

from benchmarks.corpus import Corpus
from benchmarks.process import AT, WORK, Measured, measured, python, spread

ARTICLES, KEYWORDS, TOPICS, ROUNDS = 1000, 100, 9, 3
STAGES = {
    "first run": "First run",
    "nothing changed": "Run with nothing changed",
    "one added": "Run with one article added",
}

CONFIG = """\
[site]
title = "Bản tin đo"
url = "https://news.example.org/"

[[digest]]
name = "daily"
title = "Tin sáng"
recipients = ["desk@example.org"]

[mail]
sender = "Bản tin đo <news@example.org>"
"""


@dataclass(frozen=True, slots=True)
class Written:
    """What a first run made, and how long plain loops take to write the same, without and with fsync."""

    files: int
    size: int
    plain: float
    synced: float


def section() -> str:
    """Make the table of whole runs, and tell of the floor."""
    rounds, seeds, written = whole_runs(Corpus.of(KEYWORDS))
    rows = "\n".join(_row(label, [each[stage] for each in rounds]) for stage, label in STAGES.items())
    first = median(each["first run"].seconds for each in rounds)
    return f"""\
## {ARTICLES:,} articles, {KEYWORDS} keywords

{seeds / 1e6:.1f} MB of seeds become {written.files:,} files of {written.size / 1e6:.1f} MB,
one edition and one mail.
Whole processes, median of {ROUNDS}, each round in a new folder; in brackets the least and the most.

| | seconds | articles per second | peak memory, MiB |
|---|--:|--:|--:|
{rows}

The floor: a plain loop writes the same bytes into as many files in {written.plain:.2f} s,
and in {written.synced:.2f} s where each file is brought to the disk.
The first run takes {first / written.plain:.0f} times the former
and {first / written.synced:.1f} times the latter."""


def whole_runs(corpus: Corpus) -> tuple[list[dict[str, Measured]], int, Written]:
    """Each round in a new folder: the stages of `STAGES` in turn. The floor is measured beside the last."""
    rounds, seeds = list[dict[str, Measured]](), 0
    for number in range(ROUNDS):
        root = WORK / f"round-{number}"
        seeds = corpus.write(root / "seeds", range(ARTICLES))
        (root / "config.toml").write_text(CONFIG + topics(corpus), encoding="utf-8")
        command = python("publisher", "-c", root / "config.toml", "--at", AT)
        first, again = measured(command), measured(command)
        if number == ROUNDS - 1:
            written = floor(root / "public")
        corpus.write(root / "seeds", [ARTICLES])
        rounds.append({"first run": first, "nothing changed": again, "one added": measured(command)})
        shutil.rmtree(root)
    return rounds, seeds, written


def topics(corpus: Corpus) -> str:
    """Make some of the keywords topics too, so that the search for phrases is paid for."""
    return "".join(f'\n[[keywords.topic]]\nname = "{label}"\n' for label in corpus.labels[:TOPICS])


def floor(public: Path) -> Written:
    """Write the same bytes into the same number of files by loops that do nothing else."""
    files = [file for file in sorted(public.rglob("*")) if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    plain = median(copied(files, public, sync=False) for _ in range(ROUNDS))
    synced = median(copied(files, public, sync=True) for _ in range(ROUNDS))
    return Written(len(files), size, plain, synced)


def copied(files: Sequence[Path], root: Path, *, sync: bool) -> float:
    """Seconds to write the files into a new folder; reading them is not counted.

    The folder stays to the end of all: ext4 looks long for room for new files among those just deleted.
    """
    target, seconds = Path(mkdtemp(prefix="floor-", dir=WORK)), 0.0
    for file in files:
        content, to = file.read_bytes(), target / file.relative_to(root)
        started = time.perf_counter()
        to.parent.mkdir(parents=True, exist_ok=True)
        with open(to, "wb") as stream:
            stream.write(content)
            if sync:
                stream.flush()
                os.fsync(stream.fileno())
        seconds += time.perf_counter() - started
    return seconds


def _row(label: str, runs: Sequence[Measured]) -> str:
    """One stage: its seconds, their range, articles per second, memory."""
    seconds, peak = [run.seconds for run in runs], median(run.peak for run in runs)
    return f"| {label} | {spread(seconds)} | {ARTICLES / median(seconds):,.0f} | {peak:.0f} |"
