"""One relay: its connections, how many it bears, how fast, and what to think of it when they break."""

from __future__ import annotations

import asyncio
import os
import ssl
from functools import cached_property
from socket import gaierror
from typing import TYPE_CHECKING

from publisher.config import Smtp
from publisher.credentials import secret
from publisher.mailing.outgoing import Fate, Outcome, Outgoing
from publisher.mailing.smtp.connection import TLS_GOODBYE, Connection
from publisher.mailing.smtp.letters import Letter, Unsendable
from publisher.mailing.smtp.opening import Login, opening
from publisher.mailing.smtp.pace import Congestion, Pace
from publisher.mailing.smtp.protocol import Client, Ended, Step
from publisher.mailing.smtp.replies import Reply

if TYPE_CHECKING:
    from publisher.mailing.smtp.delivery import Run

_RESTS = (0.5, 1.0, 2.0)
"""Seconds after the first connection that came to nothing, the second…; after one more the relay counts as down."""
_ABSENCE, _LONGEST_ABSENCE = 30.0, 300.0
"""Seconds until a relay that is down is tried again, while another works; doubled each time."""
_MOST_REFUSED_SENDERS = 3
_HAPPY_EYEBALLS = 0.25
"""Seconds before the next address of a host is tried beside the first (RFC 8305, section 5)."""


class Relay:
    """Opens connections while there is something to send and the relay bears more, and gives them messages."""

    def __init__(self, run: Run, name: str, smtp: Smtp) -> None:
        self.run, self.name, self.host = run, name, smtp.host
        self.connections: set[Connection] = set()
        self.weight = smtp.weight
        self.share = 0.0
        """What it got of the messages, by its weight."""
        self.down = False
        self.reason = ""
        self._smtp = smtp
        self._congestion = Congestion(smtp.connections)
        self._pace = Pace(smtp.per_second)
        self._cap = smtp.messages_per_connection
        self._absent = True
        self._resting = False
        self._settled = 0
        self._failures = 0
        self._refused_senders = 0
        self._absence = _ABSENCE
        self._timer: asyncio.TimerHandle | None = None

    @property
    def working(self) -> bool:
        """Whether it takes messages now, or will as soon as a connection has been opened anew."""
        return not self._absent and not self._resting

    @property
    def promising(self) -> bool:
        """Whether it works, or nothing is known against it."""
        return not self.down and not (self._absent and self.reason)

    @property
    def opening(self) -> int:
        """How many connections are on their way."""
        return sum(not connection.opened for connection in self.connections)

    @property
    def held(self) -> bool:
        """Whether its pace holds it back at the moment."""
        return self._pace.wait(self.run.now()) > 0

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Certificates are verified against what the system trusts; TLS 1.2 at least (RFC 8997)."""
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    # What the run asks of it

    def may_open(self) -> bool:
        """Whether one more connection would do, as far as the relay is concerned."""
        most = 1 if self._absent else self._congestion.allowed  # the first finds out what the others would
        return not (self.down or self._resting or len(self.connections) >= most or self.paced())

    def open(self) -> None:
        """Open one more connection."""
        smtp = self._smtp
        login = None
        if smtp.username:
            login = Login(smtp.username, secret(smtp.password_env), smtp.auth)
        client = Client(opening(self.run.own_name, smtp.security, login))
        connection = Connection(self, client, smtp.timeout, self._settled)
        self.connections.add(connection)
        self.run.start(self._connect(connection))

    def wake(self) -> None:
        """There may be a message for a connection that waits."""
        for connection in [connection for connection in self.connections if connection.idle]:
            connection.proceed()

    def paced(self) -> bool:
        """Whether the next message has to wait for its moment; then all is looked at again at that moment."""
        wait = self._pace.wait(self.run.now())
        if wait and self._timer is None:
            self._timer = self.run.later(wait, self._moment)
        return wait > 0

    # What its connections ask of it and tell it

    def next_letter(self, connection: Connection) -> Letter | None:
        """The next message, made ready for a connection; none where there is none or this is not the one for it."""
        while self.keeps(connection) and self.run.entitled(self) and not self.paced():
            message = self.run.take()
            if message is None:
                return None
            try:
                made = self.run.writer.letter(message, connection.offers)
            except Unsendable as fault:
                self.over(message, fault.fate, fault.code, fault.answer)
                continue
            except BaseException as error:
                self.over(message, Fate.UNSENT, 0, "")
                self.run.fail(error)
                raise
            connection.begun += 1
            self._pace.spend(self.run.now())
            self.run.took(self)
            return made
        return None

    def keeps(self, connection: Connection) -> bool:
        """Whether a connection is still wanted."""
        if self.down or self.run.stopping or connection.begun >= self._cap:
            return False
        most = self._congestion.allowed
        return len(self.connections) <= most or sum(not other.going for other in self.connections) <= most

    def opened(self) -> None:
        """A connection stands."""
        if self._absent:
            self._absent = False
            self.run.joined(self)
            self.run.wake_soon()

    def settled(self, message: Outgoing, fate: Fate, reply: Reply) -> None:
        """The relay said what becomes of a message."""
        self.over(message, fate, reply.code, reply.text)
        self._settled += 1
        if fate is Fate.SENDER_REFUSED:
            self._refused_senders += 1
        else:
            self._refused_senders = self._failures = 0
        if fate is Fate.SENT:
            self._absence = _ABSENCE
            if self._congestion.worked():
                self.run.wake()
        elif 450 <= reply.code < 460 and fate is not Fate.RECIPIENT_REFUSED:
            self._congestion.trouble(self.run.now())
        if self._refused_senders >= _MOST_REFUSED_SENDERS:
            self._go_down(f"{self.host} refuses the sender: {reply.code} {reply.text}", for_good=False)

    def over(self, message: Outgoing, fate: Fate, code: int, answer: str) -> None:
        """A message has its fate."""
        self.run.over(Outcome(message, fate, code, answer, self.name))

    def returned(self, message: Outgoing, code: int, answer: str) -> None:
        """A message comes back whose body has not left."""
        self.run.returned(Outcome(message, Fate.LOST, code, answer, self.name))

    def ended(self, connection: Connection, ended: Ended) -> None:
        """A connection is gone."""
        self.connections.discard(connection)
        if not (self.down or connection.going or self.run.stopping):
            if not connection.settled:
                self._came_to_nothing(connection, ended)
            elif (connection.between and not ended.silent) or ended.step is not None:
                self._hung_up(connection, ended)
        self.run.wake()

    # What it makes of that

    def _hung_up(self, connection: Connection, ended: Ended) -> None:
        """A relay that counts messages hangs up between two, with 421 or without, always after as many."""
        taken, most = connection.begun - 1, self._smtp.messages_per_connection
        if ended.step is not Step.DOT and self._cap in (most, taken):
            self._cap = min(most, taken)
        else:
            self._cap = most
            self._congestion.trouble(self.run.now())

    def _came_to_nothing(self, connection: Connection, ended: Ended) -> None:
        """No message came to an end over it: the relay bears no more than those that work, or is tried again soon."""
        code = ended.reply.code if ended.reply else 0
        working = sum(other.settled > 0 for other in self.connections)
        if working or 400 <= code < 500:
            self._congestion.trouble(self.run.now(), working or None)
        if working or connection.after < self._settled or self._resting:
            return
        if connection.opened and not connection.begun:  # it waited for a message, and the relay did not
            return
        self._failures += 1
        hopeful = (code or connection.opened or self.share > 0) and not (ended.for_good or ended.silent)
        if not hopeful or self._failures > len(_RESTS):
            self._go_down(
                f"no connection to {self.host}:{self._smtp.port}: {ended.reason}", for_good=ended.for_good
            )
        else:
            self._resting = True
            self.run.later(_RESTS[self._failures - 1], self._rested)

    def _rested(self) -> None:
        self._resting = False
        self.run.wake()

    def _go_down(self, reason: str, *, for_good: bool) -> None:
        self.down = self._absent = True
        self.reason = reason
        self._failures = len(_RESTS)  # when it is tried again, one failure is enough
        self._refused_senders = 0
        self._congestion.restart()
        if not for_good:
            self.run.later(self._absence, self._try_again)
            self._absence = min(2 * self._absence, _LONGEST_ABSENCE)
        self.run.went_down()

    def _try_again(self) -> None:
        self.down = False
        self.run.wake()

    def _moment(self) -> None:
        self._timer = None
        self.run.wake()

    async def _connect(self, connection: Connection) -> None:
        smtp, secure = self._smtp, self._smtp.security == "tls"
        try:
            async with asyncio.timeout(smtp.timeout):
                await asyncio.get_running_loop().create_connection(
                    lambda: connection,
                    smtp.host,
                    smtp.port,
                    ssl=self.tls if secure else None,
                    server_hostname=smtp.host if secure else None,
                    ssl_handshake_timeout=smtp.timeout if secure else None,
                    ssl_shutdown_timeout=TLS_GOODBYE if secure else None,
                    happy_eyeballs_delay=_HAPPY_EYEBALLS,
                )
        except (OSError, UnicodeError) as error:  # the latter: a name that cannot be one of a host
            connection.end(Ended(_reason(error)))


def _reason(error: OSError | UnicodeError) -> str:
    """Why there is no connection, as the system says it."""
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ssl.SSLError | gaierror | UnicodeError) or not error.errno:
        return str(error)
    return os.strerror(error.errno)
