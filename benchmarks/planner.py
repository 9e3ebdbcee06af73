"""A run that leaves every shard to workers; prints the seconds that it waited for them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.process import AT
from publisher import pipeline
from publisher.config.load import load
from publisher.jobs.board import Board
from publisher.jobs.crew import RemoteCrew


def main(root: Path) -> None:
    """Run once."""
    waited, each = 0.0, RemoteCrew.each

    def timed(*arguments: Any) -> Iterator[Any]:
        nonlocal waited
        started = time.perf_counter()
        yield from each(*arguments)
        waited += time.perf_counter() - started

    Board.take_any = lambda board, order: None
    RemoteCrew.each = timed
    outcome = pipeline.run(load(root / "config.toml"), lambda: datetime.fromisoformat(AT))
    if outcome.failures:
        raise SystemExit("\n".join(outcome.failures))
    print(waited)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
