"""Killed at any instant of a build by several processes, the next run ends with the bytes of an undisturbed one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
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


def killed(run: subprocess.Popen[bytes], after: float) -> list[psutil.Process]:
    """Kill a run after so many seconds; the processes that it had then."""
    time.sleep(after)
    workers = psutil.Process(run.pid).children(recursive=True) if run.poll() is None else []
    os.kill(run.pid, signal.SIGKILL)
    run.wait()  # not for the end of what it says: workers that outlive it would hold that open
    if run.stdout:
        run.stdout.close()
    return workers


def test_a_build_that_is_killed_ends_byte_for_byte_like_one_that_was_not(tmp_path: Path) -> None:
    whole, torn = building(tmp_path / "whole"), building(tmp_path / "torn")
    began = time.monotonic()
    ended(started(whole.root))
    lasted, rng, had = time.monotonic() - began, Random(20261126), 0
    for number in range(KILLS):
        # The first is killed in its second half, where other processes are at work.
        workers = killed(started(torn.root), lasted * rng.uniform(0.2 if number else 0.6, 0.9))
        gone, alive = psutil.wait_procs(workers, timeout=10)
        for process in alive:
            process.kill()
        assert not alive, "processes outlive the run that they work for"
        had += len(gone)
        half = [name for name, content in tree(torn.root).items() if not content and "unfinished" not in name]
        assert not half
        if number == 1:
            shutil.rmtree(torn.root / "public", ignore_errors=True)  # so that there is much to do again
    assert had, "no run was killed while others worked for it"
    ended(started(torn.root))
    assert tree(torn.root) == tree(whole.root)
