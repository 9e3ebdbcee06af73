"""A wish to stop is heard by whoever waits, once, from whatever thread or handler it comes."""

from __future__ import annotations

import signal
from threading import Thread

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


def test_a_signal_that_comes_while_somebody_registers_stands_in_nobodys_way() -> None:
    stop, told = Stop(), list[str]()
    before = signal.signal(signal.SIGUSR1, lambda *_: stop.ask())
    try:
        with stop._lock:  # as if the signal came in the middle of `telling`
            signal.raise_signal(signal.SIGUSR1)
        with stop.telling(lambda: told.append("told")):
            pass
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert told == ["told"]
