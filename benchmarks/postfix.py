"""An edition on its way through a real Postfix of its own, beside Postfix's own load generator."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import readers
from benchmarks.delivery import prepared
from benchmarks.peers import peers
from benchmarks.process import AT, HERE, WORK, Measured, measured, python, spread, verdict

sys.path.insert(0, str(HERE.parent / "tests"))

from postfix import AVAILABLE, postfix

ROUNDS, READERS, CONNECTIONS = 3, 20_000, 10
SHARE = 0.9
"""The aim: at least this part of the rate of smtp-source."""
_DISCARD = "virtual_transport = discard\n"
"""What it takes it throws away, so that it has its processors for taking."""


def section() -> str:
    """Let both send in turn, each to a Postfix that has done nothing yet."""
    if not AVAILABLE:
        return f"{_TITLE}\n\nNot measured: Postfix is not here, or this is not root."
    folder = WORK / "postfix"
    waiting = prepared(folder / "site", READERS)
    source = peers(folder / "peers", READERS, READERS, READERS)["smtp-source"]
    if source.command is None:
        raise SystemExit(source.absence)
    found: dict[str, list[Measured]] = {"publisher": [], "smtp-source": []}
    ways = {"publisher": partial(_ours, waiting), "smtp-source": partial(_theirs, source.command)}
    for number in range(ROUNDS):
        for name in [*ways][:: -1 if number % 2 else 1]:
            with postfix(_DISCARD) as relay:
                command = ways[name](port=relay.port, connections=CONNECTIONS)
                found[name].append(measured(command))
            if name == "publisher" and (states := readers.states(folder / "round")) != {"sent": READERS}:
                raise SystemExit(f"not all rows are marked: {states}")
    return _said(found)


def _ours(waiting: Path, *, port: int, connections: int) -> list[str]:
    root = waiting.with_name("round")
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(waiting, root)
    readers.configure(root, port, connections, "normal")
    return python("publisher", "-c", root / "config.toml", "--at", AT)


def _theirs(make: Callable[[int, int, int], list[str]], *, port: int, connections: int) -> list[str]:
    return make(port, READERS, connections)


_TITLE = f"## {READERS:,} deliveries into a real Postfix"


def _said(found: dict[str, list[Measured]]) -> str:
    rows = "\n".join(_row(name, runs) for name, runs in found.items())
    shares = [
        other.seconds / mine.seconds
        for mine, other in zip(found["publisher"], found["smtp-source"], strict=True)
    ]
    return f"""\
{_TITLE}

Each sends over {CONNECTIONS} connections to a Postfix with a configuration and a queue of its own, which throws away
what it took. Whole processes in turn, median of {ROUNDS}; in brackets the least and the most.

| | a second | CPU for a message, µs |
|---|--:|--:|
{rows}

The aim: at least {SHARE:g} of the rate of smtp-source: {spread(shares)}: {verdict(median(shares) >= SHARE)}."""


def _row(name: str, runs: list[Measured]) -> str:
    cpu = median(run.cpu for run in runs) / READERS * 1e6
    return f"| {name} | {spread(READERS / run.seconds for run in runs)} | {cpu:,.0f} |"
