"""Messages → a Maildir, relays or this machine's own program. `TRANSPORTS` is the table."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from publisher.config import Config
from publisher.mailing.outgoing import Fate, Gate, Outcome, Outgoing, Transport
from publisher.mailing.smtp import Relays


class Maildir:
    """A folder of messages: written whole in ``tmp``, then moved into ``new``. A repeat replaces."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, messages: Iterator[Outgoing], gate: Gate) -> None:
        """See `publisher.mailing.outgoing.Transport`; a folder that takes nothing is a relay that cannot be reached."""
        done: list[Outcome] = []
        for message in messages:
            gate.pass_(done, [message])
            done = [self._put(message)]
            if done[0].fate is Fate.UNSENT:
                break
        if done:
            gate.pass_(done, [])

    def _put(self, message: Outgoing) -> Outcome:
        name = re.sub(r"[^A-Za-z0-9._-]", "_", message.name)
        content = message.write(True).replace(b"\r\n", b"\n")
        try:
            for part in ("tmp", "new", "cur"):
                (self._folder / part).mkdir(parents=True, exist_ok=True)
            with open(self._folder / "tmp" / name, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(self._folder / "tmp" / name, self._folder / "new" / name)
            _sync(self._folder / "new")
        except OSError as error:
            return Outcome(message, Fate.UNSENT, 0, f"the Maildir does not take it: {error.strerror}")
        return Outcome(message, Fate.SENT)


class Sendmail:
    """This machine's own program for mail, called once for each message, `_AT_ONCE` at a time."""

    _AT_ONCE = 4
    _LONGEST = 300.0
    """Seconds; a program that takes longer is killed."""
    _MOST_FAILURES = 3
    """So many in a row that say nothing of the message, and nothing more is asked."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command

    def deliver(self, messages: Iterator[Outgoing], gate: Gate) -> None:
        """See `publisher.mailing.outgoing.Transport`."""
        done: list[Outcome] = []
        running: set[Future[Outcome]] = set()
        failures = 0
        with ThreadPoolExecutor(self._AT_ONCE) as threads:
            while True:
                leaving = []
                while len(running) + len(leaving) < self._AT_ONCE and failures < self._MOST_FAILURES:
                    ...


def _sync(folder: Path) -> None:
    """See that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


TRANSPORTS: dict[str, Callable[[Config], Transport]] = {
    "maildir": lambda config: Maildir(config.maildir),
    "sendmail": lambda config: Sendmail(config.mail.sendmail.command),
    "smtp": lambda config: Relays(config.mail),
}
