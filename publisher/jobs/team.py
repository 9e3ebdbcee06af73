"""Several workers on one machine: a process for each, since Python does one thing at a time in one."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from multiprocessing import connection, get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread

from publisher.errors import PublisherError
from publisher.stopping import Stop

_LOG = logging.getLogger(__name__)
_PAUSE = 2.0
"""Seconds before one that ended is replaced."""
_LOOK = 1.0
_ASKS = (signal.SIGTERM, signal.SIGINT)


def keep(number: int, do: Callable[[Stop], None], stop: Stop) -> None:
    """Have so many processes do it until it is time to stop; one that dies is replaced.

    They are asked to stop in turn, and waited for. Where this process is killed, they stop by themselves.
    """
    team = list[BaseProcess]()

    def dismiss() -> None:
        for one in team:
            one.terminate()

    with stop.telling(dismiss):
        while not stop.asked:
            while len(team) < number:
                team.append(_started(do))
            while not stop.asked and not connection.wait([one.sentinel for one in team], _LOOK):
                pass
            for one in [one for one in team if not one.is_alive()]:
                team.remove(one)
                _LOG.warning("a worker ended", extra={"status": one.exitcode})
            stop.wait(_PAUSE)
    dismiss()  # one may have been started since it was time
    for one in team:
        one.join()


def _started(do: Callable[[Stop], None]) -> BaseProcess:
    """A process like this one, which has neither threads nor connections yet."""
    made = get_context("fork").Process(target=_work, args=(do,))
    signal.pthread_sigmask(signal.SIG_BLOCK, _ASKS)  # until it knows what to do when asked
    try:
        made.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKS)
    return made


def _work(do: Callable[[Stop], None]) -> None:
    stop = Stop()
    for each in _ASKS:
        signal.signal(each, lambda *_: stop.ask())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKS)
    Thread(target=_end_with_parent, args=(stop,), daemon=True).start()
    try:
        do(stop)
    except PublisherError as error:
        for line in error.lines:
            _LOG.error("%s", line)
        sys.exit(1)


def _end_with_parent(stop: Stop) -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        stop.ask()
