"""The output tree over HTTP: plain ASGI without a router, since nearly every request ends here.

::

    path ─▶ shelf: the same file as before? ─▶ coding ─▶ news? ─▶ part? ─▶ still the same? ─▶ answer
              ▲   └─ no: read it, in a thread                              │
              └───────────────────────────── no: once more ────────────────┘
"""

from __future__ import annotations

import logging
import os

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from publisher import schedules
from publisher.errors import StoreError
from publisher.kinds import PAGE
from publisher.web.conditions import Span, chosen, is_news, span
from publisher.web.fetchers import Fetchers, says_readers
from publisher.web.guards.origins import origin_of
from publisher.web.hubs import Hubs
from publisher.web.notfound import NotFound
from publisher.web.shelf import Entry, Fields, Shelf, Variant, opened, state_of
from publisher.web.site import Site

_logger = logging.getLogger(__name__)
ROOM = 32 << 20
"""Octets of files that are kept in memory."""
_PIECE = 256 << 10
"""Octets of a large file that are read at once."""
_CLOSE = (b"connection", b"close")
"""Said where a body may still come, which nobody reads."""
_TRIES = 5
"""How often a file that is replaced while it is read is tried."""


class Files:
    """Answers with the files of the output folder."""

    def __init__(self, site: Site, fetchers: Fetchers) -> None:
        config = site.config
        self._fetchers, self._clock = fetchers, site.clock
        common = [
            (b"x-content-type-options", b"nosniff"),
            (b"content-security-policy", (config.web.policy or policy(config.web.url)).encode()),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
        ]
        keeps = 60 * schedules.minutes_between(config.schedule.feeds)
        hubs = Hubs(config.feeds.websub, config.site.url)
        self._shelf = Shelf(config.output_folder, ROOM, keeps, site.store.withdrawn, common, hubs)
        self._not_found = NotFound(site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in ("GET", "HEAD"):
            await _say(send, 405, [(b"allow", b"GET, HEAD"), (b"content-length", b"0"), _CLOSE])
            return
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        asked: dict[bytes, bytes] = dict(scope["headers"])
        for _ in range(_TRIES):
            entry = self._shelf.at_hand(path) or await self._found(path)
            if entry is None:
                await self._absent(path, scope, receive, send)
                return
            coding = (
                chosen(asked.get(b"accept-encoding", b""), entry.codings) if b"range" not in asked else ""
            )
            variant = entry.variants.get(coding) or await self._made(path, entry, coding)
            if variant is not None and await _answer(scope["method"], asked, entry, variant, send):
                if says_readers(path, asked.get(b"user-agent", b"")):
                    await self._note(path, asked[b"user-agent"])
                return
        await _say(send, 503, [(b"retry-after", b"1"), (b"content-length", b"0")])

    async def _note(self, path: bytes, agent: bytes) -> None:
        """Count the readers whom a service fetches this feed for; written down now and then."""
        feed, now = path.decode("latin-1").lstrip("/"), self._clock()
        if not self._fetchers.note(feed, agent.decode("latin-1"), now):
            return
        try:
            await run_in_threadpool(self._fetchers.write, now)
        except StoreError as error:  # they say it again
            _logger.warning("readers of feeds were not counted", extra={"why": str(error)})

    async def _found(self, path: bytes) -> Entry | None:
        place = self._shelf.place(path)
        if place is None or state_of(place) is None:
            return None
        return await run_in_threadpool(self._shelf.find, path)

    async def _made(self, path: bytes, entry: Entry, coding: str) -> Variant | None:
        """A variant that was not asked for yet; None where the file is not what it was."""
        variant = await run_in_threadpool(self._shelf.make, entry, coding)
        if variant is not None:
            entry.variants[coding] = variant
            self._shelf.keep(path, entry)
        return variant

    async def _absent(self, path: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """A folder without its slash leads to its page; all else is not there."""
        name = path.rpartition(b"/")[2]
        place = self._shelf.place(path + b"/") if name else None
        if place is not None and state_of(place) is not None:
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            # Relative, so that it holds under any prefix; "./" keeps a colon from making a scheme of it.
            keeps = (b"cache-control", b"public, max-age=%d" % PAGE)
            leads = (b"location", b"./" + name + b"/" + query)
            await _say(send, 308, [leads, keeps, (b"content-length", b"0")])
            return
        await self._not_found(scope, receive, send)


def policy(web_url: str) -> str:
    """The Content-Security-Policy of pages and feeds: nothing runs, forms lead to this server only."""
    forms = f"'self' {origin_of(web_url)}" if web_url else "'none'"
    return (
        "default-src 'none'; style-src 'self'; img-src *; base-uri 'none'; "
        f"form-action {forms}; frame-ancestors 'none'"
    )


async def _answer(method: str, asked: dict[bytes, bytes], entry: Entry, variant: Variant, send: Send) -> bool:
    """Whether it was answered: not where the file is not what it was, of which nothing was said then."""
    whole = Span(0, variant.size)
    if entry.gone:
        return await _content(send, 410, variant.fields, method, entry, variant, whole)
    none_match, since = asked.get(b"if-none-match"), asked.get(b"if-modified-since")
    if (none_match or since) and not is_news(none_match, since, variant.tag, entry.modified):
        return await _say(send, 304, variant.unchanged)
    part = None
    if method == "GET" and b"range" in asked:
        part = span(asked[b"range"], asked.get(b"if-range"), variant.tag, entry.modified, variant.size)
    if part is None:
        return await _content(send, 200, variant.fields, method, entry, variant, whole)
    if not part:
        return await _say(
            send, 416, [(b"content-range", b"bytes */%d" % variant.size), (b"content-length", b"0")]
        )
    place = b"bytes %d-%d/%d" % (part.first, part.end - 1, variant.size)
    fields = [pair for pair in variant.fields if pair[0] != b"content-length"]
    fields += [(b"content-length", b"%d" % len(part)), (b"content-range", place)]
    return await _content(send, 206, fields, method, entry, variant, part)


async def _content(
    send: Send, status: int, fields: Fields, method: str, entry: Entry, variant: Variant, part: Span
) -> bool:
    if method == "HEAD" or variant.content is not None:
        content = b"" if method == "HEAD" or variant.content is None else variant.content
        body = content if len(part) >= len(content) else content[part.first : part.end]
        return await _say(send, status, fields, body)
    handle = await run_in_threadpool(opened, entry)
    if handle is None:
        return False
    try:
        await send({"type": "http.response.start", "status": status, "headers": fields})
        for place in range(part.first, part.end, _PIECE):
            piece = await run_in_threadpool(os.pread, handle, min(_PIECE, part.end - place), place)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        os.close(handle)
    return True


async def _say(send: Send, status: int, fields: Fields, body: bytes = b"") -> bool:
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})
    return True
