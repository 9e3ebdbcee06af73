"""Machines: namespaces of the network that are joined by a switch, which one can pull a cable out of.

Files and processes are this machine's; whoever is started `inside` one has its addresses and no others.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from types import TracebackType
from typing import Self

import pytest

_NEWNET = 0x40000000
"""CLONE_NEWNET (sched.h)."""
_NUMBERS = count(1)
_libc = ctypes.CDLL(None, use_errno=True)


class Machines:
    """Machines by name; the first one is also the switch. `address` is where one is reached by all."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._start = f"t{os.getpid() % 100_000}x{next(_NUMBERS)}"
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        """Make them; skip the test where that is not allowed, as in most containers."""
        if not shutil.which("ip") or os.getuid() != 0:
            pytest.skip("machines need ip (iproute2) and root")
        with ExitStack() as undo:
            for name in self._names:
                if not _does("ip", "netns", "add", self._space(name)):
                    pytest.skip("this machine lets nobody make namespaces of the network")
                undo.callback(_does, "ip", "netns", "delete", self._space(name))
            self._join()
            self._undo = undo.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Take them away; whoever was started in one must have ended."""
        self._undo.close()

    def address(self, name: str) -> str:
        """The address of a machine."""
        return f"10.77.0.{self._names.index(name) + 1}"

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Be in a machine with this thread; threads and processes that are started meanwhile stay there."""
        with (
            open("/proc/thread-self/ns/net", "rb") as here,
            open(f"/run/netns/{self._space(name)}", "rb") as there,
        ):
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(here.fileno())

    def pull(self, name: str) -> None:
        """Pull the cable of a machine out: nothing is refused, and nothing arrives."""
        self._switch(f"set {name} down")

    def plug(self, name: str) -> None:
        """Put it in again."""
        self._switch(f"set {name} up")

    def _join(self) -> None:
        first, *others = self._names
        self._in(first, "ip link set lo up", "ip link add switch type bridge")
        self._in(first, f"ip addr add {self.address(first)}/24 dev switch", "ip link set switch up")
        for name in others:
            space = self._space(name)
            self._in(first, f"ip link add {name} type veth peer name eth0 netns {space}")
            self._in(first, f"ip link set {name} master switch", f"ip link set {name} up")
            self._in(
                name,
                "ip link set lo up",
                f"ip addr add {self.address(name)}/24 dev eth0",
                "ip link set eth0 up",
            )

    def _switch(self, change: str) -> None:
        self._in(self._names[0], f"ip link {change}")

    def _in(self, name: str, *lines: str) -> None:
        for line in lines:
            assert _does("ip", "netns", "exec", self._space(name), *line.split()), line

    def _space(self, name: str) -> str:
        return f"{self._start}{name}"


def _does(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _enter(space: int) -> None:
    if _libc.setns(space, _NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
