"""Files of the site whose output is a bucket: that, or the CDN before it, has them, and this server leads there."""

from __future__ import annotations

from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from publisher import addresses
from publisher.kinds import PAGE
from publisher.web.guards.origins import origin_of
from publisher.web.notfound import NotFound
from publisher.web.site import Site


class Elsewhere:
    """Answers 307 to the same path below `site.url` (RFC 9110, section 15.4.8), and 404 where that is this server."""

    def __init__(self, site: Site) -> None:
        config = site.config
        self._start = addresses.absolute(config.site.url, "").rstrip("/").encode()
        self._here = bool(config.web.url) and origin_of(config.web.url) == origin_of(config.site.url)
        self._host = origin_of(config.site.url).partition("://")[2].encode()
        self._not_found = NotFound(site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked: dict[bytes, bytes] = dict(scope["headers"])
        # Whoever asked for the site's own name was sent here by what should have asked the bucket: no circle.
        if self._here or asked.get(b"host", b"").lower() == self._host:
            await self._not_found(scope, receive, send)
            return
        path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        fields = [
            (b"location", self._start + path.partition(b"?")[0] + query),
            (b"cache-control", b"public, max-age=%d" % PAGE),
            (b"content-length", b"0"),
        ]
        await send({"type": "http.response.start", "status": 307, "headers": fields})
        await send({"type": "http.response.body", "body": b""})
