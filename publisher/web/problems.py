"""What a browser is shown instead of a page: that there is none, that it asked wrongly, or that we failed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from publisher.errors import PublisherError, RenderError
from publisher.web.paths import first_step
from publisher.web.readers.pages import HEADERS, ReaderPages

_logger = logging.getLogger(__name__)
_KNOWN = (400, 404, 405, 408, 413, 415, 429)


class Problems:
    """Pages in the site's look, by status."""

    def __init__(self, pages: ReaderPages) -> None:
        self._pages = pages

    def handlers(self) -> Mapping[Any, Callable[[Request, Any], Awaitable[Response]]]:
        """The functions by what they answer to, as Starlette takes them."""
        return {HTTPException: self._refused, PublisherError: self._later, Exception: self._failed}

    async def _refused(self, request: Request, error: HTTPException) -> Response:
        answer = await self._page(request, error.status_code)
        answer.headers.update(error.headers or {})
        return answer

    async def _later(self, request: Request, error: PublisherError) -> Response:
        """What can be expected to fail may work in a moment: the database was busy, a disk was full."""
        page = first_step(request.url.path)  # no more: the rest may be a token
        _logger.error("a page could not be made", extra={"page": page, "why": str(error)})
        if isinstance(error, RenderError):
            return await self._page(request, 500)
        answer = await self._page(request, 503)
        answer.headers["Retry-After"] = "60"
        return answer

    async def _failed(self, request: Request, error: Exception) -> Response:
        return await self._page(request, 500)

    async def _page(self, request: Request, status: int) -> Response:
        shown = status if status in _KNOWN else 400 if status < 500 else 500
        language = self._pages.language(request)
        try:
            return await self._pages.answer(request, "problem", language, status=status, kind=shown)
        except RenderError as error:
            _logger.warning("nor could the page that says so", extra={"why": str(error)})
            return PlainTextResponse(str(status), status, HEADERS)
