"""One run: messages → relays, with the gate between the two. `Relays` is the transport.

::

    messages ──→ Waiting ──→ Relay ──→ Connection ──→ Client ──→ bytes
                    ↑  given back         │  ready        │
                    └─────────────────────┘               ↓
                       outcomes ──→ Gatekeeper ──→ gate ──→ the body may leave

Everything happens in one thread and in one event loop; there is a task for each connection while it
is being opened, none for a message.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

from publisher.config import Mail, Smtp
from publisher.mailing.outgoing import Fate, Gate, Outcome, Outgoing
from publisher.mailing.smtp.connection import Connection
from publisher.mailing.smtp.gatekeeper import Gatekeeper
from publisher.mailing.smtp.letters import Writer
from publisher.mailing.smtp.protocol import Ended
from publisher.mailing.smtp.relay import Relay
from publisher.mailing.smtp.waiting import Waiting
from publisher.stopping import NEVER, Stop

_LAST_WORDS = 5.0
"""Seconds that a run which is interrupted or asked to stop waits for the answers to bodies that left."""
_MADE_UP = 500
"""Messages, at most, of which a relay that was slow to open its first connection still gets its share."""
_GOODBYES = 1.5
"""Seconds until sockets that are still open are closed without a word."""


class Relays:
    """Delivers over `[mail.smtp]`, whose name is empty, and over the relays beside it."""

    def __init__(self, mail: Mail) -> None:
        self._relays: Sequence[tuple[str, Smtp]] = (
            ("", mail.smtp),
            *((relay.name, relay) for relay in mail.relay),
        )

    def deliver(self, messages: Iterator[Outgoing], gate: Gate, stop: Stop = NEVER) -> None:
        """See `publisher.mailing.outgoing.Transport`.

        What `gate` or `messages` raise ends the run at once: connections are dropped, no further body
        leaves, and it is raised here. An interrupt lets bodies that left be answered first, as does a
        wish to stop.
        """
        asyncio.run(self._deliver(messages, gate, stop))

    async def _deliver(self, messages: Iterator[Outgoing], gate: Gate, stop: Stop) -> None:
        run, loop = Run(messages, gate, self._relays), asyncio.get_running_loop()
        with stop.telling(lambda: loop.call_soon_threadsafe(run.stop)):
            try:
                await run.finished()
            finally:
                await run.close()


class Run:
    """What relays share: the messages, the gate, the clock."""

    def __init__(self, messages: Iterator[Outgoing], gate: Gate, relays: Sequence[tuple[str, Smtp]]) -> None:
        self.stopping = False
        self.writer = Writer()
        self.sockets: set[Connection] = set()
        self._no_socket = asyncio.Event()
        self._no_socket.set()
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._on_exception)
        self._waiting = Waiting(messages, self.fail)
        self._gatekeeper = Gatekeeper(gate, self._expected, self._look, self._loop.time)
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._starved = False
        self._relays = [Relay(self, name, smtp) for name, smtp in relays]

    @cached_property
    def own_name(self) -> str:
        """How this machine calls itself: its full name, or else its address (RFC 5321, section 4.1.3)."""
        name = socket.getfqdn()
        return name if "." in name and name.isascii() else "[127.0.0.1]"

    async def finished(self) -> None:
        """Wait until every message that was taken has its outcome, and there are no more."""
        self.wake()
        self._look()
        try:
            await asyncio.shield(self._done)
        except asyncio.CancelledError:
            await self._interrupted()
            raise

    def stop(self) -> None:
        """End in good order, and soon."""
        self.start(self._last())

    async def close(self) -> None:
        """Say goodbye on connections that wait, drop the others, and let the ledger know the last."""
        self._give_up("stopped")
        self._drop()
        if not self._gatekeeper.failed:
            self._gatekeeper.flush()
        for timer in self._timers:
            timer.cancel()
        if self._tasks:  # a socket that is about to open is better closed than forgotten
            await asyncio.wait(self._tasks, timeout=_GOODBYES)
        for task in self._tasks:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYES):
                await self._no_socket.wait()
        for connection in list(self.sockets):
            connection.abort()
        await asyncio.sleep(0)

    # What relays and connections ask of it

    def now(self) -> float:
        """Seconds on a clock that only goes on."""
        return self._loop.time()

    def later(self, seconds: float, what: Callable[[], None]) -> asyncio.TimerHandle:
        """Do something after a while, if the run is not over by then."""

        def do() -> None:
            self._timers.discard(timer)
            what()

        timer = self._loop.call_later(seconds, do)
        self._timers.add(timer)
        return timer

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the rest."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_over)

    def wake(self) -> None:
        """Messages for connections that wait; new connections where there are more."""
        if self.stopping:
            return
        for relay in self._relays:
            relay.wake()
        opening = sum(relay.opening for relay in self._relays)
        growing = True
        while growing:
            growing = False
            for relay in self._relays:
                if relay.may_open() and self.entitled(relay) and self._waiting.ahead(opening + 1) > opening:
                    relay.open()
                    opening, growing = opening + 1, True

    def wake_soon(self) -> None:
        """The same, when what is happening has happened."""
        self._loop.call_soon(self.wake)

    def take(self) -> Outgoing | None:
        """The next message."""
        return self._waiting.take()

    def entitled(self, relay: Relay) -> bool:
        """Whether the next message may go to a relay: none gets ahead of its share by more than it has connections.

        One that is held back by its own pace holds back no other. One without weight gets its turn
        when all that have some are down.
        """
        if len(self._relays) == 1:
            return True
        rivals = [other for other in self._relays if other.weight and other is not relay]
        if relay.weight:
            shares = [other.share for other in rivals if other.working and not other.held]
            entitled = not shares or relay.share <= min(shares) + len(relay.connections) / relay.weight
        else:
            entitled = not any(other.promising for other in rivals)
        self._starved = self._starved or not entitled
        return entitled

    def took(self, relay: Relay) -> None:
        """A relay was given a message."""
        relay.share += 1 / (relay.weight or 1)
        if self._starved:
            self._starved = False
            self.wake_soon()

    def joined(self, relay: Relay) -> None:
        """A relay takes messages for the first time, or again; only at first it makes up for what it missed."""
        shares = [
            other.share for other in self._relays if other.weight and other.working and other is not relay
        ]
        if shares and relay.weight:
            missed = 0 if relay.reason else _MADE_UP
            relay.share = max(relay.share, min(shares) - missed / relay.weight)

    def at_gate(self, message: Outgoing, connection: Connection) -> None:
        """A relay waits for the body of a message."""
        if self.stopping:
            connection.end(Ended("stopped"))
        else:
            self._gatekeeper.leaving(message, connection.release)

    def returned(self, outcome: Outcome) -> None:
        """A message comes back whose body has not left; `outcome` is what becomes of it if it came back too often."""
        self._gatekeeper.withdraw(outcome.message)
        if self.stopping:
            self.over(replace(outcome, fate=Fate.UNSENT))
        elif not self._waiting.give_back(outcome.message):
            self.over(outcome)

    def over(self, outcome: Outcome) -> None:
        """A message has its fate."""
        self._waiting.open -= 1
        self._gatekeeper.done(outcome)

    def went_down(self) -> None:
        """A relay takes no more: the others do, or nobody."""
        if all(relay.down for relay in self._relays):
            self._give_up(self._relays[0].reason)
        else:
            self.wake_soon()

    def fail(self, error: BaseException) -> None:
        """Something went wrong that is no relay's fault: nothing more leaves."""
        if not self._done.done():
            self._done.set_exception(error)
            self._drop()

    def socket_opened(self, connection: Connection) -> None:
        """There is a socket to be closed."""
        self.sockets.add(connection)
        self._no_socket.clear()

    def socket_closed(self, connection: Connection) -> None:
        """It is closed."""
        self.sockets.discard(connection)
        if not self.sockets:
            self._no_socket.set()

    # How it ends

    def _look(self) -> None:
        """Whether all is done."""
        if self._done.done() or self._waiting.open or not self._gatekeeper.empty:
            return
        if self.stopping or not self._waiting.ahead(1):
            self._done.set_result(None)

    def _give_up(self, reason: str) -> None:
        """Nothing more leaves, and nothing more is asked for."""
        self.stopping = True
        for message in self._waiting.close():
            self.over(Outcome(message, Fate.UNSENT, 0, reason))
        for connection in self._connections():
            connection.proceed()
        self._loop.call_soon(self._look)

    def _drop(self) -> None:
        """End every connection that is not about to end."""
        self.stopping = True
        for connection in self._connections():
            if not connection.going:
                connection.leave() if connection.idle else connection.end(Ended("stopped"))

    async def _interrupted(self) -> None:
        """Bodies that left are answered, if that does not take long."""
        self._give_up("interrupted")
        for connection in self._connections():
            connection.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await asyncio.shield(self._done)

    async def _last(self) -> None:
        await self._interrupted()
        if not self._done.done():
            self._done.set_result(None)

    def _connections(self) -> list[Connection]:
        return [connection for relay in self._relays for connection in relay.connections]

    def _expected(self) -> int:
        """How many are likely to come to the gate soon."""
        return sum(connection.busy for connection in self._connections())

    def _task_over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)

    def _on_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What nobody caught must not be lost in the loop."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.fail(error)
        else:
            loop.default_exception_handler(context)
