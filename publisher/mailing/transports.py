"""Messages → a Maildir, relays or this machine's own program. `TRANSPORTS` is the table."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from threading import Timer

from publisher.config import Config
from publisher.mailing.outgoing import Fate, Gate, Outcome, Outgoing, Transport
from publisher.mailing.smtp.letters import Offers, Unsendable, paths, terminated
from publisher.stopping import NEVER, Stop


class Maildir:
    """A folder of messages: written whole in ``tmp``, then moved into ``new``. A repeat replaces."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, messages: Iterator[Outgoing], gate: Gate, stop: Stop = NEVER) -> None:
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
        name = re.sub(r"[^A-Za-z0-9._-]", "_", message.name)[:200]
        content = message.whole(True).replace(b"\r\n", b"\n")
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
    """The machine's own program for mail, called once for each message, a few at a time."""

    _AT_ONCE = 4
    _LONGEST, _LAST = 300.0, 4.0
    """Seconds; a program that takes longer is killed, or so long after it was time to stop."""
    _MOST_FAILURES = 3
    """So many in a row that say nothing of the message, and nothing more is asked."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command

    def deliver(self, messages: Iterator[Outgoing], gate: Gate, stop: Stop = NEVER) -> None:
        """See `publisher.mailing.outgoing.Transport`; what cannot be started is a relay that cannot be reached."""
        done: list[Outcome] = []
        running: set[Future[Outcome]] = set()
        failures, more = 0, True
        with ThreadPoolExecutor(self._AT_ONCE) as threads:
            while more or running or done:
                room = self._AT_ONCE - len(running) if more else 0
                taken = list(islice(messages, room))
                more = more and len(taken) == room
                checked = [_checked(message) for message in taken]
                leaving = [message for message in checked if not isinstance(message, Outcome)]
                done += [outcome for outcome in checked if isinstance(outcome, Outcome)]
                if done or leaving:
                    gate.pass_(done, [message for message, _ in leaving])
                running |= {
                    threads.submit(self._call, message, content, stop) for message, content in leaving
                }
                ended, running = wait(running, return_when=FIRST_COMPLETED) if running else (set(), running)
                done = [future.result() for future in ended]
                for outcome in done:
                    failures = failures + 1 if outcome.fate in (Fate.LOST, Fate.UNSENT) else 0
                    more = more and failures < self._MOST_FAILURES and outcome.fate is not Fate.UNSENT

    def _call(self, message: Outgoing, content: bytes, stop: Stop) -> Outcome:
        command = [*self._command, "-f", message.sender or "<>", "--", message.recipient]
        try:
            # What is called is the owner's own program, without a shell, and behind "--" nothing is an option.
            process = subprocess.Popen(  # noqa: S603 - see above
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
        except OSError as error:
            return Outcome(message, Fate.UNSENT, 0, f"{command[0]} cannot be started: {error.strerror}")
        with process, stop.telling(lambda: _kill_after(self._LAST, process)):
            try:
                _, errors = process.communicate(content, timeout=self._LONGEST)
            except subprocess.TimeoutExpired:
                process.kill()
                return Outcome(
                    message, Fate.UNCERTAIN, 0, f"{command[0]} took more than {self._LONGEST:.0f} seconds"
                )
        if process.returncode < 0:
            return Outcome(
                message, Fate.UNCERTAIN, 0, f"{command[0]} was ended by signal {-process.returncode}"
            )
        fate, code, enhanced = _EXITS.get(process.returncode, _NOT_NOW)
        said = " ".join(errors.decode("utf-8", "replace").split())[-300:]
        answer = f"{enhanced} {said or f'{command[0]} ended with {process.returncode}'}".strip()
        return Outcome(message, fate, code, answer if fate is not Fate.SENT else "")


_NOT_NOW = Fate.LOST, 451, "4.3.0"
"""It did not take the message, for a reason of its own."""
_EXITS = {
    os.EX_OK: (Fate.SENT, 250, ""),
    os.EX_DATAERR: (Fate.MESSAGE_REFUSED, 554, "5.6.0"),
    os.EX_NOUSER: (Fate.RECIPIENT_REFUSED, 550, "5.1.1"),
    os.EX_NOHOST: (Fate.RECIPIENT_REFUSED, 550, "5.1.2"),
    os.EX_TEMPFAIL: (Fate.RECIPIENT_REFUSED, 450, "4.3.0"),
    os.EX_NOPERM: (Fate.SENDER_REFUSED, 550, "5.7.1"),
}
"""What sysexits.h has, as a relay would say it."""


def _kill_after(seconds: float, process: subprocess.Popen[bytes]) -> None:
    """See that a program is gone by then; one that has ended is not touched."""
    timer = Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()


def _checked(message: Outgoing) -> tuple[Outgoing, bytes] | Outcome:
    """A message with its content, lines ending as on this machine; or why it must not leave."""
    try:
        paths(message, Offers({"SMTPUTF8": ()}))
        raw = terminated(message.whole(True))
    except Unsendable as fault:
        return Outcome(message, fault.fate, fault.code, fault.answer)
    return message, raw.replace(b"\r\n", b"\n")


def _sync(folder: Path) -> None:
    """See that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _relays(config: Config) -> Transport:
    from publisher.mailing.smtp.delivery import Relays  # asyncio and ssl take a tenth of a second

    return Relays(config.mail)


TRANSPORTS: dict[str, Callable[[Config], Transport]] = {
    "maildir": lambda config: Maildir(config.maildir),
    "sendmail": lambda config: Sendmail(config.mail.sendmail.command),
    "smtp": _relays,
}
