"""Servers that we did not write: aiosmtpd and Postfix."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from mailings import config, deliver, outgoing, relay
from postfix import AVAILABLE, Postfix, postfix

from publisher.config import Sendmail
from publisher.mailing.outgoing import Fate, Outgoing
from publisher.mailing.transports import TRANSPORTS


class Keeper:
    """Keeps what comes; refuses one reader, and every third message."""

    def __init__(self) -> None:
        self.received: dict[str, bytes] = {}
        self.count = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == "reader5@example.org":
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.count += 1
        if self.count % 3 == 0:
            return "451 4.3.0 later"
        self.received[envelope.rcpt_tos[0]] = envelope.content
        return "250 OK"


def test_aiosmtpd_gets_what_it_takes() -> None:
    keeper = Keeper()
    with socket.socket() as probe:  # the controller wants to know the port beforehand
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(keeper, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        book = deliver(relay(port), 40).book
    finally:
        controller.stop()
    assert book.fates == {"sent": 26, "message refused": 13, "recipient refused": 1}
    assert book.of(5).answer == "5.1.1 no such user"
    sent = [outcome.message for outcome in book.outcomes.values() if outcome.fate is Fate.SENT]
    assert keeper.received == {message.recipient: message.write(True) for message in sent}


@pytest.fixture(scope="module")
def real() -> Iterator[Postfix]:
    if not AVAILABLE:
        pytest.skip("no Postfix here, or nobody who may start it")
    with postfix() as running:
        yield running


def essence(text: str) -> tuple[str, str]:
    """A message without what a server puts in front: its name and its body."""
    head, _, body = text.partition("\n\n")
    return head.partition("Message-ID: ")[2].partition("\n")[0], body


def arrived(real: Postfix, messages: list[Outgoing]) -> None:
    """Each message is in the mailbox once and whole."""
    expected = [essence(message.write(True).replace(b"\r\n", b"\n").decode()) for message in messages]
    assert sorted(map(essence, real.wait_for(len(expected)))) == sorted(expected)


def test_postfix_delivers_every_message_once_and_whole(real: Postfix) -> None:
    before = [outgoing(number) for number in range(200)]
    gone = outgoing(500, recipient="gone@example.org")
    nobody = Outgoing((1, 501), "m501@example.org", "", "reader501@example.org", outgoing(501).write)
    book = deliver(relay(real.port, messages_per_connection=30), iter([*before, gone, nobody])).book
    assert book.fates == {"sent": 201, "recipient refused": 1}
    assert (book.of(500).code, book.of(500).answer[:5]) == (554, "5.7.1")
    assert re.match(r"2\.0\.0 Ok: queued as \w+$", book.of(3).answer)
    by_program = [outgoing(number) for number in range(600, 610)]
    sendmail = Sendmail(command=("/usr/sbin/sendmail", "-C", str(real.root / "etc"), "-i"))
    unknown = Outgoing((1, 610), "m610@example.org", "", "reader610@example.org", outgoing(610).write)
    by_program.append(unknown)
    deliver(TRANSPORTS["sendmail"](config(sendmail=sendmail)), iter(by_program))
    arrived(real, [*before, nobody, *by_program])
    froms = sorted({text.partition("\n")[0] for text in real.mail})
    assert froms == ["Return-Path: <>", "Return-Path: <news@example.org>"]
