"""What reading seeds costs, beside opening and decoding the same files."""

from __future__ import annotations

import json
from statistics import median

from benchmarks.corpus import Corpus
from benchmarks.process import WORK, Measured, measured, python, spread, verdict

FILES, ROUNDS = 10_000, 5
EACH, MEMORY = 150.0, 150e6
"""The aims: microseconds of processor time for a seed, and bytes."""

_MEBI = 1024 * 1024


def section() -> str:
    """Write the seeds, go through them in both ways, in turn."""
    folder = WORK / "reading"
    Corpus.of(500).write(folder, range(FILES))
    size = sum(file.stat().st_size for file in folder.rglob("*.txt")) / FILES
    rounds: dict[str, list[Measured]] = {"read": [], "open": []}
    for number in range(ROUNDS):
        for way in [*rounds][:: -1 if number % 2 else 1]:
            rounds[way].append(measured(python("benchmarks.readseeds", folder, way)))
    each = {way: [json.loads(run.said)["each"] for run in runs] for way, runs in rounds.items()}
    peak = max(run.peak for run in rounds["read"]) * _MEBI
    return f"""\
## Reading {FILES:,} seeds

Plain text of {size / 1000:.1f} kB on average, one process each, median of {ROUNDS}; in brackets the least and the most.

| | processor time for a seed, µs | most memory, MiB |
|---|--:|--:|
| read | {spread(each["read"])} | {max(run.peak for run in rounds["read"]):.0f} |
| opened and decoded | {spread(each["open"])} | {max(run.peak for run in rounds["open"]):.0f} |

The aims: at most {EACH:.0f} µs: {verdict(median(each["read"]) <= EACH)};
memory below {MEMORY / 1e6:.0f} MB: {verdict(peak < MEMORY)}."""
