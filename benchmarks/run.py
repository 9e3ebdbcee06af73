"""Measure whole processes, as the owner starts them, and write RESULTS.md. Nothing here is a test."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.corpus import Corpus
from publisher import __version__

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"
ARTICLES, KEYWORDS, TOPICS = 1000, 100, 9
STARTS, ROUNDS = 15, 3
AT = "2026-11-24T06:00:00+07:00"
RUN = (sys.executable, "-m", "publisher")
LIBRARIES = ("click", "feedgen", "jinja2", "lxml", "pydantic", "sqlalchemy")
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
class Measured:
    """One process: seconds on the wall, and the most memory it held, in MiB."""

    seconds: float
    peak: float


@dataclass(frozen=True, slots=True)
class Written:
    """What a first run made, and how long plain loops take to write the same, without and with fsync."""

    files: int
    size: int
    plain: float
    synced: float


def main() -> None:
    """Measure everything, write RESULTS.md and print it."""
    shutil.rmtree(WORK, ignore_errors=True)
    try:
        help_, click = start_up()
        rounds, seeds, written = whole_runs(Corpus.of(KEYWORDS))
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    sections = [heading(), start_section(help_, click), run_section(rounds, seeds, written)]
    text = "\n\n".join(sections) + "\n"
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text, end="")


def start_up() -> tuple[list[float], list[float]]:
    """Time `publish --help` and the import of click alone, in turn, after one of each unmeasured."""
    script = Path(sys.executable).with_name("publish")
    publish = [str(script)] if script.exists() else list(RUN)
    help_, click = [*publish, "--help"], [sys.executable, "-c", "import click"]
    pairs = [(measured(help_).seconds, measured(click).seconds) for _ in range(STARTS + 1)][1:]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def whole_runs(corpus: Corpus) -> tuple[list[dict[str, Measured]], int, Written]:
    """Each round in a new folder: the stages of `STAGES` in turn. The floor is measured beside the last."""
    rounds, seeds = list[dict[str, Measured]](), 0
    for number in range(ROUNDS):
        root = WORK / f"round-{number}"
        seeds = corpus.write(root / "seeds", range(ARTICLES))
        (root / "config.toml").write_text(CONFIG + topics(corpus), encoding="utf-8")
        command = [*RUN, "-c", str(root / "config.toml"), "--at", AT]
        first, again = measured(command), measured(command)
        if number == ROUNDS - 1:
            written = floor(root / "public")
        corpus.write(root / "seeds", [ARTICLES])
        rounds.append({"first run": first, "nothing changed": again, "one added": measured(command)})
    return rounds, seeds, written


def topics(corpus: Corpus) -> str:
    """Make some of the keywords topics too, so that the search for phrases is paid for."""
    return "".join(f'\n[[keywords.topic]]\nname = "{label}"\n' for label in corpus.labels[:TOPICS])


def measured(command: Sequence[str]) -> Measured:
    """Run a process to its end; a failure shows what it said and stops the measurement."""
    log = WORK / "said.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, cwd=HERE.parent)
        _, status, usage = os.wait4(process.pid, 0)  # the peak of this child alone, not of all so far
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said_text = log.read_text(encoding="utf-8", errors="replace")
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{said_text}")
    return Measured(seconds, usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024))


def floor(public: Path) -> Written:
    """Write the same bytes into the same number of files by loops that do nothing else."""
    files = [file for file in sorted(public.rglob("*")) if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    plain = median(copied(files, public, sync=False) for _ in range(ROUNDS))
    synced = median(copied(files, public, sync=True) for _ in range(ROUNDS))
    return Written(len(files), size, plain, synced)


def copied(files: Sequence[Path], root: Path, *, sync: bool) -> float:
    """Seconds to write the files into a new folder; reading them is not counted."""
    target, seconds = WORK / "floor", 0.0
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
    shutil.rmtree(target)
    return seconds


def heading() -> str:
    """Say what was measured where, and when."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"""\
# Results

Written by `python -m benchmarks.run` on {datetime.now().astimezone():%Y-%m-%d %H:%M %z}; do not edit.

- Machine: {platform.machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}
- Python {platform.python_version()}; publisher {__version__}; {libraries}"""


def start_section(help_: Sequence[float], click: Sequence[float]) -> str:
    """Make the table of start-up."""
    ours, theirs = median(help_), median(click)
    ratio = ours / theirs
    verdict = "kept" if ratio < 2 else "MISSED"
    return f"""\
## Start-up

Whole processes in turn, median of {STARTS}. The aim is a ratio below 2: {verdict}.

| | milliseconds |
|---|--:|
| `publish --help` | {ours * 1000:.0f} |
| `python -c "import click"` | {theirs * 1000:.0f} |
| ratio | {ratio:.2f} |"""


def run_section(rounds: Sequence[dict[str, Measured]], seeds: int, written: Written) -> str:
    """Make the table of whole runs, and tell of the floor."""
    rows = "\n".join(stage_row(label, [each[stage] for each in rounds]) for stage, label in STAGES.items())
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


def stage_row(label: str, runs: Sequence[Measured]) -> str:
    """One stage: its seconds, their range, articles per second, memory."""
    seconds = [run.seconds for run in runs]
    middle, peak = median(seconds), median(run.peak for run in runs)
    spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
    return f"| {label} | {middle:.2f} ({spread}) | {ARTICLES / middle:,.0f} | {peak:.0f} |"


if __name__ == "__main__":
    main()
