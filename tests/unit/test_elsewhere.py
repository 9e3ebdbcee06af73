"""The web server of a site whose output is a bucket leads there, and never in a circle."""

from __future__ import annotations

import asyncio

import pytest
from conftest import Site
from starlette.types import Message
from webapp import Clock, site_of

from publisher.store import Store
from publisher.web.elsewhere import Elsewhere


@pytest.mark.parametrize(
    ("web_url", "host", "status"),
    [
        ("https://mail.example.org/", b"mail.example.org", 307),
        ("https://mail.example.org/", b"NEWS.example.org", 404),
        ("https://news.example.org/", b"127.0.0.1:8000", 404),
        ("", b"127.0.0.1:8000", 307),
    ],
)
def test_nobody_is_led_in_a_circle(site: Site, web_url: str, host: bytes, status: int) -> None:
    text = (site.root / "config.toml").read_text(encoding="utf-8")
    site.configure(f'{text}\n[output]\npath = "s3://press/site"\n\n[web]\nurl = "{web_url}"\n')
    Store.open(site.config.database_at)
    app, told = Elsewhere(site_of(site.config, Clock())), list[Message]()

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        told.append(message)

    scope = {"type": "http", "method": "GET", "path": "/a", "query_string": b"", "headers": [(b"host", host)]}
    asyncio.run(app(scope, receive, send))
    assert told[0]["status"] == status
