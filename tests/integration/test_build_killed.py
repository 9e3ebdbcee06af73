"""Killed at any instant of a build by several processes, the next run ends with the bytes of an undisturbed one."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import psutil
from conftest import CONFIG, Site
from test_killed import started

ARTICLES, KILLS, WAIT = 420, 4, 120.0


def building(root: Path) -> Site:
    """A site with so many articles that several processes make its documents."""
    site = Site(root)
    site.change(CONFIG, f"{CONFIG}\n[work]\nprocesses = 2\n")
    for number in range(ARTICLES):
        site.article(f"{number}.txt", f"Bài số {number}", "Chuyện giao thông ở Kiến An.")
    return site


def tree(root: Path) -> dict[str, bytes]:
    """Every file of the output."""
    public = root / "public"
    return {str(file.relative_to(public)): file.read_bytes() for file in public.rglob("*") if file.is_file()}


def ended(run: subprocess.Popen[bytes]) -> None:
    said, _ = run.communicate(timeout=WAIT)
    assert run.returncode == 0, said.decode()


def killed(run: subprocess.Popen[bytes], after: float, *, working: bool) -> list[psutil.Process]:
    """Kill a run so many seconds after it began, or after others work for it; the processes that it had then."""
    while working and run.poll() is None and not psutil.Process(run.pid).children():
        time.sleep(0.01)
    time.sleep(after)
    workers = psutil.Process(run.pid).children(recursive=True) if run.poll() is None else []
    run.kill()
    run.wait()  # not for the end of what it says: workers that outlive it would hold that open
    if run.stdout:
        run.stdout.close()
    return workers


def outliving(workers: list[psutil.Process]) -> list[str]:
    """Those that are at work ten seconds later, which are ended here; one that nobody buried is not."""
    _, alive = psutil.wait_procs(workers, timeout=10)
    found = list[str]()
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
                process.kill()
    return found


def test_a_build_that_is_killed_ends_byte_for_byte_like_one_that_was_not(tmp_path: Path) -> None:
    whole, torn = building(tmp_path / "whole"), building(tmp_path / "torn")
    began = time.monotonic()
    ended(started(whole.root))
    lasted, rng, had = time.monotonic() - began, Random(20261126), 0
    for number in range(KILLS):
        working = not number % 2
        after = rng.uniform(0, 0.3) * lasted if working else rng.uniform(0.2, 0.9) * lasted
        workers = killed(started(torn.root), after, working=working)
        had += len(workers)
        assert not outliving(workers), "processes outlive the run that they work for"
        half = [name for name, content in tree(torn.root).items() if not content and "unfinished" not in name]
        assert not half
        if number == 1:
            shutil.rmtree(torn.root / "public", ignore_errors=True)  # so that there is much to do again
    assert had, "no run was killed while others worked for it"
    ended(started(torn.root))
    assert tree(torn.root) == tree(whole.root)
