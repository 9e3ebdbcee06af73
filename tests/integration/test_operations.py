"""What machines ask of the web server, and what strangers learn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from conftest import Site as Folder
from httpx import ASGITransport, AsyncClient, Response

from publisher.model import Facts, Pulse
from publisher.render.templates import Templates
from publisher.store import Store
from publisher.web import Site, application

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
TOKEN = "a-token-of-the-owner"


class Client:
    """Somebody who asks from an address."""

    def __init__(self, web: Site, host: str) -> None:
        self._transport = ASGITransport(application(web), client=(host, 50_000))

    def request(self, method: str, path: str, headers: Mapping[str, str | bytes] | None = None) -> Response:
        async def asked() -> Response:
            async with AsyncClient(transport=self._transport, base_url="http://127.0.0.1:8000") as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(asked())

    def get(self, path: str, headers: Mapping[str, str | bytes] | None = None) -> Response:
        return self.request("GET", path, headers)

    def post(self, path: str) -> Response:
        return self.request("POST", path)


def client(
    site: Folder,
    facts: Facts | None = None,
    host: str = "127.0.0.1",
    asked: Callable[[], Facts] | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
) -> Client:
    config = site.config
    store = Store.open(config.database_file)
    web = Site(
        config=config,
        store=store,
        templates=Templates(None, "vi", config.zone),
        clock=clock,
        wake=lambda: None,
        progress=lambda: None,
        secret=store.secret(),
        facts=asked or ((lambda: facts) if facts else None),
    )
    return Client(web, host)


def test_a_site_that_is_well_says_one_word(site: Folder) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client(site).get(path)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "said"), [("127.0.0.1", "not well\nwatcher does not work\n"), ("192.0.2.7", "not well\n")]
)
def test_reasons_are_for_this_machine(site: Folder, host: str, said: str) -> None:
    answer = client(site, Facts(NOW, {"watcher": False}), host).get("/healthz")
    assert (answer.status_code, answer.text) == (503, said)


def test_a_proxy_that_asks_for_somebody_is_not_this_machine(site: Folder) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert client(site).get("/metrics", headers={header: "192.0.2.7"}).status_code == 404


def test_a_first_run_that_is_under_way_is_alive_and_not_ready(site: Folder) -> None:
    asked = client(site, Facts(NOW, {}, Pulse(NOW)))
    assert (asked.get("/healthz").status_code, asked.get("/readyz").status_code) == (200, 503)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.3.2.1"])
def test_figures_are_for_this_machine(site: Folder, host: str) -> None:
    site.article("a.txt", "Bài một")
    site.run()
    answer = client(site, host=host).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "publisher_articles 1.0\n" in answer.text
    assert "publisher_messages_sent_total 1.0\n" in answer.text
    assert 'publisher_relay_messages_total{relay="maildir"} 1.0\n' in answer.text


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (None, 404),
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        ("Bearer wrong", 404),
        ("Bearer ", 404),
        (f"Basic {TOKEN}", 404),
        ("Bearer \N{LATIN SMALL LETTER E WITH ACUTE}", 404),
    ],
)
def test_figures_are_for_who_has_the_token(
    site: Folder, monkeypatch: pytest.MonkeyPatch, given: str | None, status: int
) -> None:
    monkeypatch.setenv("PUBLISHER_METRICS_TOKEN", TOKEN)
    headers = {"Authorization": given.encode("latin-1")} if given else {}
    assert client(site, host="192.0.2.7").get("/metrics", headers=headers).status_code == status


@pytest.mark.parametrize("given", ["Bearer ", "Bearer", "Bearer x"])
def test_where_no_token_is_set_none_fits(site: Folder, given: str) -> None:
    answer = client(site, host="192.0.2.7").get("/metrics", headers={"Authorization": given})
    assert answer.status_code == 404


def test_nothing_is_changed_by_asking(site: Folder) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client(site).post(path).status_code == 405


def test_however_often_strangers_ask_the_facts_are_taken_once_in_a_second(site: Folder) -> None:
    now, taken = [NOW], list[datetime]()

    def facts() -> Facts:
        taken.append(now[0])
        return Facts(now[0])

    asked = client(site, host="192.0.2.7", asked=facts, clock=lambda: now[0])
    for _ in range(5):
        assert asked.get("/readyz").status_code == asked.get("/healthz").status_code == 200
    now[0] += timedelta(seconds=1)
    asked.get("/healthz")
    assert taken == [NOW, NOW + timedelta(seconds=1)]
