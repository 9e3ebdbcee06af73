"""Whatever a relay says and however it comes: the same is understood, and no body leaves too early."""

from __future__ import annotations

from collections import deque
from functools import cache
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from mailings import outgoing

from publisher.mailing.smtp.letters import Letter
from publisher.mailing.smtp.opening import opening
from publisher.mailing.smtp.protocol import Client, Ended, Event, Ready, Settled, Step
from publisher.mailing.smtp.replies import OutOfStep, Replies

GOOD = [b"250 ok", b"250-more", b"250", b"354 go", "250 được".encode()]
BAD = [b"421 bye", b"450 4.7.1 later", b"550-5.1.1 no", b"550 5.1.1 no", b"503 bad sequence"]
STRANGE = [b"", b"nonsense", b"250-" + b"x" * 5000]
LINES = st.sampled_from([*GOOD, *BAD, *STRANGE])
TEXT = st.lists(LINES, max_size=12).map(lambda lines: b"".join(line + b"\r\n" for line in lines))


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(TEXT | st.binary(max_size=300), st.lists(st.integers(0, 10_000), max_size=20))
def test_replies_do_not_depend_on_the_pieces_in_which_they_come(data: bytes, cuts: list[int]) -> None:
    def read(chunks: list[bytes]) -> list[object]:
        replies, found = Replies(), list[object]()
        try:
            for chunk in chunks:
                replies.feed(chunk)
                while (reply := replies.next()) is not None:
                    found.append(reply)
        except OutOfStep as fault:
            found.append(str(fault))
        return found

    assert read(pieces(data, cuts)) == read([data])


def opened(pipelining: bool) -> Client:
    client = Client(opening("me", "none", None))
    client.receive(b"220 hi\r\n")
    client.take()
    client.receive(b"250-relay\r\n250 PIPELINING\r\n" if pipelining else b"250 relay\r\n")
    client.take()
    return client


@cache
def letter(number: int) -> Letter:
    return Letter(outgoing(number), b"MAIL %d\r\n" % number, b"RCPT\r\n", b"BODY %d\r\n" % number)


@given(TEXT, st.lists(st.integers(0, 10_000), max_size=20), st.booleans())
def test_events_of_a_group_do_not_depend_on_the_pieces_in_which_replies_come(
    data: bytes, cuts: list[int], leaving: bool
) -> None:
    def events(chunks: list[bytes]) -> list[Event]:
        client = opened(pipelining=True)
        client.offer(letter(1))
        if leaving:
            client.take()
            client.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
            client.leave(letter(2))
        client.take()
        found: list[Event] = []
        for chunk in chunks:
            found += client.receive(chunk)
            if client.take():  # more was said: what comes now answers it
                break
        return [event for event in found if event != Ended("a reply to what is not said yet")]

    assert events(pieces(data, cuts)) == events([data])


REPLY = {
    "MAIL": [b"250 ok", b"550 no", b"451 later", b"421 bye", b"503 what"],
    "RCPT": [b"250 ok", b"550 no", b"450 later", b"421 bye"],
    "DATA": [b"354 go", b"354 go", b"554 no", b"451 later", b"421 bye"],
    "BODY": [b"250 taken", b"552 big", b"452 later", b"421 bye"],
    "RSET": [b"250 ok", b"500 what"],
    ".": [b"554 nobody", b"250 what"],
}


class Server:
    """A relay that follows the rules, and answers each command as it is told."""

    def __init__(self, choices: list[int]) -> None:
        self.choices = deque(choices)
        self.unanswered_bodies = 0
        self.wants_body = False
        self.taken: list[int] = []
        self.owed: deque[tuple[str, bytes]] = deque()

    def hear(self, data: bytes) -> None:
        """Take what the client wrote in one piece; it is read when it is answered."""
        commands = data.decode().split("\r\n")[:-1]
        for place, command in enumerate(commands):
            word = command.split()[0]
            assert word != "DATA" or place == len(commands) - 1, "DATA is the last of its group"
            if word == "BODY":
                assert place == 0, "a body is the first of its group"
                self.unanswered_bodies += 1
                assert self.unanswered_bodies == 1, "one body is under way"
                assert self.wants_body, "a body leaves when it is asked for"
                self.wants_body = False
            self.owed.append((word, command.encode()))

    def answer(self) -> bytes:
        """The reply to the oldest command; the sequence of replies is that of a real server."""
        word, command = self.owed.popleft()
        choice = self.choices.popleft() if self.choices else 0
        reply = REPLY[word][choice % len(REPLY[word])]
        if word == "BODY":
            self.unanswered_bodies -= 1
            if reply.startswith(b"250"):
                self.taken.append(int(command.split()[1]))
        if word == "DATA" and reply.startswith(b"354"):
            self.wants_body = True
        if word == ".":
            self.wants_body = False
        return reply + b"\r\n"


class Play:
    """A client and a server, and a gate between a body and its leaving; one move at a time."""

    def __init__(self, pipelining: bool, choices: list[int], count: int) -> None:
        self.client, self.server = opened(pipelining), Server(choices)
        self.waiting = deque(letter(number) for number in range(1, count + 1))
        self.at_gate = self.over = False
        self.passed: set[int] = set()
        self.settled: dict[int, bool] = {}
        self.crumbs = b""
        self.go_on()

    def move(self, what: str) -> None:
        if what == "gate":
            self.gate()
            return
        if what == "answer" and self.server.owed and not self.crumbs:
            self.crumbs = self.server.answer()
        heard, self.crumbs = (self.crumbs[:1], self.crumbs[1:]) if what == "crumb" else (self.crumbs, b"")
        for event in self.client.receive(heard):
            self.react(event)
        if not self.over:
            self.go_on()

    def gate(self) -> None:
        if self.at_gate and self.client.offered is not None:
            self.at_gate = False
            self.passed.add(self.client.offered.message.key[1])
            self.client.leave(self.next() if self.client.pipelining else None)
            self.write()

    def react(self, event: Event) -> None:
        match event:
            case Ready():
                self.at_gate = True
            case Settled():
                number = event.letter.message.key[1]
                assert number not in self.settled
                self.settled[number] = event.step is Step.DOT and event.reply.good
            case Ended():
                self.over = True

    def go_on(self) -> None:
        if (
            self.client.offered is None
            and self.client.leaving is None
            and (following := self.next()) is not None
        ):
            self.client.offer(following)
        self.write()

    def write(self) -> None:
        data = self.client.take()
        if b"BODY" in data:
            assert self.client.leaving is not None
            assert self.client.leaving.message.key[1] in self.passed
        self.server.hear(data)

    def next(self) -> Letter | None:
        return self.waiting.popleft() if self.waiting else None


@given(
    st.booleans(),
    st.lists(st.integers(0, 20), max_size=60),
    st.lists(st.sampled_from(["answer", "answer", "gate", "crumb"]), max_size=150),
    st.integers(0, 6),
)
def test_no_interleaving_sends_two_bodies_or_one_before_the_gate(
    pipelining: bool, choices: list[int], moves: list[str], count: int
) -> None:
    play = Play(pipelining, choices, count)
    for move in moves + ["answer", "gate"] * 60:
        if not play.over:
            play.move(move)
    assert sorted(number for number, taken in play.settled.items() if taken) == sorted(play.server.taken)
    assert play.over or len(play.settled) == count
