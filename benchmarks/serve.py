"""`publish serve`: what it costs while nothing happens, and how long a saved seed takes until it is in the feed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import psutil

from benchmarks.corpus import Corpus
from benchmarks.process import HERE, WORK, measured, python, spread, verdict

ARTICLES, KEYWORDS, ROUNDS = 10_000, 1000, 5
SETTLING, IDLE = 20, 120
"""Seconds before the measurement, and of it."""
MEMORY, CORE, SOON = 120, 0.2, 2.0
"""The aims: MiB, per cent of a core, seconds."""

CONFIG = """\
[site]
title = "Bản tin đo"
url = "https://news.example.org/"

[schedule]
watch = true

[mail]
sender = "Bản tin đo <news@example.org>"
"""


def section() -> str:
    """Measure both, and say whether the aims were kept."""
    memory, core = _idle(WORK / "own")
    added, changed = _saved(WORK / "large")
    return f"""\
## publish serve

With the own configuration, seeds watched and the web server up, {SETTLING} s after the start, over {IDLE} s:
{memory:.0f} MiB of memory (aim: below {MEMORY}, {verdict(memory < MEMORY)}) and {core:.2f} % of a core \
(aim: at most {CORE}, {verdict(core <= CORE)}).

From a saved seed to the feed of the site on the disk, with {ARTICLES:,} articles, {KEYWORDS:,} keywords, pages and
archives; seconds, median of {ROUNDS}, in brackets the least and the most; aim: below {SOON:g}.

| | seconds | |
|---|--:|---|
| A new seed | {spread(added)} | {verdict(median(added) < SOON)} |
| A changed seed | {spread(changed)} | {verdict(median(changed) < SOON)} |"""


def _idle(root: Path) -> tuple[float, float]:
    """Memory in MiB, and per cent of a core."""
    shutil.copytree(HERE.parent / "seeds", root / "seeds")
    text = (HERE.parent / "config.toml").read_text(encoding="utf-8")
    (root / "config.toml").write_text(text + "\n[schedule]\nwatch = true\n", encoding="utf-8")
    with _served(root) as process:
        time.sleep(SETTLING)
        begin, before = time.monotonic(), process.cpu_times()
        time.sleep(IDLE)
        after, seconds = process.cpu_times(), time.monotonic() - begin
        used = after.user + after.system - before.user - before.system
        return process.memory_info().rss / (1 << 20), 100 * used / seconds


def _saved(root: Path) -> tuple[list[float], list[float]]:
    """Seconds until new seeds, and changed ones, are in the feed."""
    corpus = Corpus.of(KEYWORDS)
    corpus.write(root / "seeds", range(ARTICLES))
    (root / "config.toml").write_text(CONFIG, encoding="utf-8")
    measured(python("publisher", "-c", root / "config.toml"))
    return seconds_until_out(root, corpus)


def seconds_until_out(root: Path, corpus: Corpus) -> tuple[list[float], list[float]]:
    """The same for a site that stands."""
    added, changed = [], []
    with _served(root):
        time.sleep(SETTLING)
        for number in range(ROUNDS):
            seed = root / f"seeds/new-{number}.txt"
            moment = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")) - timedelta(minutes=ROUNDS - number + 5)
            head = f"%s\n\n{moment:%H:%M %d/%m/%Y}\n\n"
            body = corpus.article(number).split("\n\n", 2)[2]
            added.append(_until_out(root, seed, head, body, f"Bài mới thứ {number}, vừa lưu"))
            changed.append(_until_out(root, seed, head, body, f"Bài thứ {number}, vừa sửa"))
    return added, changed


def _until_out(root: Path, seed: Path, head: str, body: str, title: str) -> float:
    feed, looked = root / "public/feed.rss", title.encode()
    time.sleep(3)  # what the seed before set off is over
    seed.write_text(head % title + body, encoding="utf-8")
    begin = time.monotonic()
    while looked not in feed.read_bytes():
        if time.monotonic() - begin > 60:
            raise SystemExit(f"{title} did not come out")
        time.sleep(0.01)
    return time.monotonic() - begin


@contextmanager
def _served(root: Path) -> Iterator[psutil.Process]:
    """The process that serves a site, after its first run."""
    command = python("publisher", "-c", root / "config.toml", "serve", "--port", "0")
    environment = {key: value for key, value in os.environ.items() if key != "JOURNAL_STREAM"}
    with subprocess.Popen(command, cwd=HERE.parent, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            served = json.loads(process.stderr.readline())
            while not _ready(served["web"]):
                if process.poll() is not None:
                    raise SystemExit(f"publish serve ended: {process.stderr.read().decode()}")
                time.sleep(0.2)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def _ready(url: str) -> bool:
    try:
        with urlopen(f"{url}readyz") as answer:
            return bool(answer.status == 200)
    except URLError:
        return False
