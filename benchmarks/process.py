"""Run a process to its end: how long it took, the most memory it held, and what it said."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"
"""Everything that a benchmark writes, except RESULTS.md; removed at the end."""

AT = "2026-11-24T06:00:00+07:00"
"""The moment at which the program is told to run: after every article of the corpus."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: seconds on the wall, the most memory it held, in MiB, its standard output, seconds of processors."""

    seconds: float
    peak: float
    said: str
    cpu: float


def as_installed() -> None:
    """Compile the program, as it is where it is installed, whatever this environment says of writing that down."""
    compileall.compile_dir(HERE.parent / "publisher", quiet=1)


def python(module: str, *arguments: str | Path) -> list[str]:
    """Make the command that runs a module in a process of its own."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def measured(command: Sequence[str], expected: int = 0) -> Measured:
    """Run a process to its end; another exit than `expected` shows what it said and stops the measurement.

    Linux counts the memory of the parent into the peak of a child that has less. So this process has
    to stay small: whatever needs many articles at once runs in a child.
    """
    out, log = WORK / "said.txt", WORK / "errors.txt"
    WORK.mkdir(parents=True, exist_ok=True)
    with out.open("wb") as said, log.open("wb") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=errors, cwd=HERE.parent)
        try:
            _, status, usage = os.wait4(process.pid, 0)  # the peak of this child alone, not of all so far
        except BaseException:
            process.kill()
            raise
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in (out, log)]
    if process.returncode != expected:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{''.join(texts)}")
    peak = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return Measured(seconds, peak, texts[0], usage.ru_utime + usage.ru_stime)


def spread(values: Iterable[float]) -> str:
    """Write the median, and in brackets the least and the most."""
    every = list(values)
    return f"{median(every):.2f} ({min(every):.2f} to {max(every):.2f})"


def verdict(kept: bool) -> str:
    """Write whether an aim was kept."""
    return "kept" if kept else "MISSED"
