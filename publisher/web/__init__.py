"""What readers and the owner see in a browser: one ASGI application.

::

    request ─▶ Door ─┬─▶ a first step of the path that a page here has ─▶ Starlette, the table below
                     └─▶ anything else ─▶ files, the output tree

Files come first and take the short way: they are nearly all that is ever asked for.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.web.files import Files
from publisher.web.site import Site

__all__ = ["Site", "application"]


def routes(site: Site) -> list[BaseRoute]:
    """The one table of all that is not a file of the output."""
    return []


def application(site: Site) -> ASGIApp:
    """The web server's application for one site."""
    table = routes(site)
    return Door(
        Files(site), Starlette(routes=table), {first_step(getattr(route, "path", "")) for route in table}
    )


class Door:
    """Sends each request to the pages, where its first step is one of `steps`, or to the files."""

    def __init__(self, files: ASGIApp, pages: ASGIApp, steps: set[str]) -> None:
        self._files, self._pages, self._steps = files, pages, steps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is none, such as the start of the server, is for the pages."""
        ours = scope["type"] != "http" or first_step(scope["path"]) in self._steps
        await (self._pages if ours else self._files)(scope, receive, send)


def first_step(path: str) -> str:
    """What stands between the first two slashes of a path; ``OPTIONS *`` has none."""
    return "".join(path.split("/", 2)[1:2])
