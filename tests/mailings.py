"""Messages to send, and a ledger of paper that checks what transports promise."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sinks import Sink

from publisher.config import Config, Mail, Site, Smtp
from publisher.mailing.outgoing import Fate, Outcome, Outgoing, Transport
from publisher.mailing.transports import TRANSPORTS

Key = tuple[int, int]
BODY = b"one\r\n.two\r\n..three\r\n" + b"Th\xc3\xa2n b\xc3\xa0i: giao th\xc3\xb4ng.\r\n" * 20
SEVEN = b"one\r\n.two\r\n..three\r\n" + b"Th=C3=A2n b=C3=A0i: giao th=C3=B4ng.\r\n" * 20


def outgoing(
    number: int, *, recipient: str = "", sender: str = "news@example.org", raw: bytes | None = None
) -> Outgoing:
    """The message with a number, to a reader with that number."""
    recipient = recipient or f"reader{number}@example.org"
    name = f"m{number}@example.org"

    def write(eightbit: bool) -> bytes:
        head = f"Message-ID: <{name}>\r\nTo: {recipient}\r\n\r\n".encode()
        return raw if raw is not None else head + (BODY if eightbit else SEVEN)

    return Outgoing((1, number), name, sender, recipient, write)


@dataclass
class Book:
    """A gate that remembers, and sees to the promises of `publisher.mailing.outgoing`."""

    slow: float = 0.0
    """Seconds that each call takes."""
    fail_at: int = 0
    """The call that fails, counted from 1."""
    calls: list[tuple[list[Key], list[Key]]] = field(default_factory=list)
    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    left: set[Key] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    _inside: threading.Lock = field(default_factory=threading.Lock)

    def pass_(self, done: Sequence[Outcome], leaving: Sequence[Outgoing]) -> None:
        if not self._inside.acquire(blocking=False):
            self.faults.append("called by two at once")
        self.threads.add(threading.get_ident())
        self.calls.append(([outcome.message.key for outcome in done], [message.key for message in leaving]))
        if self.fail_at and len(self.calls) >= self.fail_at:
            raise OSError(28, "No space left on device")
        if self.slow:
            time.sleep(self.slow)
        for outcome in done:
            key = outcome.message.key
            if key in self.outcomes:
                self.faults.append(f"{key} has two outcomes")
            if outcome.fate in (Fate.SENT, Fate.UNCERTAIN) and key not in self.left:
                self.faults.append(f"{key} is {outcome.fate} and never left")
            self.outcomes[key] = outcome
        for message in leaving:
            if message.key in self.left:
                self.faults.append(f"{message.key} leaves twice")
            if message.key in self.outcomes:
                self.faults.append(f"{message.key} leaves after its outcome")
            self.left.add(message.key)
        self._inside.release()

    @property
    def fates(self) -> Counter[str]:
        """How many have which fate."""
        return Counter(str(outcome.fate) for outcome in self.outcomes.values())

    def of(self, number: int) -> Outcome:
        """The outcome of the message with a number."""
        return self.outcomes[1, number]


@dataclass
class Sent:
    """What came of a delivery: what was asked for, what the ledger knows, how long it took."""

    book: Book
    taken: list[Key] = field(default_factory=list)
    seconds: float = 0.0
    ended: bool = False

    def feed(self, messages: Iterator[Outgoing]) -> Iterator[Outgoing]:
        """Remember what is asked for."""
        for message in messages:
            self.taken.append(message.key)
            yield message
        if self.ended:
            self.book.faults.append("asked again after the end")
        self.ended = True


def config(smtp: Smtp | None = None, **mail: Any) -> Config:
    """A configuration with such a relay."""
    site = Site(title="Tin", url="https://news.example.org/")
    return Config(site=site, mail=Mail(sender="news@example.org", smtp=smtp or Smtp(), **mail))


def relay(sink: Sink | int, **keys: Any) -> Smtp:
    """How to reach a sink."""
    port = sink if isinstance(sink, int) else sink.port
    return Smtp(**{"host": "127.0.0.1", "port": port, "timeout": 5, "connections": 4, **keys})


def deliver(
    transport: Transport | Smtp,
    messages: int | Iterator[Outgoing],
    book: Book | None = None,
    *,
    open_ends: bool = False,
) -> Sent:
    """Send, and see that everything that was taken has one outcome; with `open_ends` an error may prevent it."""
    if isinstance(transport, Smtp):
        transport = TRANSPORTS["smtp"](config(transport))
    if isinstance(messages, int):
        messages = iter([outgoing(number) for number in range(messages)])
    sent = Sent(book or Book())
    began = time.monotonic()
    try:
        transport.deliver(sent.feed(messages), sent.book)
    finally:
        sent.seconds = time.monotonic() - began
        assert sent.book.faults == []
    assert open_ends or set(sent.taken) == set(sent.book.outcomes)
    assert sent.book.threads <= {threading.get_ident()}
    return sent
