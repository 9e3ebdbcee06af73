"""The first build of a site, and the next with one article more, beside other programs that do the same work."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from benchmarks.corpus import Corpus
from benchmarks.generators import FORMATS, Generator, generators, parts
from benchmarks.nextruns import CONFIG
from benchmarks.process import AT, HERE, WORK, python, verdict
from benchmarks.runs import floor

SIZES, LARGE, KEYWORDS, ITEMS = (1_000, 10_000), 100_000, 500, 50
ROUNDS = {1_000: 3, 10_000: 3, LARGE: 1}
TIME, MEMORY, ADDED, FLOOR = 0.35, 0.2, {10_000: 0.08, LARGE: 0.015}, 2.5
"""The aims: parts of Hugo's time and memory at the first build, and of its rebuild; times of the floor."""
_ITEM = re.compile(rb"<item[ >]|<entry[ >]|\"content_html\"")


@dataclass(frozen=True, slots=True)
class Built:
    """One run of a program: seconds on the wall, the most memory of all its processes in MiB, processor seconds."""

    seconds: float
    peak: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Row:
    """A program at one size: its first builds, and those with one article more."""

    name: str
    first: Sequence[Built]
    added: Sequence[Built]
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a site at `root`: the `command` that builds it in `place`, what it has `made` there, its rounds.

    `lay` puts one article more among those of the site.
    """

    name: str
    root: Path
    command: Sequence[str]
    place: Path
    made: Sequence[str]
    lay: Callable[[int], None]
    formats: Sequence[str]
    rounds: int


def section() -> str:
    """Make a table for each size; only Hugo goes along to the largest."""
    others = generators(WORK / "generators")
    absent = [f"{one.name}: {one.absence}." for one in others if one.absence]
    here = [one for one in others if not one.absence]
    tables = [_table(size, here) for size in SIZES]
    if os.environ.get("BENCH_LARGE"):
        tables.append(_table(LARGE, here[:1]))
    return "\n\n".join([_HEAD, *absent, *tables])


_HEAD = f"""\
## First builds beside other generators

The same articles, {KEYWORDS} keywords by Zipf's law: a page for each article and keyword, and feeds of the site and of
each keyword with the {ITEMS} newest articles whole, in RSS, Atom and JSON (Pelican knows no JSON Feed: two thirds of
the feeds). Ours are copied pages, theirs is Markdown with front matter. Ours also keeps identities, editions and a
ledger, reads every feed back, and writes nothing that did not change; theirs build everything anew each time. Files and
entries are counted. Medians of {ROUNDS[1_000]} runs in turn, with the most memory of all processes of a program
together; with {max(SIZES):,} articles, programs other than ours and Hugo run once."""


def _table(size: int, others: Sequence[Generator]) -> str:
    corpus = Corpus.of(KEYWORDS)
    programs = [_ours(corpus, size), *(_theirs(one, corpus, size) for one in others)]
    rows, floors = _in_turn(programs, corpus, size), _floor(size)
    by_name = {row.name: row for row in rows}
    hugo = next((row for name, row in by_name.items() if name.startswith("Hugo")), None)
    lines = [_line(row, hugo) for row in rows]
    least = f"\n\nThe floor, a plain loop that writes the same files: {floors:.2f} s."
    return f"""\
### {size:,} articles

| | first build, s | of Hugo | memory, MiB | of Hugo | one article more, s | of Hugo | files | MB |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
{chr(10).join(lines)}{least}{_verdicts(size, rows[0], hugo, floors)}"""


def _verdicts(size: int, ours: Row, hugo: Row | None, least: float) -> str:
    if hugo is None or size not in ADDED:
        return ""
    first, peak, added = _medians(ours)
    theirs, theirs_peak, again = _medians(hugo)
    told = [
        f"first build in {TIME:g} of Hugo's time: {verdict(first <= TIME * theirs)}",
        f"in {MEMORY:g} of its memory: {verdict(peak <= MEMORY * theirs_peak)}",
        f"one article more in {ADDED[size]:g} of its rebuild: {verdict(added <= ADDED[size] * again)}",
        f"first build in {FLOOR:g} times of the floor: {verdict(first <= FLOOR * least)}",
    ]
    return f"\n\nThe aims: {'; '.join(told)}."


def _line(row: Row, hugo: Row | None) -> str:
    values = _medians(row)
    ratios = (
        [f"{mine / theirs:.2f}" for mine, theirs in zip(values, _medians(hugo), strict=True)]
        if hugo
        else [""] * 3
    )
    first, peak, added = values
    return (
        f"| {row.name} | {first:.2f} | {ratios[0]} | {peak:.0f} | {ratios[1]} | {added:.2f} | {ratios[2]}"
        f" | {row.files:,} | {row.bytes / 1e6:.0f} |"
    )


def _medians(row: Row) -> tuple[float, float, float]:
    return (
        median(one.seconds for one in row.first),
        median(one.peak for one in row.first),
        median(one.seconds for one in row.added),
    )


def _ours(corpus: Corpus, size: int) -> Program:
    root = WORK / f"build-{size}" / "ours"
    corpus.write(root / "seeds", range(size))
    (root / "config.toml").write_text(CONFIG.replace("[feeds]", "[feeds]\ncompressed = []"), encoding="utf-8")
    command = python("publisher", "-c", root / "config.toml", "--at", AT)

    def lay(number: int) -> None:
        corpus.write(root / "seeds", [number])

    return Program("publisher", root, command, HERE.parent, ("public", "data"), lay, FORMATS, ROUNDS[size])


def _theirs(one: Generator, corpus: Corpus, size: int) -> Program:
    root = WORK / f"build-{size}" / one.folder
    one.site(root, corpus, range(size))

    def lay(number: int) -> None:
        one.lay(root, number, corpus.article(number))

    rounds = ROUNDS[size] if one.folder == "hugo" or size < max(SIZES) else 1
    return Program(one.name, root, one.command, root, ("public",), lay, one.formats, rounds)


def _in_turn(programs: Sequence[Program], corpus: Corpus, size: int) -> list[Row]:
    """Each program once, then each once more: what else goes on meanwhile hits all of them."""
    first: dict[str, list[Built]] = {each.name: [] for each in programs}
    added: dict[str, list[Built]] = {each.name: [] for each in programs}
    for number in range(ROUNDS[size]):
        for each in programs:
            if number >= each.rounds:
                continue
            for name in each.made:
                _out_of_the_way(each.root / name)
            first[each.name].append(built(each.command, each.place))
            each.lay(size + number)
            added[each.name].append(built(each.command, each.place))
    for each in programs:
        _check(each.name, each.root / "public", corpus, size, each.formats)
    return [
        Row(each.name, first[each.name], added[each.name], *_weighed(each.root / "public"))
        for each in programs
    ]


def _out_of_the_way(folder: Path) -> None:
    """Move what an earlier round made; thrown away, it would make ext4 look for new files among those just deleted."""
    if folder.exists():
        kept = WORK / "before"
        kept.mkdir(exist_ok=True)
        folder.rename(kept / f"{folder.name}-{len(list(kept.iterdir()))}")


def _check(name: str, public: Path, corpus: Corpus, size: int, formats: Sequence[str]) -> None:
    """Whether it is the same work: a page for each article, feeds of the site and of each keyword, of full length."""
    pages = sum(1 for _ in (public / "articles").rglob("index.html"))
    if pages < size:
        raise SystemExit(f"{name}: {pages} pages of {size} articles")
    labels = {label for number in range(size) for label in parts(corpus.article(number)).keywords}
    for form in formats:
        feeds = list((public / "keywords").rglob(f"feed.{form}"))
        whole = len(_ITEM.findall((public / f"feed.{form}").read_bytes()))
        if len(feeds) < len(labels) or whole != min(ITEMS, size):
            raise SystemExit(f"{name}: {len(feeds)} feeds in {form}, {whole} entries in that of the site")


def _weighed(public: Path) -> tuple[int, int]:
    sizes = [file.stat().st_size for file in public.rglob("*") if file.is_file()]
    return len(sizes), sum(sizes)


def _floor(size: int) -> float:
    """Write the files of our output once more, by a plain loop."""
    return floor(WORK / f"build-{size}" / "ours" / "public").plain


def built(command: Sequence[str], folder: Path) -> Built:
    """Run a program to its end, and look every twentieth of a second how much memory its processes have."""
    log = WORK / "build.log"
    with log.open("wb") as said:
        started, used, peak = time.perf_counter(), _used(), 0
        process = psutil.Popen(command, cwd=folder, stdout=said, stderr=subprocess.STDOUT)
        while process.poll() is None:
            peak = max(peak, _held(process))
            time.sleep(0.05)
        seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(
            f"{' '.join(command)}: exit {process.returncode}\n{log.read_text(encoding='utf-8')[-2000:]}"
        )
    return Built(seconds, peak / (1024 * 1024), _used() - used)


def _used() -> float:
    """Processor seconds of all processes that this one started and that ended, with theirs."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _held(process: psutil.Process) -> int:
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.NoSuchProcess:
        return 0
    return total
