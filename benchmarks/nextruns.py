"""Runs after the first, where nothing or one article changed, beside `git status` over the same files."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.corpus import Corpus
from benchmarks.process import AT, WORK, Measured, measured, python, spread, verdict

SIZES, KEYWORDS, ROUNDS = (10_000, 100_000), 500, 5
AIM = 4.0
"""The most that a run with nothing changed may take, in times of `git status`, where there are most articles."""

CONFIG = """\
[site]
title = "Bản tin đo"
url = "https://news.example.org/"

[feeds]
archives = false

[keywords]
found = 0

[mail]
sender = "Bản tin đo <news@example.org>"
"""


def section() -> str:
    """Make the table for each size."""
    tables = [_table(size) for size in SIZES]
    return "\n\n".join(["## Next runs", _HEAD, *tables])


_HEAD = f"""\
Text seeds over {KEYWORDS} keywords; pages, and feeds in three formats, without archives. `git status` goes over a
repository of the same seeds. Whole processes in turn, median of {ROUNDS}; in brackets the least and the most."""


def _table(size: int) -> str:
    corpus, root = Corpus.of(KEYWORDS), WORK / f"next-{size}"
    corpus.write(root / "seeds", range(size))
    (root / "config.toml").write_text(CONFIG, encoding="utf-8")
    publish = python("publisher", "-c", root / "config.toml", "--at", AT)
    first = measured(publish)
    git = _repository(root / "seeds", WORK / f"git-{size}")
    rounds: dict[str, list[Measured]] = {name: [] for name in ("git status", *_CHANGES)}
    measured(git)
    for number in range(ROUNDS):
        rounds["git status"].append(measured(git))
        for name, change in _CHANGES.items():
            change(corpus, root / "seeds", size + number)
            rounds[name].append(measured(publish))
    shutil.rmtree(root)
    theirs = median(each.seconds for each in rounds["git status"])
    rows = [_row(name, runs, theirs) for name, runs in rounds.items()]
    ratio = median(each.seconds for each in rounds["nothing changed"]) / theirs
    aim = f"\n\nThe aim: nothing changed in at most {AIM:g} times of `git status`: {verdict(ratio <= AIM)}."
    return f"""\
### {size:,} articles

| | seconds | of processors | most memory, MiB | times of `git status` |
|---|--:|--:|--:|--:|
| first run, once | {first.seconds:.1f} | {first.cpu:.1f} | {first.peak:.0f} | |
{chr(10).join(rows)}{aim if size == max(SIZES) else ""}"""


def _row(name: str, runs: Sequence[Measured], theirs: float) -> str:
    seconds = [run.seconds for run in runs]
    cpu, peak = median(run.cpu for run in runs), max(run.peak for run in runs)
    return f"| {name} | {spread(seconds)} | {cpu:.2f} | {peak:.0f} | {median(seconds) / theirs:.1f} |"


def _nothing(corpus: Corpus, seeds: Path, number: int) -> None:
    """Leave everything as it is."""


def _added(corpus: Corpus, seeds: Path, number: int) -> None:
    """Put one more article in place, the newest of all."""
    _, _, *rest = corpus.article(number).split("\n\n")
    lines = [f"Bài mới số {number}", f"05:{number % 50 + 1:02} 24/11/2026", *rest]
    (seeds / f"{number:06}.txt").write_text("\n\n".join(lines), encoding="utf-8")


def _changed(corpus: Corpus, seeds: Path, number: int) -> None:
    """Edit that article."""
    file = seeds / f"{number:06}.txt"
    title, date, *rest = file.read_text(encoding="utf-8").split("\n\n")
    file.write_text("\n\n".join([title, date, "Thêm một câu.", *rest]), encoding="utf-8")


def _deleted(corpus: Corpus, seeds: Path, number: int) -> None:
    """Take it away."""
    (seeds / f"{number:06}.txt").unlink()


_CHANGES: dict[str, Callable[[Corpus, Path, int], None]] = {
    "nothing changed": _nothing,
    "one article added": _added,
    "one article changed": _changed,
    "one article deleted": _deleted,
}


def _repository(seeds: Path, folder: Path) -> list[str]:
    """Make a repository of the same seeds; returns the command that asks how it stands."""
    shutil.copytree(seeds, folder)
    git = ["git", "-C", str(folder)]
    name = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0"]
    for words in (["init", "-q"], ["add", "-A"], [*name, "commit", "-q", "-m", "seeds"]):
        subprocess.run([*git, *words], check=True)
    return [*git, "status", "--porcelain"]
