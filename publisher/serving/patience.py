"""How long a client may take to say what it wants and to hear the answer, and how much it may say.

uvicorn itself waits for ever, and keeps whatever comes.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PATIENCE = 20.0
"""Seconds from the first octet of a request, or the beginning of a connection, to the end of its header."""
LARGEST = 64 << 10
"""Octets of a header that are read at most, and of what stands beside the content of a body: its trailers."""
_STALL = 3
"""How many times as long an answer may wait of which nothing gets away."""


class Patient(HttpToolsProtocol):
    """One connection, hung up on where a header does not come or does not end, or an answer is not taken."""

    seconds = PATIENCE
    """How long it waits for a header."""
    _waiting: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _in_header = _in_body = False
    _size = 0

    def connection_made(self, transport: Any) -> None:
        """The connection is there; nothing was said yet."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._wait_no_more()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Octets came. A header that came at once, as nearly all do, costs no timer."""
        self._size += len(data)
        super().data_received(data)
        if not (self._in_header or self._in_body):
            return
        if self._size > LARGEST:
            self._give_up()
        elif self._in_header and self._waiting is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_header, self._in_body, self._size = True, False, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the header. Those behind a body (RFC 9112, section 7.1.2) are nothing to us."""
        if self._in_header:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its header is whole."""
        self._in_header, self._in_body, self._size = False, True, 0
        self._wait_no_more()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the content, which whoever reads it bounds."""
        self._size = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._in_body = False
        super().on_message_complete()

    def pause_writing(self) -> None:
        """More of an answer waits than the client takes."""
        super().pause_writing()
        self._look_again(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """It took it."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.seconds, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _look_again(self, left: int) -> None:
        self._stalled = self.loop.call_later(_STALL * self.seconds, self._hang_up, left)

    def _hang_up(self, left: int) -> None:
        """Hang up on who took nothing of what was left; a slow one has its time."""
        now_left = self.transport.get_write_buffer_size()
        if now_left < left:
            self._look_again(now_left)
        else:
            # Closing would wait for what is left to be taken.
            self.transport.abort()

    def _give_up(self) -> None:
        self._wait_no_more()
        self.transport.close()


def waiting(seconds: float) -> type[Patient]:
    """What waits so long for a header."""
    return type("Patient", (Patient,), {"seconds": seconds})
