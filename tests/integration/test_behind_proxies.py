"""`publish serve` behind nginx and Caddy, configured as the operator's page says."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from caddyserver import CADDY, CaddyServer
from conftest import Site, demand
from documented import blocks
from served import Served, until
from webserver import NGINX, WebServer

PAGE = "docs/howto/operate.md"
UPSTREAM = "127.0.0.1:8000"


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    site.change("[mail]", '[web]\nurl = "https://news.example.org/"\nproxies = ["127.0.0.1/32"]\n\n[mail]')
    site.article("a.txt", "Bài một")
    with Served(site.root) as process:
        process.up()
        until(lambda: process.get("readyz")[0] == 200)
        yield process
        process.stop()


def address(served: Served) -> str:
    return served.url.removeprefix("http://").rstrip("/")


@pytest.fixture
def nginx(served: Served, site: Site) -> Iterator[WebServer]:
    demand("nginx", NGINX)
    text = blocks(PAGE, "nginx")["Behind nginx"][0]
    assert UPSTREAM in text
    with WebServer(site.output, site=text.replace(UPSTREAM, address(served))) as server:
        yield server


def ask(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(url, headers=named)) as answer:
            return (
                answer.status,
                {name.lower(): value for name, value in answer.headers.items()},
                answer.read(),
            )
    except HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()


def test_feeds_come_through_nginx_with_their_tags_and_forms(nginx: WebServer, site: Site) -> None:
    status, headers, body = ask(f"{nginx.url}feed.atom")
    assert (status, body) == (200, (site.output / "feed.atom").read_bytes())
    assert headers["content-type"] == "application/xml; charset=utf-8"
    status, _, body = ask(f"{nginx.url}feed.atom", If_None_Match=headers["etag"])
    assert (status, body) == (304, b"")
    status, headers, body = ask(f"{nginx.url}feed.atom", Accept_Encoding="gzip")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert body == (site.output / "feed.atom.gz").read_bytes()


def test_pages_for_readers_come_through_nginx(nginx: WebServer) -> None:
    status, _, body = ask(f"{nginx.url}subscribe", Accept_Language="en")
    assert status == 200
    assert b"<form" in body
    assert ask(f"{nginx.url}nothing/here")[0] == 404


def test_figures_and_reasons_stay_inside(nginx: WebServer, served: Served) -> None:
    assert ask(f"{nginx.url}metrics")[0] == 404
    assert ask(f"{nginx.url}healthz")[::2] == (200, b"ok\n")
    assert served.get("metrics")[0] == 200
    # Past the one line of the configuration that keeps them in, the program does not take nginx for this machine.
    assert served.get("metrics", {"X-Forwarded-For": "192.0.2.7"})[0] == 404


def test_what_a_client_claims_does_not_come_through(nginx: WebServer) -> None:
    assert ask(f"{nginx.url}metrics/../metrics", X_Forwarded_For="127.0.0.1")[0] == 404


def test_caddy_passes_on_what_it_is_asked_and_keeps_figures_in(served: Served, site: Site) -> None:
    demand("caddy", CADDY)
    text = blocks(PAGE, "caddyfile")["Behind Caddy"][0]
    assert UPSTREAM in text
    with CaddyServer(site.output, text.replace(UPSTREAM, address(served))) as caddy:
        for path, status in {"/feed.rss": 200, "/subscribe": 200, "/healthz": 200, "/metrics": 404}.items():
            connection = caddy.connection()
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            assert answer.status == status, path
            if path == "/feed.rss":
                assert body == (site.output / "feed.rss").read_bytes()
