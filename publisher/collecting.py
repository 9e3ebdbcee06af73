"""How often Python looks for circles of objects that nobody uses: most of what a run makes stays until its end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def seldom() -> None:
    """Look once in tens of thousands of new objects: once in 700 costs a fifth of starting and a tenth of a run."""
    gc.set_threshold(50_000, 20, 20)


@contextmanager
def resting() -> Iterator[None]:
    """Do not look meanwhile: for making what has very many parts, all of which stay."""
    works = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if works:
            gc.enable()
