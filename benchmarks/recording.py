"""How long it takes to record an edition for many readers, and how much memory."""

from __future__ import annotations

from pathlib import Path

from benchmarks import readers
from benchmarks.process import AT, WORK, Measured, measured, python, verdict

MILLION = 1_000_000
RECORDING, MEMORY = 30.0, 200e6
"""The aims: seconds, and bytes."""

_MEBI = 1024 * 1024


def section() -> str:
    """Record an edition, once, for it takes long to enrol the readers."""
    return _said(recording(WORK / "recording"))


def recording(root: Path) -> Measured:
    """One run that records an edition for many, in hours in which nothing leaves."""
    readers.site(root)
    measured(python("benchmarks.enrol", root, str(MILLION), "sql"))
    run = measured(python("publisher", "-c", root / "config.toml", "--at", AT))
    if (found := readers.states(root)) != {"pending": MILLION}:
        raise SystemExit(f"not recorded for all: {found}")
    return run


def _said(run: Measured) -> str:
    return f"""\
## An edition for {MILLION:,} readers

One process reads {readers.ARTICLES} articles, writes the feeds, records the edition with a row for each reader,
and sends nothing, for the hour is quiet: {run.seconds:.1f} s, {run.peak:.0f} MiB at most.
The aims: less than {RECORDING:.0f} s: {verdict(run.seconds < RECORDING)};
memory below {MEMORY / 1e6:.0f} MB ({MEMORY / _MEBI:.0f} MiB): {verdict(run.peak * _MEBI < MEMORY)}."""
