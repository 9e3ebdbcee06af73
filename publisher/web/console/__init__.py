"""The console: the owner's pages under ``/console/``, for whoever has the password.

::

    request ─▶ signed in? ─no─▶ the page that asks for the password
                   │
                   ├─ GET ──▶ a page: asks the store, changes nothing
                   └─ POST ─▶ from a form of this session? ─▶ a deed ─▶ the way to a page

The table below is all of it; each page is a method that takes a `Visit`, each deed one that takes a form too.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from publisher.config import Config
from publisher.credentials import secret
from publisher.web.console.deeds import Deeds
from publisher.web.console.desk import HEADERS, ROOT, Desk, Visit
from publisher.web.console.doors import Doors
from publisher.web.console.events import Events
from publisher.web.console.pages import Pages
from publisher.web.console.people import People
from publisher.web.console.rehearsals import Rehearsals
from publisher.web.console.sessions import SHORTEST
from publisher.web.guards.bodies import Form, form_of
from publisher.web.site import Site

__all__ = ["closed", "routes"]

_LOG = logging.getLogger(__name__)
Answer = Callable[[Request], Awaitable[Response]]
_ASSETS = {"style.css": "text/css; charset=utf-8", "script.js": "text/javascript; charset=utf-8"}


def closed(config: Config) -> str:
    """Why there is no console; empty where there is one."""
    variable = config.console.password_env
    password = secret(variable)
    if not password:
        return f"{variable} is not set"
    return f"{variable} has fewer than {SHORTEST} characters" if len(password) < SHORTEST else ""


def routes(site: Site) -> list[BaseRoute]:
    """The console's part of the table; none without a password, which is said."""
    if fault := closed(site.config):
        _LOG.debug("no console: %s", fault)
        return []
    password = secret(site.config.console.password_env)
    return list(_table(Desk(site, password)))


def _table(desk: Desk) -> list[Route]:
    pages, doors = Pages(desk), Doors(desk)
    people, rehearsals, deeds = People(desk, pages), Rehearsals(desk, pages), Deeds(desk, pages)
    shown: dict[str, Callable[[Visit], Response]] = {
        "": pages.overview,
        "runs": pages.runs,
        "editions": pages.editions,
        "editions/{number}": pages.edition,
        "deliveries": pages.deliveries,
        "quarantine": pages.quarantine,
        "subscribers": people.subscribers,
        "subscribers/{number}": people.subscriber,
        "feeds": people.feeds,
        "keywords": people.keywords,
        "preview": rehearsals.first,
        "preview/{digest}": rehearsals.preview,
        "preview/{digest}/mail": rehearsals.mail,
        "preview/{digest}/text": rehearsals.text,
    }
    done: dict[str, Callable[[Visit, Form], Response]] = {
        "run": deeds.run,
        "editions/{number}/hold": deeds.hold,
        "editions/{number}/release": deeds.release,
        "editions/{number}/retry": deeds.retry,
        "subscribers": people.search,
        "preview/{digest}": rehearsals.choose,
        "preview/{digest}/test": rehearsals.test,
        "preview/{digest}/hold": rehearsals.hold,
        "preview/{digest}/release": rehearsals.release,
        "sign-out": doors.sign_out,
    }
    return [
        Route("/console", _slash),
        Route(f"{ROOT}sign-in", doors.sign_in, methods=["GET", "POST"]),
        Route(f"{ROOT}events", Events(desk).__call__),
        *(Route(f"{ROOT}{name}", _asset(desk, name)) for name in _ASSETS),
        *(Route(ROOT + path, _deed(desk, do), methods=["POST"]) for path, do in done.items()),
        *(Route(ROOT + path, _page(desk, show)) for path, show in shown.items()),
        Route(f"{ROOT}{{rest:path}}", _page(desk, pages.absent)),
    ]


def _page(desk: Desk, show: Callable[[Visit], Response]) -> Answer:
    """A page that only the owner sees."""

    def answer(request: Request) -> Response:
        visit = desk.visit(request)
        if visit is None:
            rest = request.url.path.removeprefix(ROOT) + (
                f"?{request.url.query}" if request.url.query else ""
            )
            return _sign_in(rest)
        return show(visit)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return endpoint


def _deed(desk: Desk, do: Callable[[Visit, Form], Response]) -> Answer:
    """Something that only the owner does, by a form of a page that he has open."""

    async def endpoint(request: Request) -> Response:
        visit = await run_in_threadpool(desk.visit, request)
        if visit is None:
            return _sign_in("")
        form = await form_of(request)
        if not desk.is_ours(request) or form.get("form") != [visit.session.form]:
            return await run_in_threadpool(desk.page, visit, "problem", status=403, what="foreign")
        return await run_in_threadpool(do, visit, form)

    return endpoint


def _asset(desk: Desk, name: str) -> Answer:
    """The style sheet and the script, which anybody may have; their address changes when they do."""
    headers = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}

    async def endpoint(_request: Request) -> Response:
        return Response(desk.asset(name), 200, headers, _ASSETS[name])

    return endpoint


async def _slash(_request: Request) -> Response:
    return RedirectResponse(ROOT, 308, HEADERS)


def _sign_in(onward: str) -> Response:
    query = f"?next={quote(onward, safe='')}" if onward else ""
    return RedirectResponse(f"{ROOT}sign-in{query}", 303, HEADERS)
