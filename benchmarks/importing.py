"""How long it takes to take in a long list of readers, and how much memory."""

from __future__ import annotations

from pathlib import Path

from benchmarks import readers
from benchmarks.process import WORK, measured, python, verdict

LINES = 1_000_000
BAD = 1_000
"""Of every so many lines one has an address that is none."""
MEMORY = 200e6

_MEBI = 1024 * 1024


def section() -> str:
    """Import a list once."""
    root = WORK / "importing"
    readers.site(root)
    file = root / "readers.csv"
    _write(file)
    asked = ["subscribers", "import", "--consent", "Yes, by mail.", file]
    run = measured(python("publisher", "-c", root / "config.toml", *asked), expected=1)
    if (taken := readers.subscribers(root)) != LINES - LINES // BAD:
        raise SystemExit(f"{taken:,} were taken in\n{run.said[-2000:]}")
    return f"""\
## A list of {LINES:,} readers

`publish subscribers import` of a CSV file with a mark of its byte order, of which one line in {BAD:,} is refused
with its number: {run.seconds:.0f} s, {LINES / run.seconds:,.0f} lines a second, {run.peak:.0f} MiB at most.
The aim: memory below {MEMORY / 1e6:.0f} MB ({MEMORY / _MEBI:.0f} MiB): {verdict(run.peak * _MEBI < MEMORY)}."""


def _write(file: Path) -> None:
    with file.open("w", encoding="utf-8-sig") as out:
        out.write("email,name,status\n")
        for number in range(LINES):
            address = readers.address(number) if number % BAD else "nobody"
            out.write(f'{address},"Bạn đọc {number}",enabled\n')
