"""How long the program takes to start, beside the import of click alone."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

from benchmarks.process import measured, python, verdict

STARTS = 15
AIM = 2.0


def section() -> str:
    """Time `publish --help` and the import of click in turn, after one of each unmeasured."""
    script = Path(sys.executable).with_name("publish")
    publish = [str(script)] if script.exists() else python("publisher")
    help_, click = [*publish, "--help"], [sys.executable, "-c", "import click"]
    pairs = [(measured(help_).seconds, measured(click).seconds) for _ in range(STARTS + 1)][1:]
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    ratio = ours / theirs
    return f"""\
## Start-up

Whole processes in turn, median of {STARTS}. The aim is a ratio below {AIM:g}: {verdict(ratio < AIM)}.

| | milliseconds |
|---|--:|
| `publish --help` | {ours * 1000:.0f} |
| `python -c "import click"` | {theirs * 1000:.0f} |
| ratio | {ratio:.2f} |"""
