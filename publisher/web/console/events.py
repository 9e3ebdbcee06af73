"""What goes on, told as it goes on: server-sent events (WHATWG HTML, section 9.2).

One event is a piece of the page, as the page itself has it, and a mark that changes when the rest of the
page is out of date. It is sent when it differs from the last.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from publisher.web.console.desk import HEADERS, Desk

MOST = 12
"""Streams at once: some windows of one person."""
PERIOD = 1.0
"""Seconds between two looks."""
_QUIET = 15
"""Looks without news after which a line is sent, so that a connection that is gone is noticed."""
_LONGEST = 600
"""Looks of one stream: the browser opens the next by itself."""


class Events:
    """Streams of one site."""

    def __init__(self, desk: Desk, period: float = PERIOD) -> None:
        self._desk, self._period, self._open = desk, period, 0

    async def __call__(self, request: Request) -> Response:
        """Begin a stream for somebody who is signed in."""
        if await run_in_threadpool(self._desk.session, request) is None:
            return PlainTextResponse("sign in", 401, HEADERS)
        if self._open >= MOST:
            return PlainTextResponse("too many streams", 503, {**HEADERS, "Retry-After": "60"})
        headers = {**HEADERS, "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(request), 200, headers, media_type="text/event-stream")

    async def _stream(self, request: Request) -> AsyncIterator[str]:
        """Events until the session, the server or the patience ends; at once when the server stops."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        language, last = self._desk.language(request), ""
        self._open += 1
        try:
            with self._desk.site.stop.telling(lambda: loop.call_soon_threadsafe(over.set)):
                yield "retry: 3000\n\n"
                for look in range(_LONGEST):
                    event = await run_in_threadpool(self._event, request, language)
                    if event is None:
                        yield "event: over\ndata: over\n\n"
                        return
                    if event != last or look % _QUIET == 0:
                        yield event if event != last else ": still here\n\n"
                        last = event
                    if await _within(over, self._period):
                        return
        finally:
            self._open -= 1

    def _event(self, request: Request, language: str) -> str | None:
        """What goes on now; None where the session is over."""
        if self._desk.session(request) is None:
            return None
        live = self._desk.live()
        html = self._desk.words(language, "live.html", live=live, now=self._desk.now())
        data = json.dumps({"html": html, "mark": live.mark}, ensure_ascii=False)
        return f"data: {data}\n\n"


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether it happens within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
