"""One connection: a socket on one side, the state machine on the other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from publisher.mailing.outgoing import Fate
from publisher.mailing.smtp.letters import Offers
from publisher.mailing.smtp.protocol import Client, Ended, Event, Opened, Ready, Settled, StartTls, Step

if TYPE_CHECKING:
    from publisher.mailing.smtp.relay import Relay

_ROOM = 16_384
_GOODBYE = 5.0
"""Seconds to wait for the answer to QUIT, which decides nothing."""
TLS_GOODBYE = 1.0
"""Seconds for the end of TLS, likewise."""
_CLOSING = 421
_REFUSED = {
    Step.MAIL: Fate.SENDER_REFUSED,
    Step.RCPT: Fate.RECIPIENT_REFUSED,
    Step.DATA: Fate.MESSAGE_REFUSED,
    Step.DOT: Fate.MESSAGE_REFUSED,
}


def fate_of(settled: Settled) -> Fate:
    """What a reply to a step means for the message; that a relay hangs up says nothing of it."""
    if settled.step is Step.DOT and settled.reply.good:
        return Fate.SENT
    if settled.reply.code == _CLOSING:
        return Fate.LOST
    return _REFUSED[settled.step]


class Connection(asyncio.BufferedProtocol):
    """Asks its relay for messages one after another, until it is told to go.

    From the moment when the system takes the first byte of a body until the whole reply to its last
    dot is here, it is uncertain whether a message was taken (RFC 1047). Before, it was not.
    """

    def __init__(self, relay: Relay, client: Client, timeout: float, after: int) -> None:
        self.after = after
        """How many messages the relay had settled when it was opened."""
        self.begun = 0
        """How many messages were offered over it."""
        self.settled = 0
        """How many of them came to an end."""
        self.opened = False
        self.going = False
        self.between = False
        """Whether it ended after a message was offered and before its body left, with none under way."""
        self._relay = relay
        self._client = client
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._room = bytearray(_ROOM)
        self._transport: asyncio.Transport | None = None
        self._passed = False  # what is offered is through the gate
        self._left = False  # of what is leaving a byte may have left
        self._ended = False
        self._deadline = float("inf")
        self._timer: asyncio.TimerHandle | None = None

    @property
    def offers(self) -> Offers:
        """What the relay offers over it."""
        return self._client.offers

    @property
    def busy(self) -> bool:
        """Whether a message is on its way over it."""
        return self._client.offered is not None or self._client.leaving is not None

    @property
    def idle(self) -> bool:
        """Whether it could take a message."""
        return self.opened and not (self.going or self._ended or self.busy)

    @property
    def _socket(self) -> asyncio.Transport:
        if self._transport is None:
            raise RuntimeError("there is no socket")
        return self._transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open: wait for the greeting."""
        self._transport = cast("asyncio.Transport", transport)
        self._relay.run.socket_opened(self)
        if self._ended:
            self._transport.abort()
            return
        self._deadline = self._loop.time() + self._timeout
        self._look_at_clock()

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where to put what arrives."""
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes arrived."""
        owed = self._client.owed
        for event in self._client.receive(bytes(memoryview(self._room)[:nbytes])):
            self._react(event)
        if self._client.owed != owed:
            self._deadline = self._loop.time() + self._timeout
        self.proceed()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        self._relay.run.socket_closed(self)
        self.end(Ended(f"connection lost: {exc}" if exc else "connection lost"))

    def proceed(self) -> None:
        """Say what there is to say: offer the next message where there is room for one, or go."""
        if self.idle:
            following = self._relay.next_letter(self)
            if following is not None:
                self._client.offer(following)
            elif not self._relay.keeps(self):
                self.leave()
        self._write()

    def leave(self) -> None:
        """Say goodbye."""
        self.going = True
        self._client.quit()
        self._write()
        self._deadline = self._loop.time() + min(self._timeout, _GOODBYE)
        self._look_at_clock()

    def stop(self) -> None:
        """End as soon as no body is under way."""
        if self._client.leaving is None:
            self.end(Ended("stopped"))

    def abort(self) -> None:
        """Close the socket whatever is on its way."""
        if self._transport is not None:
            self._transport.abort()

    def end(self, ended: Ended) -> None:
        """Let go of the socket and say what becomes of the messages; only the first time counts."""
        if self._ended:
            return
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close() if self.going else self._transport.abort()
        code, answer = (ended.reply.code, ended.reply.text) if ended.reply else (0, ended.reason)
        leaving, offered = self._client.leaving, self._client.offered
        self.between = leaving is None and offered is not None
        if leaving is not None:
            if self._left:
                self._relay.over(leaving.message, Fate.UNCERTAIN, 0, ended.reason)
            else:
                self._relay.over(leaving.message, Fate.LOST, code, answer)
        if offered is not None:
            if self._passed:
                self._relay.over(offered.message, Fate.LOST, code, answer)
            else:
                self._relay.returned(offered.message, code, answer)
        self._relay.ended(self, ended)

    def _react(self, event: Event) -> None:
        match event:
            case Settled():
                self.settled += 1
                self._relay.settled(event.letter.message, fate_of(event), event.reply)
            case Ready():
                self._relay.run.at_gate(event.letter.message, self)
            case Opened():
                self.opened = True
                self._relay.opened()
            case StartTls():
                self._relay.run.start(self._start_tls())
            case Ended():
                self.end(event)

    def release(self) -> None:
        """The ledger knows that the message leaves: now its body may, and the next be offered in the same group."""
        transport = self._socket
        self._passed = True
        following = self._relay.next_letter(self) if self._client.pipelining else None
        self._passed, self._left = False, not transport.is_closing()
        self._client.leave(following)
        self._write()
        # A transport that the write has closed got an error for the first byte already.
        self._left = self._left and not transport.is_closing()

    def _write(self) -> None:
        """Hand all that is to be said to the system in one piece."""
        data = self._client.take()
        if data and self._transport is not None and not self._ended:
            self._transport.write(data)
            self._deadline = self._loop.time() + self._timeout

    async def _start_tls(self) -> None:
        try:
            secured = await self._loop.start_tls(
                self._socket,
                self,
                self._relay.tls,
                server_hostname=self._relay.host,
                ssl_handshake_timeout=self._timeout,
                ssl_shutdown_timeout=TLS_GOODBYE,
            )
        except OSError as error:
            self.end(Ended(f"no TLS: {error}"))
        else:
            self._transport = cast("asyncio.Transport", secured)
            if self._transport.is_closing():
                self.end(Ended("no TLS: connection lost"))
        if self._ended:  # nobody else says that the socket is closed before TLS stands
            self._relay.run.socket_closed(self)
        else:
            self._client.secured()
            self._write()

    def _look_at_clock(self) -> None:
        """One timer for all waiting: it comes by when the deadline may have passed."""
        if self._timer is not None:
            self._timer.cancel()
        now = self._loop.time()
        owing = self._client.owed > 0
        if owing and now >= self._deadline:
            self.end(Ended(f"no answer for {self._timeout:g} seconds", silent=True))
        else:
            self._timer = self._loop.call_at(
                self._deadline if owing else now + self._timeout, self._look_at_clock
            )
