"""A fast SMTP server for tests and benchmarks, which keeps what arrives and misbehaves as told.

In a test: ``with Sink(Faults(drop="dot", every=50)) as sink: … sink.port, sink.names``. As a process
of its own: ``python tests/sinks.py [--delay 0.02] …`` prints its port and, when its standard input is
closed, what it counted.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import struct
import sys
import threading
import time
from argparse import ArgumentParser
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar, Self, cast

import uvloop
from relayfaults import Faults

__all__ = ["Faults", "Sink"]

NAME = re.compile(rb"^Message-ID:\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
END = b"\r\n.\r\n"
TAIL = 2048


class Sink:
    """The server: `names` are the Message-IDs of what it took, in order, `recipients` whom it was for.

    `first` and `last` are when it took the first and the last, in seconds; `octets` is how much it took.
    """

    def __init__(
        self,
        faults: Faults | None = None,
        *,
        keep: bool = False,
        port: int = 0,
        address: str = "127.0.0.1",
        new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        self.faults = faults or Faults()
        self.names: list[str] = []
        self.recipients: list[str] = []
        self.senders: list[str] = []
        self.contents: list[bytes] = []
        self.commands: list[str] = []
        self.violations: list[str] = []
        self.octets = 0
        self.first = self.last = 0.0
        self.keep = keep
        self.open: set[Session] = set()
        self.connections = 0
        self.most_at_once = 0
        self.reached: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.port, self._address = port, address
        self._loop = new_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def reset(self) -> None:
        """Break every connection at once, without a goodbye; from another thread."""

        def break_all() -> None:
            for session in list(self.open):
                session.break_off()

        self._loop.call_soon_threadsafe(break_all)

    def hit(self, stage: str) -> bool:
        """Count that a stage was reached; whether it is this one's turn."""
        self.reached[stage] += 1
        return self.reached[stage] % self.faults.every == 0

    def _serve(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        secure = self.faults.tls if self.faults.at_once else None
        make = loop.create_server(lambda: Session(self), self._address, self.port, ssl=secure, backlog=1000)
        server = loop.run_until_complete(make)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        loop.run_forever()
        server.close()
        for _ in range(3):  # connections that were being accepted are only then known
            loop.run_until_complete(asyncio.sleep(0.005))
            for session in list(self.open):
                session.abort()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.005))
        loop.close()


class Session(asyncio.Protocol):
    """One connection to the sink."""

    def __init__(self, sink: Sink) -> None:
        self.sink, self.faults = sink, sink.faults
        self.loop = asyncio.get_running_loop()
        self.rest = b""
        self.out: list[bytes] = []
        self.in_body = False
        self.silent = False
        self.closing = False
        self.taken = 0
        self.challenges: list[Callable[[str], None]] = []
        self.logged_in = False
        self.reset()

    def reset(self) -> None:
        """No transaction is open."""
        self.sender: str | None = None
        self.recipient = ""
        self.names_nobody = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        sink = self.sink
        self.transport = cast("asyncio.Transport", transport)
        sink.connections += 1
        sink.open.add(self)
        sink.most_at_once = max(sink.most_at_once, len(sink.open))
        if self.faults.connections and len(sink.open) > self.faults.connections:
            self.say("421 4.7.0 too many connections")
            self.closing = True
        else:
            self.stage("greeting", "220 sink ESMTP")
        if self.faults.unasked:
            self.say(self.faults.unasked)
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.sink.open.discard(self)

    def abort(self) -> None:
        """Let go of the socket."""
        self.transport.abort()

    def break_off(self) -> None:
        """Let go of the socket so that the other side hears of it at once (RST)."""
        handle = self.transport.get_extra_info("socket")
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while not self.silent and not self.closing and (self.body() if self.in_body else self.line()):
            pass
        self.flush()

    def say(self, text: str) -> None:
        """An answer."""
        if not self.silent:
            self.out.append(text.encode() + b"\r\n")

    def stage(self, name: str, answer: str) -> bool:
        """Answer at a stage as the faults have it; whether it went well."""
        faults = self.faults
        if name not in (faults.drop, faults.stall) and name not in faults.refuse:
            self.say(answer)
            return True
        if not self.sink.hit(name):
            self.say(answer)
            return True
        if name in faults.refuse:
            self.say(faults.refuse[name])
            self.closing = faults.refuse[name].startswith("421")
        elif name == faults.drop:
            self.closing = True
        else:
            self.silent = True
        return False

    def flush(self) -> None:
        """Let the answers go, late or in crumbs if so told."""
        out, self.out = b"".join(self.out), []
        if self.faults.delay and (out or self.closing):
            self.loop.call_later(self.faults.delay, self.write, out, self.closing)
        elif out or self.closing:
            self.write(out, self.closing)

    def write(self, out: bytes, closing: bool) -> None:
        if self.faults.bytewise and len(out) > 1:
            self.transport.write(out[:1])
            self.loop.call_later(0.0005, self.write, out[1:], closing)
            return
        self.transport.write(out)
        if closing:
            self.transport.close()

    def line(self) -> bool:
        """Take one command; whether there was one."""
        line, end, rest = self.rest.partition(b"\r\n")
        if not end:
            return False
        self.rest = rest
        command = line.decode("utf-8", "replace")
        if self.sink.keep:
            self.sink.commands.append(command)
        if self.challenges:
            self.challenges.pop(0)(command)
            return True
        word = command[:4].upper()
        handler = self.HANDLERS.get(word)
        if handler is None:
            self.sink.violations.append(command[:60])
            self.say("500 5.5.2 what")
        else:
            handler(self, command)
        return True

    def body(self) -> bool:
        """Take a body; whether it was whole."""
        rest = self.rest
        if self.faults.drop == "body" and len(rest) > 100 and self.sink.hit("body"):
            self.closing = True
            return False
        start = max(0, len(rest) - TAIL)
        at = rest.rfind(END, start)
        if at < 0 and (at := rest.find(END)) < 0:
            if rest[:3] != b".\r\n":
                return False
            content, self.rest = b"", rest[3:]
        else:
            content, self.rest = rest[: at + 2], rest[at + 5 :]
        self.in_body = False
        self.take(content)
        return True

    def take(self, content: bytes) -> None:
        sink = self.sink
        if self.names_nobody:
            self.say("554 5.5.1 no valid recipients")
            self.reset()
            return
        if "dot" in self.faults.refuse and not self.stage("dot", "250 2.0.0 taken"):
            self.reset()
            return
        sink.octets += len(content)
        sink.last = time.perf_counter()
        sink.first = sink.first or sink.last
        found = NAME.search(content, 0, 4096)
        sink.names.append(found[1].decode() if found else "")
        sink.recipients.append(self.recipient)
        if sink.keep:
            sink.senders.append(self.sender or "")
            sink.contents.append(content)
        self.taken += 1
        self.reset()
        if "dot" not in self.faults.refuse:
            self.stage("dot", "250 2.0.0 taken")

    def ehlo(self, command: str) -> None:
        faults = self.faults
        if not faults.ehlo:
            self.say("502 5.5.1 what")
            return
        offers = [
            "sink",
            *(["PIPELINING"] if faults.pipelining else ()),
            *(["8BITMIME"] if faults.eightbit else ()),
        ]
        offers += ["SMTPUTF8"] if faults.utf8 else []
        secured = self.transport.get_extra_info("ssl_object") is not None
        if (faults.tls or faults.starttls) and not secured:
            offers.append("STARTTLS")
        if faults.login:
            offers.append(f"AUTH {faults.methods}")
        lines = [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]
        self.stage("ehlo", "\r\n".join(lines))

    def helo(self, command: str) -> None:
        self.say("250 sink")

    def mail(self, command: str) -> None:
        faults = self.faults
        if self.sender is not None:
            self.sink.violations.append(f"nested {command}")
            self.say("503 5.5.1 nested MAIL")
        elif faults.login and not self.logged_in:
            self.say("530 5.7.0 log in")
        elif faults.most and self.taken >= faults.most:
            if faults.drop != "most":
                self.say("421 4.7.0 enough for one connection")
            self.closing = True
        elif self.stage("mail", "250 2.1.0 ok"):
            self.sender = command[11:].partition(">")[0]

    def rcpt(self, command: str) -> None:
        recipient = command[9:].partition(">")[0]
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
        elif recipient in self.faults.recipients:
            self.say(self.faults.recipients[recipient])
        elif self.faults.greylist and recipient not in self.sink.seen:
            self.sink.seen.add(recipient)
            self.say("450 4.7.1 come back later")
        elif self.stage("rcpt", "250 2.1.5 ok"):
            self.recipient = recipient

    def data(self, command: str) -> None:
        if self.rest:
            self.sink.violations.append(f"{len(self.rest)} bytes behind DATA")
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
        elif not self.recipient and not self.faults.patient:
            self.say("554 5.5.1 no valid recipients")
        elif self.stage("data", "354 go ahead"):
            self.in_body, self.names_nobody = True, not self.recipient

    def rset(self, command: str) -> None:
        self.reset()
        self.say("250 2.0.0 ok")

    def quit(self, command: str) -> None:
        self.say("221 2.0.0 bye")
        self.closing = True

    def starttls(self, command: str) -> None:
        if self.faults.starttls:
            self.out.append(self.faults.starttls.encode())
            self.closing = self.faults.drop == "starttls"
            return
        assert self.faults.tls is not None
        self.transport.pause_reading()  # what comes next is for TLS
        self.transport.write(b"220 2.0.0 go ahead\r\n")
        self.rest = b""
        self.silent = True
        self.task = self.loop.create_task(self.secure(self.faults.tls))

    async def secure(self, context: ssl.SSLContext) -> None:
        with suppress(OSError):
            made = await self.loop.start_tls(self.transport, self, context, server_side=True)
            self.transport = cast("asyncio.Transport", made)
            self.silent = False
            self.data_received(b"")  # what came through TLS before this was known

    def auth(self, command: str) -> None:
        _, method, *initial = command.split()
        if method.upper() == "LOGIN":
            given: list[str] = []
            self.say("334 VXNlcm5hbWU6")
            self.challenges = [lambda text: (given.append(text), self.say("334 UGFzc3dvcmQ6"))[0]]
            self.challenges.append(lambda text: self.judge((decoded(given[0]), decoded(text))))
        elif method.upper() == "PLAIN":
            _, user, secret = decoded(initial[0]).split("\0")
            self.judge((user, secret))
        else:
            user, _, token = decoded(initial[0]).strip("\1").partition("\1auth=Bearer ")
            if (user.removeprefix("user="), token) == self.faults.login:
                self.judge(self.faults.login)
            else:
                self.say("334 eyJzdGF0dXMiOiI0MDEifQ==")
                self.challenges = [lambda text: self.judge(("", ""))]

    def judge(self, given: tuple[str, str]) -> None:
        self.logged_in = given == self.faults.login
        self.say("235 2.7.0 welcome" if self.logged_in else "535 5.7.8 no")

    HANDLERS: ClassVar[dict[str, Callable[[Session, str], None]]] = {
        "EHLO": ehlo,
        "HELO": helo,
        "MAIL": mail,
        "RCPT": rcpt,
        "DATA": data,
        "RSET": rset,
        "QUIT": quit,
        "STAR": starttls,
        "AUTH": auth,
    }


def decoded(text: str) -> str:
    """Base64 in UTF-8."""
    return b64decode(text).decode()


def main() -> None:
    """A sink as a process: prints its port, and what it counted when its input ends."""
    parser = ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--drop", default="")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--names", action="store_true", help="print every Message-ID at the end")
    asked = parser.parse_args()
    faults = Faults(delay=asked.delay, drop=asked.drop, every=asked.every)
    with Sink(faults, port=asked.port, new_loop=uvloop.new_event_loop) as sink:
        sys.stdout.write(f"{sink.port}\n")
        sys.stdout.flush()
        sys.stdin.read()
        repeats = sum(count - 1 for count in Counter(sink.names).values())
        counted = {"taken": len(sink.names), "repeats": repeats, "violations": sink.violations}
        counted |= {"octets": sink.octets, "seconds": sink.last - sink.first}
        sys.stdout.write(json.dumps(counted))
        sys.stdout.writelines(f"\n{name}" for name in sink.names if asked.names)


if __name__ == "__main__":
    main()
