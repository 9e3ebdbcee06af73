"""What readers and the owner see in a browser: one ASGI application.

::

    request ─▶ Door ─┬─▶ a first step of the path that a page here has ─▶ proxies ─▶ Starlette, the table below
                     └─▶ anything else ─▶ files, the output tree; where that is a bucket, a way there

Files come first and take the short way: they are nearly all that is ever asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.web import console
from publisher.web.elsewhere import Elsewhere
from publisher.web.fetchers import Fetchers
from publisher.web.files import Files
from publisher.web.guards.proxies import Proxies
from publisher.web.hooks import Hooks, fetch
from publisher.web.operations import Operations
from publisher.web.paths import first_step
from publisher.web.problems import Problems
from publisher.web.readers import Readers
from publisher.web.site import Site

__all__ = ["Site", "application"]


def routes(site: Site, readers: Readers, hooks: Hooks) -> list[BaseRoute]:
    """The one table of all that is not a file of the output."""
    return [
        *readers.routes(),
        *hooks.routes(),
        *Operations(site).routes(),
        *console.routes(site),
    ]


def application(site: Site, certificate: Callable[[str], bytes] = fetch) -> ASGIApp:
    """The web server's application for one site; mails that it sent for readers leave by its end at the latest.

    `certificate` fetches a certificate of Amazon SNS by its address.
    """
    readers, fetchers = Readers(site), Fetchers(site.store.record_fetchers)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with readers.open():
            yield
        await run_in_threadpool(fetchers.write, site.clock())

    table = routes(site, readers, Hooks(site, certificate))
    pages = Starlette(routes=table, lifespan=lifespan, exception_handlers=Problems(readers.pages).handlers())
    pages.router.redirect_slashes = False  # it would redirect to whatever host was asked for
    files = Elsewhere(site) if site.config.bucket else Files(site, fetchers)
    return Door(files, Proxies(pages, site.config.web), table)


class Door:
    """Sends each request to the pages, where its first step is one of theirs, or to the files."""

    def __init__(self, files: ASGIApp, pages: ASGIApp, table: Sequence[BaseRoute]) -> None:
        self._files, self._pages = files, pages
        self.steps = {first_step(getattr(route, "path", "")) for route in table}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is none, such as the start of the server, is for the pages."""
        ours = scope["type"] != "http" or first_step(scope["path"]) in self.steps
        await (self._pages if ours else self._files)(scope, receive, send)
