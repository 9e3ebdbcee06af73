"""Pages for readers: they ask for mail, confirm, change what they get, and leave."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from publisher import addresses
from publisher.kinds import kind_of
from publisher.web.readers.choices import Catalogue
from publisher.web.readers.links import Links
from publisher.web.readers.pages import ReaderPages
from publisher.web.readers.subscribe import Subscribe
from publisher.web.site import Site


class Readers:
    """The pages of one site; none where `web.url` does not say where mails should lead, or no digest is there."""

    def __init__(self, site: Site) -> None:
        self._site, self.pages = site, ReaderPages(site)
        catalogue = Catalogue(site.config, site.store)
        self._on = bool(site.config.web.url and site.config.digest)
        self._subscribe = Subscribe(site, self.pages, catalogue)
        self._links = Links(site, self.pages, catalogue)

    def routes(self) -> list[BaseRoute]:
        """Their rows of the table."""
        if not self._on:
            return []
        links, subscribe = self._links, self._subscribe
        return [
            *self._looks(),
            Route("/subscribe", subscribe.show, methods=["GET"]),
            Route("/subscribe", subscribe.take, methods=["POST"]),
            Route("/confirm/{token}", links.show_confirm, methods=["GET"]),
            Route("/confirm/{token}", links.confirm, methods=["POST"]),
            Route("/preferences/{token}", links.show_preferences, methods=["GET"]),
            Route("/preferences/{token}", links.change, methods=["POST"]),
            Route("/unsubscribe/{token}", links.show_unsubscribe, methods=["GET"]),
            Route("/unsubscribe/{token}", links.unsubscribe, methods=["POST"]),
        ]

    def _looks(self) -> list[BaseRoute]:
        """The style sheet, where the output has no pages and so has none, or is elsewhere."""
        if self._site.config.output.base == "full" and not self._site.config.bucket:
            return []
        sheet = self._site.templates.render(addresses.STYLE)

        async def style(_: Request) -> Response:
            kind = kind_of(addresses.STYLE, 0)
            headers = {"Cache-Control": f"public, max-age={kind.keeps}", "X-Content-Type-Options": "nosniff"}
            return Response(sheet, headers={**headers, "Content-Type": kind.type})

        return [Route(f"/{addresses.STYLE}", style, methods=["GET"])]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """The time in which mails leave; those that are due leave before it ends."""
        if self._on:
            await self._subscribe.tidy()
        yield
        await run_in_threadpool(self._subscribe.outbox.close)
        self.pages.close()
