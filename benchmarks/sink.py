"""A relay that takes everything, as a process of its own: the fast one of the tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.process import HERE, Measured, measured

_SINK = HERE.parent / "tests" / "sinks.py"


@dataclass(frozen=True, slots=True)
class Sending:
    """A process that sent, and what the relay saw: how many messages, of which size, in how many seconds."""

    process: Measured
    messages: int
    octets: float
    seconds: float

    @property
    def rate(self) -> float:
        """Messages a second, the whole process counted."""
        return self.messages / self.process.seconds

    @property
    def seen(self) -> float:
        """Messages a second from the first to the last, as the relay saw them."""
        return (self.messages - 1) / self.seconds

    @property
    def cpu(self) -> float:
        """Microseconds of processors for a message, the whole process counted."""
        return self.process.cpu / self.messages * 1e6


def sending(command: Callable[[int], list[str]], messages: int, delay: float = 0.0) -> Sending:
    """Run a process that sends so many messages to the port that it is given; stops where others arrived."""
    start = [sys.executable, str(_SINK), "--delay", str(delay)]
    with subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sink:
        try:
            if sink.stdout is None:
                raise SystemExit("no pipe")
            process = measured(command(int(sink.stdout.readline())))
            said = json.loads(sink.communicate()[0])
        except BaseException:
            sink.kill()
            raise
    if said["taken"] != messages or said["violations"]:
        raise SystemExit(f"not {messages:,} messages: {said}")
    return Sending(process, messages, said["octets"] / messages, said["seconds"])
