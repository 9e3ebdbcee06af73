"""The page that says that nothing stands at an address, in the site's look and the reader's language."""

from __future__ import annotations

from functools import lru_cache

from starlette.types import Receive, Scope, Send

from publisher.render.pages import Pages
from publisher.web import languages
from publisher.web.site import Site


class NotFound:
    """Answers 404; the page is made once for each language and depth."""

    def __init__(self, site: Site) -> None:
        self._config, self._templates = site.config, site.templates
        self._choice = languages.offered(site.config)
        self._page = lru_cache(maxsize=32)(self._made)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked: dict[bytes, bytes] = dict(scope["headers"])
        language = languages.wanted(asked.get(b"accept-language", b""), self._choice)
        depth = scope["path"].count("/") - 1
        body = self._page(language, depth if 0 <= depth < _DEEPEST else 0)
        fields = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"vary", b"Accept-Language"),
            (b"x-content-type-options", b"nosniff"),
            (b"content-security-policy", _POLICY),
        ]
        await send({"type": "http.response.start", "status": 404, "headers": fields})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _made(self, language: str, depth: int) -> bytes:
        templates = self._templates.speaking(language)
        return Pages(self._config, templates, ()).reader("web/notfound.html", "x/" * depth).encode()


_DEEPEST = 12
_POLICY = b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
