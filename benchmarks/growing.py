"""A first build without pages for people: what an article costs where there are ten times as many."""

from __future__ import annotations

import os

from benchmarks.building import KEYWORDS, Built, built
from benchmarks.corpus import Corpus
from benchmarks.nextruns import CONFIG
from benchmarks.process import AT, HERE, WORK, python, verdict

SIZES, LARGEST = (10_000, 100_000), 1_000_000
COST, MEMORY = 1.3, 1_000_000_000
"""The most that an article may cost at most size, in times of that at the size before, and the most memory, bytes."""


def section() -> str:
    """Make the table; the largest size only where it is asked for."""
    sizes = (*SIZES, LARGEST) if os.environ.get("BENCH_LARGE") else SIZES
    rows = {size: _first(size) for size in sizes}
    *_, (before, less), (size, most) = rows.items()
    ratio = (most.cpu / size) / (less.cpu / before)
    lines = [
        f"| {number:,} | {run.seconds:.0f} | {run.cpu:.0f} | {run.cpu / number * 1e6:.0f} | {run.peak:.0f} |"
        for number, run in rows.items()
    ]
    return f"""\
## Feeds of many articles

Text seeds over {KEYWORDS} keywords; feeds in three formats and no pages (`[output] base = "feeds"`), a first build
each, once. Memory and processor time of all processes together.

| articles | seconds | of processors | microseconds of these for an article | most memory, MiB |
|--:|--:|--:|--:|--:|
{chr(10).join(lines)}

With {size:,} an article costs {ratio:.2f} of what it costs with {before:,} (aim: {COST:g}, {verdict(ratio <= COST)}); \
memory below {MEMORY / 1e9:g} GB: {verdict(most.peak * 1024 * 1024 <= MEMORY)}."""


def _first(size: int) -> Built:
    root = WORK / f"growing-{size}"
    Corpus.of(KEYWORDS).write(root / "seeds", range(size))
    config = CONFIG.replace("[feeds]", '[output]\nbase = "feeds"\n\n[feeds]\ncompressed = []')
    (root / "config.toml").write_text(config, encoding="utf-8")
    return built(python("publisher", "-c", root / "config.toml", "--at", AT), HERE.parent)
