"""Reports that mail providers post, to ``/hooks/NAME``: judged, acted on, and answered as each of them understands.

A report that is refused is not wanted again, and each provider has a status for that; any other failure
brings it back within minutes.
"""

from __future__ import annotations

import asyncio
import http.client
import logging
import ssl
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from publisher import returns
from publisher.errors import WebhookDelayed, WebhookRefused
from publisher.mailing.webhooks import MOST_BYTES, PROVIDERS, kept, verify_and_read
from publisher.web.guards.bodies import body_of
from publisher.web.site import Site

_REFUSED = {"mailgun": 406}
"""How it is said that a report is not wanted again; to all others with 403, after which none repeats it."""
_REMEMBERED = timedelta(hours=25)
_MOST_REMEMBERED = 100_000
_LARGEST_CERTIFICATE = 64 << 10
_PATIENCE = 10.0
_logger = logging.getLogger(__name__)


class Hooks:
    """Takes the reports of one site; `certificate` fetches one of Amazon SNS in PEM, by its address."""

    def __init__(self, site: Site, certificate: Callable[[str], bytes]) -> None:
        self._site, self._certificate = site, kept(certificate)
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._alone = asyncio.Lock()

    def routes(self) -> list[BaseRoute]:
        """Their row of the table."""
        return [Route("/hooks/{provider}", self.take, methods=["POST"])]

    async def take(self, request: Request) -> Response:
        """Act on one report."""
        provider = request.path_params["provider"]
        if provider not in PROVIDERS:
            raise HTTPException(404)
        body = await body_of(request, MOST_BYTES)
        # One at a time: the same report may come twice at once, and counts once.
        async with self._alone:
            try:
                await run_in_threadpool(self._act, provider, dict(request.headers), body)
            except WebhookRefused as error:
                _logger.warning("a report was refused", extra={"provider": provider, "why": str(error)})
                return _said(_REFUSED.get(provider, 403))
        return _said(200)

    def _act(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        site, now = self._site, self._site.clock()
        received = verify_and_read(
            provider,
            headers,
            body,
            site.config,
            now,
            marks=returns.marks_of(site.store, now),
            certificate=self._certificate,
            seen=lambda nonce: f"{provider} {nonce}" in self._seen,
        )
        limit = site.config.mail.bounces.soft
        for report in received.reports:
            deed = returns.carry_out(returns.decide(report, site.store, limit), site.store, limit, now)
            _logger.info("a report", extra={"provider": provider, "done": str(deed.done)})
        if received.confirm:
            _logger.warning(
                "Amazon SNS asks whether reports may come here: visit it", extra={"visit": received.confirm}
            )
        if received.nonce:
            self._remember(f"{provider} {received.nonce}", now)

    def _remember(self, nonce: str, now: datetime) -> None:
        self._seen[nonce] = now
        while self._seen and (
            len(self._seen) > _MOST_REMEMBERED or now - next(iter(self._seen.values())) > _REMEMBERED
        ):
            self._seen.popitem(last=False)


def fetch(url: str) -> bytes:
    """What stands at an https address; no redirect is followed (`publisher.errors.WebhookDelayed`)."""
    parts = urlsplit(url)
    context = ssl.create_default_context()
    connection = http.client.HTTPSConnection(parts.hostname or "", timeout=_PATIENCE, context=context)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        content = answer.read(_LARGEST_CERTIFICATE)
    except (OSError, http.client.HTTPException) as error:
        raise WebhookDelayed(f"{url}: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise WebhookDelayed(f"{url}: answered {answer.status}")
    return content


def _said(status: int) -> Response:
    return Response(status_code=status, headers={"Cache-Control": "no-store"})
