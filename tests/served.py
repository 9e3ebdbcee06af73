"""`publish serve` in a process of its own, on a free port, heard line by line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]
WAIT = 60.0


class Served:
    """A site that serves itself; killed at the end of the block, where it has not ended before."""

    def __init__(self, root: Path, *options: str, environment: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "publisher", "-c", str(root / "config.toml"), "serve", *options]
        if not {"--port", "--no-web"} & set(options):
            command += ["--port", "0"]
        inherited = {key: value for key, value in os.environ.items() if key != "JOURNAL_STREAM"}
        self.root = root
        self.process = subprocess.Popen(
            command,
            cwd=root,
            env={**inherited, "PYTHONPATH": str(ROOT), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.lines: list[str] = []
        self._told: Queue[dict[str, Any] | None] = Queue()
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.url = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(WAIT)
        self._listener.join(WAIT)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def hear(self, message: str, within: float = WAIT) -> dict[str, Any]:
        """The next record with this message; what comes before it is passed over."""
        ends = time.monotonic() + within
        while True:
            try:
                record = self._told.get(timeout=max(0.0, ends - time.monotonic()))
            except Empty:
                raise AssertionError(f"nothing was said of {message!r}: {self.lines}") from None
            assert record is not None, f"it ended: {self.lines}"
            if record["message"] == message:
                return record

    def up(self) -> Self:
        """Wait until it serves."""
        self.url = str(self.hear("serving")["web"])
        return self

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """The status and the text at a path."""
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self.url + path, headers=dict(headers or {}))
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to stop; how many seconds it took, and it ended well."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(WAIT)
        self._listener.join(WAIT)
        assert code == 0, self.lines
        return time.monotonic() - began

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        assert self.process.wait(WAIT) == -signal.SIGKILL

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for raw in self.process.stderr:
            line = raw.decode().rstrip("\n")
            self.lines.append(line)
            self._told.put(json.loads(line) if line.startswith("{") else {"message": line})
        self._told.put(None)


def until(true: Callable[[], bool], within: float = WAIT, every: float = 0.001) -> float:
    """Wait until something is so; how many seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within, "it never came"
        time.sleep(every)
    return time.monotonic() - began
