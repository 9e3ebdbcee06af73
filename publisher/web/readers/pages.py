"""Pages for readers: in the language that a browser wishes or a link names, and never kept by anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from publisher.render.pages import Pages
from publisher.web import languages
from publisher.web.site import Site

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Addresses hold tokens: other sites are not told them. Not no-referrer, which hides the Origin of forms too.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Vary": "Accept-Language",
}


class Switch(NamedTuple):
    """A language to read this page in: its code, its own name, and where; nowhere if it is this one."""

    language: str
    name: str
    href: str


class ReaderPages:
    """Makes answers for one site."""

    def __init__(self, site: Site) -> None:
        self._config, self._templates = site.config, site.templates
        self.choice = languages.offered(site.config)
        self._by_language: dict[str, Pages] = {}
        self._beside = ThreadPoolExecutor(1, "pages")  # one, so that files keep half of the time

    def language(self, request: Request) -> str:
        """The language of an answer: the one that the address names, or that the browser wishes."""
        named = request.query_params.get("lang", "")
        if named in self.choice:
            return named
        wish = request.headers.get("accept-language", "")
        return languages.wanted(wish.encode("latin-1"), self.choice)

    async def answer(
        self, request: Request, template: str, language: str, *, status: int = 200, **context: object
    ) -> Response:
        """A page of `template`, made beside the loop of events: a long one takes milliseconds."""
        page = request.scope["path"].removeprefix("/")
        more = {
            "switch": self._switch(request, language),
            "languages": {code: languages.NAMES.get(code, code) for code in self.choice},
        }
        make = partial(self._made, f"web/{template}.html", page, language, **more, **context)
        html = await asyncio.get_running_loop().run_in_executor(self._beside, make)
        return HTMLResponse(html, status, {**HEADERS, "Content-Language": language})

    def close(self) -> None:
        """Make no more pages."""
        self._beside.shutdown(wait=False)

    def _made(self, template: str, page: str, language: str, **context: object) -> str:
        return self._pages(language).reader(template, page, **context)

    def _pages(self, language: str) -> Pages:
        if language not in self._by_language:
            speaking = self._templates.speaking(language)
            self._by_language[language] = Pages(self._config, speaking, ())
        return self._by_language[language]

    def words(self, language: str, template: str, **context: object) -> str:
        """A text of `template`, on one line."""
        return " ".join(
            self._templates.speaking(language)
            .render(f"web/{template}.txt", site=self._config.site, **context)
            .split()
        )

    def _switch(self, request: Request, language: str) -> list[Switch]:
        """The other languages of this page; none after a form was sent, whose answer has no address."""
        if request.method not in ("GET", "HEAD"):
            return []
        return [
            Switch(code, languages.NAMES.get(code, code), "" if code == language else _in(request, code))
            for code in self.choice
        ]


def _in(request: Request, language: str) -> str:
    pairs = [(key, value) for key, value in QueryParams(request.url.query).multi_items() if key != "lang"]
    return f"?{urlencode([*pairs, ('lang', language)])}"
