"""The state machine: a table of what a relay says, and what is said to it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from mailings import outgoing

from publisher.mailing.smtp.letters import Letter
from publisher.mailing.smtp.opening import opening
from publisher.mailing.smtp.protocol import Client, Ended, Event, Opened, Ready, Settled, StartTls

PIPED = "220 hi\n250-relay\n250 PIPELINING"
PLAIN = "220 hi\n250 relay"


def letter(number: int) -> Letter:
    """A letter whose commands are short to write down."""
    return Letter(outgoing(number), b"MAIL %d\r\n" % number, b"RCPT %d\r\n" % number, b"BODY %d\r\n" % number)


class Talk:
    """A client whose letters are offered one after another; `log` has what happens, in order.

    ``>`` is what is said, in one write; ``=`` an event.
    """

    def __init__(self, letters: int, *, security: str = "none") -> None:
        self.client = Client(opening("me", security, None))
        self.waiting = [letter(number) for number in range(1, letters + 1)]
        self.log: list[str] = []
        self.open = False

    def hear(self, text: str) -> None:
        ready = False
        for event in self.client.receive(text.replace("\n", "\r\n").encode() + b"\r\n"):
            self.log.append(f"= {self._react(event)}")
            ready = isinstance(event, Ready)
        if ready:
            self.client.leave(self._next() if self.client.pipelining else None)
        elif self.open and self.client.offered is None and self.client.leaving is None:
            following = self._next()
            if following is not None:
                self.client.offer(following)
        said = self.client.take().decode().replace("\r\n", "|").rstrip("|")
        if said:
            self.log.append(f"> {said}")

    def _react(self, event: Event) -> str:
        match event:
            case Opened():
                self.open = True
                return "opened"
            case StartTls():
                self.client.secured()
                return "TLS"
            case Ready():
                return f"ready {event.letter.message.key[1]}"
            case Settled():
                return f"{event.letter.message.key[1]} {event.step.name} {event.reply.code}"
            case Ended():
                self.open = False
                return f"ended{f' {event.step.name}' if event.step else ''}: {event.reason}"

    def _next(self) -> Letter | None:
        return self.waiting.pop(0) if self.waiting else None


def talk(letters: int, *heard: str, opened: str = PIPED, security: str = "none") -> list[str]:
    """What happens from the first message on."""
    found = Talk(letters, security=security)
    for text in opened.split("\n", 1):
        found.hear(text)
    at = len(found.log) if "= opened" not in found.log else found.log.index("= opened") + 1
    for text in heard:
        found.hear(text)
    return found.log[at:]


FIRST = "> MAIL 1|RCPT 1|DATA"
TAKEN = "250 ok\n250 ok\n354 go"


@pytest.mark.parametrize(
    ("letters", "heard", "log"),
    [
        (1, [TAKEN, "250 taken"], [FIRST, "= ready 1", "> BODY 1", "= 1 DOT 250"]),
        (
            2,
            [TAKEN, f"250 taken\n{TAKEN}", "250 taken"],
            [
                FIRST,
                "= ready 1",
                "> BODY 1|MAIL 2|RCPT 2|DATA",
                "= 1 DOT 250",
                "= ready 2",
                "> BODY 2",
                "= 2 DOT 250",
            ],
        ),
        (
            2,
            ["250 ok", "250 ok", "354 go", "250 taken", "250 ok", "250 ok", "354 go"],
            [FIRST, "= ready 1", "> BODY 1|MAIL 2|RCPT 2|DATA", "= 1 DOT 250", "= ready 2", "> BODY 2"],
        ),
        # refused at RCPT: the transaction still stands there
        (
            2,
            ["250 ok\n550 no\n554 no recipients"],
            [FIRST, "= 1 RCPT 550", "> RSET|MAIL 2|RCPT 2|DATA"],
        ),
        # … and yet DATA is taken: a lone dot
        (
            2,
            ["250 ok\n550 no\n354 go", "554 no recipients"],
            [FIRST, "> .", "= 1 RCPT 550", "> MAIL 2|RCPT 2|DATA"],
        ),
        (2, ["550 no\n503 MAIL first\n503 MAIL first"], [FIRST, "= 1 MAIL 550", "> MAIL 2|RCPT 2|DATA"]),
        (2, ["250 ok\n250 ok\n451 no"], [FIRST, "= 1 DATA 451", "> RSET|MAIL 2|RCPT 2|DATA"]),
        (
            2,
            [TAKEN, f"552 too big\n{TAKEN}"],
            [FIRST, "= ready 1", "> BODY 1|MAIL 2|RCPT 2|DATA", "= 1 DOT 552", "= ready 2", "> BODY 2"],
        ),
        (
            3,
            [TAKEN, "250 taken\n250 ok\n450 later\n503 no", f"250 reset\n{TAKEN}"],
            [
                FIRST,
                "= ready 1",
                "> BODY 1|MAIL 2|RCPT 2|DATA",
                "= 1 DOT 250",
                "= 2 RCPT 450",
                "> RSET|MAIL 3|RCPT 3|DATA",
                "= ready 3",
                "> BODY 3",
            ],
        ),
        # hanging up
        (2, ["421 4.3.2 bye"], [FIRST, "= ended MAIL: 421 4.3.2 bye"]),
        (2, ["250 ok\n421 bye"], [FIRST, "= ended RCPT: 421 bye"]),
        (2, ["250 ok\n250 ok\n421 bye"], [FIRST, "= ended DATA: 421 bye"]),
        (
            2,
            [TAKEN, "421 bye\n250 ok"],
            [FIRST, "= ready 1", "> BODY 1|MAIL 2|RCPT 2|DATA", "= 1 DOT 421", "= ended DOT: 421 bye"],
        ),
        (
            2,
            [TAKEN, "250 taken\n421 bye"],
            [FIRST, "= ready 1", "> BODY 1|MAIL 2|RCPT 2|DATA", "= 1 DOT 250", "= ended MAIL: 421 bye"],
        ),
        (
            1,
            [TAKEN, "250 taken", "421 idle"],
            [FIRST, "= ready 1", "> BODY 1", "= 1 DOT 250", "= ended: 421 idle"],
        ),
        # out of step
        (1, ["250 ok\n250 ok\n250 ok"], [FIRST, "= ended: DATA: 250 ok"]),
        (1, ["354 go"], [FIRST, "= ended: MAIL: 354 go"]),
        (1, ["250 ok\n354 go"], [FIRST, "= ended: RCPT: 354 go"]),
        (1, ["503 nested"], [FIRST, "= ended: MAIL: 503 nested"]),
        (1, [TAKEN, "354 go"], [FIRST, "= ready 1", "> BODY 1", "= ended: end of data: 354 go"]),
        (1, [f"{TAKEN}\n250 taken"], [FIRST, "= ready 1", "= ended: a reply to nothing: 250 taken"]),
        (1, ["250 ok\n550 no\n354 go\n250 taken"], [FIRST, "= ended: a reply to what is not said yet"]),
        (
            1,
            [f"{TAKEN}", "250 taken\n250 more"],
            [FIRST, "= ready 1", "> BODY 1", "= 1 DOT 250", "= ended: a reply to nothing: 250 more"],
        ),
        (1, ["550 no\n250 ok\n354 go"], [FIRST, "= ended: it wants a message whose sender it refused"]),
        (
            2,
            ["250 ok\n550 no\n554 no", "550 no RSET"],
            [FIRST, "= 1 RCPT 550", "> RSET|MAIL 2|RCPT 2|DATA", "= ended: RSET: 550 no RSET"],
        ),
        (1, ["250 ok", "hello"], [FIRST, "= ended: not a reply: b'hello'"]),
    ],
)
def test_a_group_is_said_at_once(letters: int, heard: Sequence[str], log: list[str]) -> None:
    assert talk(letters, *heard) == log


@pytest.mark.parametrize(
    ("letters", "heard", "log"),
    [
        (
            2,
            ["250 ok", "250 ok", "354 go", "250 taken", "250 ok"],
            [
                "> MAIL 1",
                "> RCPT 1",
                "> DATA",
                "= ready 1",
                "> BODY 1",
                "= 1 DOT 250",
                "> MAIL 2",
                "> RCPT 2",
            ],
        ),
        (2, ["550 no"], ["> MAIL 1", "= 1 MAIL 550", "> MAIL 2"]),
        (
            2,
            ["250 ok", "550 no", "250 reset"],
            ["> MAIL 1", "> RCPT 1", "= 1 RCPT 550", "> RSET", "> MAIL 2"],
        ),
        (
            2,
            ["250 ok", "250 ok", "451 no", "250 reset"],
            ["> MAIL 1", "> RCPT 1", "> DATA", "= 1 DATA 451", "> RSET", "> MAIL 2"],
        ),
        (1, ["250 ok\n250 ok"], ["> MAIL 1", "= ended: a reply to what is not said yet"]),
        (1, ["421 bye"], ["> MAIL 1", "= ended MAIL: 421 bye"]),
    ],
)
def test_without_pipelining_each_waits_for_the_reply_before(
    letters: int, heard: Sequence[str], log: list[str]
) -> None:
    assert talk(letters, *heard, opened=PLAIN) == log


@pytest.mark.parametrize(
    ("opened", "log"),
    [
        ("220 hi\n502 what\n250 relay", ["> EHLO me", "> HELO me", "= opened", "> MAIL 1"]),
        ("220 hi\n421 busy", ["> EHLO me", "= ended OPENING: EHLO refused: 421 busy"]),
        ("554 go away", ["= ended OPENING: it does not greet: 554 go away"]),
        ("hello", ["= ended: not a reply: b'hello'"]),
        ("220 hi\n250 relay\n421 idle", ["> EHLO me", "= opened", "> MAIL 1", "= ended MAIL: 421 idle"]),
    ],
)
def test_what_a_relay_opens_with(opened: str, log: list[str]) -> None:
    found = Talk(1)
    for text in opened.split("\n"):
        found.hear(text)
    assert found.log == log


def test_what_is_said_in_the_clear_behind_the_invitation_to_tls_ends_it() -> None:
    found = Talk(1, security="starttls")
    for text in ("220 hi", "250-relay\n250 STARTTLS", "220 go\n250 injected"):
        found.hear(text)
    assert found.log == ["> EHLO me", "> STARTTLS", "= ended: more than a reply before TLS"]


def test_what_is_said_in_the_clear_while_tls_begins_ends_it() -> None:
    client = Client(opening("me", "starttls", None))
    for text in (b"220 hi\r\n", b"250-relay\r\n250 STARTTLS\r\n", b"220 go\r\n"):
        events = client.receive(text)
        client.take()
    assert events == [StartTls()]
    assert client.receive(b"250 injected\r\n") == [Ended("a reply to nothing: 250 injected")]


def test_the_half_of_a_reply_in_the_clear_is_forgotten() -> None:
    found = Talk(1, security="starttls")
    for text in ("220 hi", "250-relay\n250 STARTTLS", "220 go", "250-relay\n250 PIPELINING"):
        found.hear(text)
    assert found.log == ["> EHLO me", "> STARTTLS", "= TLS", "> EHLO me", "= opened", FIRST]


def test_two_bodies_are_never_under_way() -> None:
    client = Client(opening("me", "none", None))
    for text in (b"220 hi\r\n", b"250-relay\r\n250 PIPELINING\r\n"):
        client.receive(text)
        client.take()
    with pytest.raises(RuntimeError):
        client.leave()
    client.offer(letter(1))
    client.take()
    with pytest.raises(RuntimeError):
        client.leave()
    with pytest.raises(RuntimeError):
        client.offer(letter(2))
    client.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
    client.leave(letter(2))
    client.take()
    with pytest.raises(RuntimeError):
        client.leave()
    client.receive(b"250 taken\r\n250 ok\r\n250 ok\r\n")
    with pytest.raises(RuntimeError):
        client.leave()


def test_a_goodbye_is_the_end() -> None:
    found = Talk(0)
    for text in PIPED.split("\n", 1):
        found.hear(text)
    found.client.quit()
    assert found.client.take() == b"QUIT\r\n"
    found.hear("221 bye")
    assert found.log == ["> EHLO me", "= opened", "= ended QUIT: closed"]
