"""An edition on its way to its readers, side by side with what else sends mail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import readers
from benchmarks.peers import Peer, peers
from benchmarks.process import AT, WORK, measured, python, spread, verdict
from benchmarks.sink import Sending, sending

ROUNDS, CONNECTIONS = 3, 10
READERS = 20_000
READY, SOURCE, THREADS = 3_000, 20_000, 5_000
"""Messages of nodemailer, of smtp-source and of smtplib: fewer where they are slow."""
DELAYED, DELAY = 2_000, 0.02
"""Messages of smtplib where each answer comes so many seconds late."""
ROUND_MODES = ("normal", "full")

SYNCED = 1_000
"""The aim: so many messages a second where the ledger is on the disk before each leaves."""

_HEAD = """\
| | messages | a second | a second, from first to last message | CPU for a message, µs | most memory, MiB |
|---|--:|--:|--:|--:|--:|"""
_FOLDER = "delivery"


def section() -> str:
    """Prepare a site whose edition waits, let all senders send in turn."""
    folder = WORK / _FOLDER
    waiting = prepared(folder / "site", READERS)
    others = peers(folder / "peers", READY, SOURCE, THREADS)
    rounds = _rounds(
        {mode: partial(_ours, waiting, READERS, mode, 0.0) for mode in ROUND_MODES},
        {name: partial(_theirs, peer, peer.messages, 0.0) for name, peer in others.items() if peer.command},
    )
    delayed = _rounds(
        {"normal": partial(_ours, waiting, READERS, "normal", DELAY)},
        {"smtplib": partial(_theirs, others["smtplib"], DELAYED, DELAY)},
    )
    labels = {mode: f'publisher, sync = "{mode}"' for mode in ROUND_MODES}
    labels |= {name: peer.label for name, peer in others.items()}
    absent = {name: peer.absence for name, peer in others.items() if not peer.command}
    shutil.rmtree(waiting)
    return "\n\n".join(
        [
            _task(rounds),
            _table(rounds, labels, absent),
            _aims(rounds),
            _waiting(delayed, labels),
        ]
    )


def prepared(root: Path, number: int) -> Path:
    """A site with so many readers and an edition that is recorded for them, none of it sent."""
    readers.site(root)
    measured(python("benchmarks.enrol", root, str(number)))
    measured(python("publisher", "-c", root / "config.toml", "--at", AT))
    if (found := readers.states(root)) != {"pending": number}:
        raise SystemExit(f"not what was to be prepared: {found}")
    return root


def _rounds(*ways: dict[str, Callable[[], Sending]]) -> dict[str, list[Sending]]:
    """Everybody in each round, each round beginning with another."""
    every = {name: way for some in ways for name, way in some.items()}
    names, found = [*every], {name: list[Sending]() for name in every}
    for number in range(ROUNDS):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            found[name].append(every[name]())
    return found


def _ours(waiting: Path, number: int, sync: str, delay: float) -> Sending:
    root = waiting.with_name("round")
    shutil.copytree(waiting, root)

    def command(port: int) -> list[str]:
        readers.configure(root, port, CONNECTIONS, sync)
        return python("publisher", "-c", root / "config.toml", "--at", AT)

    done = sending(command, number, delay)
    if (found := readers.states(root)) != {"sent": number}:
        raise SystemExit(f"not all rows are marked: {found}")
    shutil.rmtree(root)
    return done


def _theirs(peer: Peer, number: int, delay: float) -> Sending:
    make = peer.command
    if make is None:
        raise SystemExit(f"{peer.label}: {peer.absence}")
    return sending(lambda port: make(port, number, CONNECTIONS), number, delay)


def _task(rounds: dict[str, list[Sending]]) -> str:
    ours = rounds[ROUND_MODES[0]][0]
    return f"""\
## {READERS:,} deliveries of a digest

A recorded edition of two-part messages, {ours.octets / 1000:.0f} kB on average, for {readers.SELECTIONS} selections
of keywords: from the start of the process to its end, when every row of the ledger is marked as sent.
The others send ready-made messages of the same size and remember nothing.
All have {CONNECTIONS} connections to the same relay on this machine, a process of its own that shares
the {os.cpu_count()} processors; none closes them between messages."""


def _table(rounds: dict[str, list[Sending]], labels: dict[str, str], absent: dict[str, str]) -> str:
    rows = [_row(labels[name], runs) for name, runs in rounds.items()]
    rows += [f"| {labels[name]}: {reason} | | | | | |" for name, reason in absent.items()]
    lines = "\n".join(rows)
    return f"""\
Whole processes in turn, median of {ROUNDS}; in brackets the least and the most.

{_HEAD}
{lines}"""


def _row(label: str, runs: Sequence[Sending]) -> str:
    figures = [
        label,
        f"{runs[0].messages:,}",
        _whole(run.rate for run in runs),
        _whole(run.seen for run in runs),
        f"{median(run.cpu for run in runs):,.0f}",
        f"{max(run.process.peak for run in runs):.0f}",
    ]
    return f"| {' | '.join(figures)} |"


def _whole(values: Iterable[float]) -> str:
    every = list(values)
    return f"{median(every):,.0f} ({min(every):,.0f} to {max(every):,.0f})"


def _aims(rounds: dict[str, list[Sending]]) -> str:
    lines = [
        _ratio(rounds, "normal", peer, least) for peer, least in (("nodemailer", 8), ("smtp-source", 0.4))
    ]
    synced = median(run.rate for run in rounds["full"])
    lines.append(f'- {SYNCED:,} a second with sync = "full": {synced:,.0f}: {verdict(synced >= SYNCED)}')
    return "The aims; ratios are those of each round, the first for whole processes:\n\n" + "\n".join(lines)


def _ratio(rounds: dict[str, list[Sending]], ours: str, theirs: str, least: float) -> str:
    """How many times as fast we are: for whole processes, and as the relay saw it."""
    if theirs not in rounds:
        return f"- at least {least:g} times the rate of {theirs}: not measured"
    pairs = list(zip(rounds[ours], rounds[theirs], strict=True))
    whole = [mine.rate / other.rate for mine, other in pairs]
    seen = [mine.seen / other.seen for mine, other in pairs]
    return (
        f"- at least {least:g} times the rate of {theirs}: {spread(whole)}: {verdict(median(whole) >= least)};"
        f" from first to last message {spread(seen)}"
    )


def _waiting(delayed: dict[str, list[Sending]], labels: dict[str, str]) -> str:
    rows = "\n".join(_row(labels[name], runs) for name, runs in delayed.items())
    return f"""\
With {DELAY * 1000:.0f} ms of delay before each answer:

{_HEAD}
{rows}

{_ratio(delayed, "normal", "smtplib", 3.5)}"""
