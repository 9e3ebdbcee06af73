"""Paths of requests."""

from __future__ import annotations


def first_step(path: str) -> str:
    """What stands between the first two slashes of a path; ``OPTIONS *`` has none."""
    return "".join(path.split("/", 2)[1:2])
