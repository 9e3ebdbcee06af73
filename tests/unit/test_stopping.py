"""A wish to stop is heard by whoever waits, once, from whatever thread or handler it comes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from itertools import count
from threading import Thread
from types import FrameType
from typing import Any

import pytest

from publisher import stopping
from publisher.stopping import Stop


def test_asking_is_for_good_and_tells_once() -> None:
    stop, told = Stop(), list[str]()
    with stop.telling(lambda: told.append("told")):
        assert not stop.asked
        stop.ask()
        stop.ask()
    assert (stop.asked, told) == (True, ["told"])


def test_who_comes_late_is_told_at_once() -> None:
    stop, told = Stop(), list[str]()
    stop.ask()
    with stop.telling(lambda: told.append("told")):
        assert told == ["told"]


def test_who_has_gone_is_not_told() -> None:
    stop, told = Stop(), list[str]()
    with stop.telling(lambda: told.append("told")):
        pass
    stop.ask()
    assert told == []


def test_a_wait_ends_when_another_thread_asks() -> None:
    stop = Stop()
    asker = Thread(target=stop.ask)
    asker.start()
    assert stop.wait(60)
    asker.join()


@pytest.fixture
def asked_by_signal() -> Iterator[Callable[[Stop], None]]:
    """Lets a signal ask for a stop."""
    before = signal.getsignal(signal.SIGUSR1)

    def ask(stop: Stop) -> None:
        signal.signal(signal.SIGUSR1, lambda *_: stop.ask())

    yield ask
    signal.signal(signal.SIGUSR1, before)


def interrupted(do: Callable[[], object], step: int) -> bool:
    """Do something, with a signal before so many steps of `publisher.stopping`; whether there were as many."""
    left, before = step, sys.gettrace()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename != stopping.__file__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left == 0:
                signal.raise_signal(signal.SIGUSR1)
        return trace

    sys.settrace(trace)
    try:
        do()
    finally:
        sys.settrace(before)
    return left <= 0


def test_a_signal_at_any_step_of_registering_is_heard_once(asked_by_signal) -> None:
    for step in count(1):
        stop, told = Stop(), list[str]()
        asked_by_signal(stop)
        listening = stop.telling(lambda told=told: told.append("told"))
        if not interrupted(listening.__enter__, step):
            break
        assert (step, told) == (step, ["told"])
        listening.__exit__(None, None, None)
    assert step > 10


def test_a_signal_at_any_step_of_asking_tells_nobody_twice(asked_by_signal) -> None:
    for step in count(1):
        stop, told = Stop(), list[str]()
        asked_by_signal(stop)
        with stop.telling(lambda told=told: told.append("told")):
            over = not interrupted(stop.ask, step)
        assert (step, told) == (step, ["told"])
        if over:
            break
    assert step > 5


def test_each_is_told_although_one_fails() -> None:
    stop, told = Stop(), list[str]()
    with (
        stop.telling(lambda: told.append("first")),
        stop.telling(lambda: 1 // 0),
        stop.telling(lambda: told.append("last")),
    ):
        with pytest.raises(ZeroDivisionError):
            stop.ask()
        assert (stop.asked, told) == (True, ["first", "last"])
