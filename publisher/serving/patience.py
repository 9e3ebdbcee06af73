"""How long a client may take to say what it wants, and how much it may say: uvicorn itself waits for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PATIENCE = 20.0
"""Seconds from the first octet of a request, or the beginning of a connection, to the end of its header."""
LARGEST = 64 << 10
"""Octets of a header that are read at most."""


class Patient(HttpToolsProtocol):
    """One connection, hung up on where a header does not come or does not end."""

    seconds = PATIENCE
    """How long it waits for a header."""
    _waiting: asyncio.TimerHandle | None = None
    _in_header = False
    _size = 0

    def connection_made(self, transport: Any) -> None:
        """The connection is there; nothing was said yet."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Octets came. A header that came at once, as nearly all do, costs no timer."""
        super().data_received(data)
        if not self._in_header:
            return
        self._size += len(data)
        if self._size > LARGEST:
            self._give_up()
        elif self._waiting is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_header, self._size = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its header is whole."""
        self._in_header = False
        self._wait_no_more()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.seconds, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._wait_no_more()
        self.transport.close()


def waiting(seconds: float) -> type[Patient]:
    """What waits so long for a header."""
    return type("Patient", (Patient,), {"seconds": seconds})
