"""A client of SMTP without a socket: bytes in → events, wishes → bytes out (RFC 5321, RFC 2920).

At most one message is offered and at most one body is under way. With PIPELINING all that can be
said at once leaves in one group, DATA last:

::

    offer(A)     MAIL A, RCPT A, DATA
                                        ← 250, 250, 354          Ready(A)
    leave(B)     A's body and dot, MAIL B, RCPT B, DATA
                                        ← 250, 250, 250, 354     Settled(A), Ready(B)
    leave()      B's body and dot
                                        ← 250                    Settled(B)

Without it each waits for the reply to the one before. What a reply means is told by the step that it
answers: `_MEANING` is the table.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar, NamedTuple

from publisher.mailing.smtp.letters import DATA, Letter, Offers
from publisher.mailing.smtp.opening import Declined, Opening, Secure
from publisher.mailing.smtp.replies import OutOfStep, Replies, Reply

_CLOSING = 421
"""The relay hangs up (RFC 5321, section 3.8)."""
_GO_AHEAD = 354
_BAD_SEQUENCE = 503


class Step(Enum):
    """What a reply answers."""

    OPENING = auto()
    RSET = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    DOT = auto()
    LONE_DOT = auto()
    QUIT = auto()


@dataclass(frozen=True, slots=True)
class StartTls:
    """TLS is to begin now; then call `Client.secured`."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Messages may be offered."""

    offers: Offers


class Ready(NamedTuple):
    """The relay waits for the body of what was offered."""

    letter: Letter


class Settled(NamedTuple):
    """A message is over: taken where `step` is DOT and the reply is good, else refused at `step`."""

    letter: Letter
    step: Step
    reply: Reply


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more can be said over this connection; the last event.

    `reply` is that of a relay which hangs up by itself, to `step` if it answered one. `for_good`:
    another connection would come to the same end. `silent`: the time for an answer was over.
    """

    reason: str
    step: Step | None = None
    reply: Reply | None = None
    for_good: bool = False
    silent: bool = False


Event = StartTls | Opened | Ready | Settled | Ended


class Client:
    """One connection. `offered` is what the relay has not got a body of, `leaving` whose body it has not answered."""

    def __init__(self, opening: Opening) -> None:
        self.offered: Letter | None = None
        self.leaving: Letter | None = None
        self.offers = Offers({})
        self.pipelining = False
        self._opening = opening
        self._replies = Replies()
        self._out: list[bytes] = []
        self._unsaid: deque[tuple[Step, bytes]] = deque()
        self._expected: deque[Step] = deque()
        self._refusal: tuple[Step, Reply] | None = None
        self._mail_stands = False
        self._events: list[Event] = []
        self._over = False
        self._expected.append(Step.OPENING)  # the greeting comes unasked
        next(opening)

    @property
    def owed(self) -> int:
        """How many replies the relay owes."""
        return len(self._expected)

    @property
    def free(self) -> bool:
        """Whether a message may be offered."""
        return self.offered is None and not self._over and (self.pipelining or not self._expected)

    def take(self) -> bytes:
        """What is to be written now."""
        out, self._out = self._out, []
        return b"".join(out)

    def offer(self, letter: Letter) -> None:
        """Announce a message."""
        if not self.free:
            raise RuntimeError("a message is offered already")
        self.offered, self._refusal = letter, None
        if self._mail_stands:  # a transaction that came to nothing is still open there
            self._unsaid.append((Step.RSET, b"RSET\r\n"))
            self._mail_stands = False
        self._unsaid += ((Step.MAIL, letter.mail), (Step.RCPT, letter.rcpt), (Step.DATA, DATA))
        self._speak()

    def leave(self, following: Letter | None = None) -> None:
        """Send the body of what is offered and ready; with PIPELINING, `following` is offered in the same group."""
        if self.offered is None or self.leaving is not None or self._expected or self._over:
            raise RuntimeError("no body may leave now")
        self.leaving, self.offered = self.offered, None
        self._mail_stands = False  # the dot ends the transaction, whatever is said to it
        self._say(Step.DOT, self.leaving.content)
        if following is not None:
            self.offer(following)

    def quit(self) -> None:
        """Say goodbye (RFC 5321, section 4.1.1.10)."""
        self._say(Step.QUIT, b"QUIT\r\n")

    def secured(self) -> None:
        """TLS stands. What was heard before is forgotten (RFC 3207, section 4.2)."""
        self._replies = Replies()
        self._step_opening(None)

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes and give what they mean."""
        try:
            self._replies.feed(data)
            while not self._over and (reply := self._replies.next()) is not None:
                self._answered(reply)
        except OutOfStep as fault:
            self._end(str(fault))
        events, self._events = self._events, []
        return events

    def _answered(self, reply: Reply) -> None:
        step = self._expected.popleft() if self._expected else None
        if reply.code == _CLOSING and step is not Step.OPENING:
            if step is Step.DOT:
                self._settle(Step.DOT, reply)
            self._end(f"{reply.code} {reply.text}", step, reply)
        elif step is None:
            raise OutOfStep(f"a reply to nothing: {reply.code} {reply.text}")
        else:
            self._MEANING[step](self, reply)
            if self._unsaid and not self._expected:
                self._speak()
            if self._out and not self._replies.empty:
                raise OutOfStep("a reply to what is not said yet")

    def _on_opening(self, reply: Reply) -> None:
        self._step_opening(reply)

    def _step_opening(self, reply: Reply | None) -> None:
        try:
            command = next(self._opening) if reply is None else self._opening.send(reply)
        except StopIteration as done:
            self.offers = done.value
            self.pipelining = "PIPELINING" in self.offers
            self._events.append(Opened(self.offers))
        except Declined as declined:
            self._end(str(declined), Step.OPENING, reply, for_good=declined.for_good)
        else:
            if isinstance(command, Secure):
                if not self._replies.empty:
                    raise OutOfStep("more than a reply before TLS")
                self._events.append(StartTls())
            else:
                self._say(Step.OPENING, command)

    def _on_rset(self, reply: Reply) -> None:
        if not reply.good:
            raise OutOfStep(f"RSET: {reply.code} {reply.text}")

    def _on_mail(self, reply: Reply) -> None:
        if reply.code == _BAD_SEQUENCE:  # no fault of the sender: the two of us disagree about where we are
            raise OutOfStep(f"MAIL: {reply.code} {reply.text}")
        self._mail_stands = reply.good
        self._judge(Step.MAIL, reply)

    def _on_rcpt(self, reply: Reply) -> None:
        self._judge(Step.RCPT, reply)

    def _on_data(self, reply: Reply) -> None:
        if reply.code != _GO_AHEAD:
            if reply.code < 400:
                raise OutOfStep(f"DATA: {reply.code} {reply.text}")
            self._judge(Step.DATA, reply)
        elif self._refusal is None and self.offered is not None:
            self._events.append(Ready(self.offered))
        elif self._refusal is not None and self._refusal[0] is Step.RCPT:
            self._say(Step.LONE_DOT, b".\r\n")  # nobody takes it and yet it may come: RFC 2920, section 3.1
        else:
            raise OutOfStep("it wants a message whose sender it refused")

    def _on_dot(self, reply: Reply) -> None:
        if 300 <= reply.code < 400:
            raise OutOfStep(f"end of data: {reply.code} {reply.text}")
        self._settle(Step.DOT, reply)

    def _on_lone_dot(self, reply: Reply) -> None:
        self._mail_stands = False
        if self._refusal is not None:
            self._settle(*self._refusal)

    def _on_quit(self, reply: Reply) -> None:
        self._end("closed", Step.QUIT, reply)

    _MEANING: ClassVar[dict[Step, Callable[[Client, Reply], None]]] = {
        Step.OPENING: _on_opening,
        Step.RSET: _on_rset,
        Step.MAIL: _on_mail,
        Step.RCPT: _on_rcpt,
        Step.DATA: _on_data,
        Step.DOT: _on_dot,
        Step.LONE_DOT: _on_lone_dot,
        Step.QUIT: _on_quit,
    }

    def _judge(self, step: Step, reply: Reply) -> None:
        """Remember the first refusal of what is offered: those behind it only follow from it."""
        if reply.good:
            return
        if reply.code < 400:
            raise OutOfStep(f"{step.name}: {reply.code} {reply.text}")
        self._refusal = self._refusal or (step, reply)
        self._unsaid.clear()
        if step is Step.DATA or not self._expected:
            self._settle(*self._refusal)

    def _settle(self, step: Step, reply: Reply) -> None:
        if step is Step.DOT:
            letter, self.leaving = self.leaving, None
        else:
            letter, self.offered = self.offered, None
        if letter is not None:
            self._events.append(Settled(letter, step, reply))

    def _end(
        self, reason: str, step: Step | None = None, reply: Reply | None = None, *, for_good: bool = False
    ) -> None:
        self._over = True
        self._expected.clear()
        self._unsaid.clear()
        self._out.clear()
        self._events.append(Ended(reason, step, reply, for_good))

    def _speak(self) -> None:
        """Say what there is to say: all of it in one group, or the first alone."""
        while self._unsaid and (self.pipelining or not self._expected):
            self._say(*self._unsaid.popleft())

    def _say(self, step: Step, data: bytes) -> None:
        self._out.append(data)
        self._expected.append(step)
