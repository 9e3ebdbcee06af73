"""Signing in and out."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from publisher.web.console.desk import HEADERS, ROOT, Desk, Visit
from publisher.web.guards.bodies import Form, first, form_of

_LOG = logging.getLogger(__name__)
_NEXT = re.compile(r"[A-Za-z0-9/_-]{0,200}(?:\?[A-Za-z0-9=&_-]{0,200})?")
_LONGEST = 1024


class Doors:
    """The page that asks for the password, and the way out."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def sign_in(self, request: Request) -> Response:
        """Ask for the password, or look at the one that was given."""
        if request.method != "POST":
            return await run_in_threadpool(self._ask, request)
        if not self._desk.is_ours(request):
            return self._desk.sheet(request, "problem", status=403, what="foreign")
        return await run_in_threadpool(self._try, request, await form_of(request))

    def sign_out(self, visit: Visit, _form: Form) -> Response:
        """End the session, here and in the browser."""
        self._desk.sessions.end(visit.session)
        answer = self._desk.away("sign-in?out=1")
        self._desk.forget(visit.request, answer)
        return answer

    def _ask(self, request: Request) -> Response:
        if self._desk.session(request):
            return self._desk.away(onward(request.query_params.get("next", "")))
        return self._page(request, out=request.query_params.get("out") == "1")

    def _try(self, request: Request, form: Form) -> Response:
        desk, now = self._desk, self._desk.site.clock()
        client = request.client.host if request.client else ""
        wait = desk.lockout.attempt(client, now)
        if wait > timedelta():
            return self._page(request, status=429, wait=wait)
        given = first(form, "password")
        if len(given) > _LONGEST or not desk.sessions.is_password(given):
            _LOG.warning("the console refused a password", extra={"client": client})
            return self._page(request, status=401, wrong=True)
        desk.lockout.succeeded(client)
        _LOG.info("somebody signed in to the console", extra={"client": client})
        place = onward(first(form, "next"))
        answer = RedirectResponse(ROOT + place, 303, HEADERS)
        desk.sign(request, answer, desk.sessions.begin(now))
        return answer

    def _page(
        self,
        request: Request,
        *,
        status: int = 200,
        wrong: bool = False,
        out: bool = False,
        wait: timedelta = timedelta(),
    ) -> Response:
        seconds = int(wait.total_seconds()) + (wait.microseconds > 0)
        answer = self._desk.sheet(
            request,
            "sign-in",
            status=status,
            wrong=wrong,
            out=out,
            wait=seconds,
            onward=onward(request.query_params.get("next", "")),
        )
        if seconds:
            answer.headers["Retry-After"] = str(seconds)
        return answer


def onward(place: str) -> str:
    """A page below the console to go to after signing in; the first one where it is none."""
    return (
        place if _NEXT.fullmatch(place) and not place.startswith(("/", "sign-")) and "//" not in place else ""
    )
