"""What machines ask: ``/healthz`` (alive?), ``/readyz`` (may it be asked?), ``/metrics`` (Prometheus).

Strangers learn one word. Reasons and figures are for this machine itself, or for who has the token.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from ipaddress import ip_address
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from publisher import health, inspection, metrics
from publisher.credentials import secret
from publisher.model import Facts
from publisher.web.site import Site

_FRESH = {"Cache-Control": "no-store"}
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Where one of these is left, a proxy asks for somebody, and is not believed who it is."""


class Operations:
    """Answers for one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._alone = Lock()
        self._kept: Facts | None = None

    def routes(self) -> list[BaseRoute]:
        """Their rows of the table."""
        return [
            Route("/healthz", self.healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    async def healthz(self, request: Request) -> Response:
        """200 where the process works, 503 where it is to be started anew."""
        return await self._judged(request, health.alive)

    async def readyz(self, request: Request) -> Response:
        """200 where it may be asked, 503 where it may not yet."""
        return await self._judged(request, health.ready)

    async def metrics(self, request: Request) -> Response:
        """The figures, for this machine or a token (RFC 6750); 404 for all others, who need not know of them."""
        if not (is_local(request) or self._has_token(request)):
            raise HTTPException(404)
        facts = await run_in_threadpool(self._facts)
        made = await run_in_threadpool(metrics.text, facts)
        return Response(made, headers=_FRESH | {"Content-Type": metrics.CONTENT_TYPE})

    async def _judged(self, request: Request, judge: Callable[[Facts], health.Verdict]) -> Response:
        verdict = judge(await run_in_threadpool(self._facts))
        said = "ok" if verdict.well else "not well"
        lines = [said, *(verdict.reasons if is_local(request) else ())]
        return PlainTextResponse("\n".join(lines) + "\n", 200 if verdict.well else 503, _FRESH)

    def _facts(self) -> Facts:
        """The facts of this second: however often strangers ask, the database is asked once in it."""
        site = self._site
        with self._alone:
            now = site.clock()
            if self._kept is None or self._kept.now != now:
                self._kept = site.facts() if site.facts else inspection.facts(site.config, site.store, now)
            return self._kept

    def _has_token(self, request: Request) -> bool:
        expected = secret(self._site.config.web.metrics_env)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode(), expected.encode())
        return bool(expected) and scheme.lower() == "bearer" and same


def is_local(request: Request) -> bool:
    """Whether this machine asks for itself."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
