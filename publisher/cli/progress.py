"""A progress bar on a terminal, for what takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from publisher.deciding import Progress

_PATIENCE = 1.0
"""Seconds before a bar appears."""


@contextmanager
def shown() -> Iterator[Progress]:
    """Progress on stderr where that is a terminal, and silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    with ExitStack() as stack:
        yield _Patient(stack)


class _Patient:
    """Waits before it imports and shows anything."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack, self._since = stack, time.monotonic()
        self._bar: Bar | None = None
        self._tasks: dict[str, int] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage has come."""
        if self._bar is None:
            if time.monotonic() - self._since < _PATIENCE:
                return
            self._bar = self._start()
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(stage, total=total)
        self._bar.update(self._bar.task_ids[self._tasks[stage]], completed=done + 1, total=total)

    def _start(self) -> Bar:
        from rich.console import Console
        from rich.progress import Progress

        return self._stack.enter_context(Progress(console=Console(stderr=True), transient=True))
