"""Hubs in good and in bad moods, and what they are told."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from conftest import NOW, Site
from hubs import Server, announce, changed, serving, waiting, with_hubs

from publisher.websub import Limits


@pytest.fixture
def hub() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server
        server.patience.set()


def test_a_hub_gets_each_ping_once_over_one_connection(site: Site, hub: Server) -> None:
    with_hubs(site, hub.url)
    changed(site, "feed.atom", "feed.rss", "feed.json")
    assert announce(site) == ({"hubs told": 3}, [])
    path, fields = hub.received[0]
    topic = ["https://news.example.org/feed.atom"]
    assert (path, fields) == ("/", {"hub.mode": ["publish"], "hub.url": topic, "hub.topic": topic})
    assert hub.topics == ["feed.atom", "feed.json", "feed.rss"]
    assert len(hub.connections) == 1
    assert announce(site) == ({}, [])
    assert len(hub.received) == 3


def test_a_hub_that_is_down_is_tried_once_and_again_when_it_is_up(site: Site) -> None:
    with serving(Server()) as gone:
        port = gone.server_port
    with_hubs(site, f"http://127.0.0.1:{port}/")
    changed(site, "feed.atom", "feed.rss", "feed.json")
    counts, failures = announce(site)
    assert counts == {"hub pings postponed": 3}
    assert failures == [
        f"http://127.0.0.1:{port}/: not told of 3 feeds: connection refused; tried again from 11:01"
    ]
    assert announce(site, timedelta(seconds=59)) == ({}, [])
    assert {(ping.attempts, ping.reason) for ping in waiting(site)} == {(1, "connection refused")}
    with serving(Server(port)) as hub:
        assert announce(site, timedelta(minutes=1)) == ({"hubs told": 3}, [])
        assert len(hub.received) == 3
    assert waiting(site) == []


def test_a_hub_that_stays_down_is_given_up_and_named(site: Site) -> None:
    with serving(Server()) as gone:
        url = gone.url
    with_hubs(site, url)
    changed(site, "feed.atom", "feed.rss")
    after, tries = timedelta(), 0
    while pings := waiting(site):
        assert pings[0].due is not None
        after = max(timedelta(), pings[0].due - NOW)
        counts, failures = announce(site, after)
        tries += 1
    assert tries == 7
    assert after == timedelta(minutes=1 + 5 + 15 + 60 + 240 + 720)
    assert (counts, failures) == (
        {"hub pings given up": 2},
        [f"{url}: given up on 2 feeds: connection refused"],
    )


def test_a_dead_hub_keeps_no_news_from_another(site: Site, hub: Server) -> None:
    with serving(Server()) as gone:
        url = gone.url
    with_hubs(site, url, hub.url)
    changed(site, "feed.atom")
    counts, failures = announce(site)
    assert counts == {"hubs told": 1, "hub pings postponed": 1}
    assert len(failures) == 1
    assert [ping.hub for ping in waiting(site)] == [url]


@pytest.mark.parametrize("status", [400, 404, 410, 500])
def test_an_answer_that_is_no_success_is_tried_again(site: Site, hub: Server, status: int) -> None:
    with_hubs(site, hub.url)
    hub.answers = [(status, {"Content-Type": "text/plain"}, b"not\x1b[31m\nnow " + b"x" * 5000)]
    changed(site, "feed.atom", "feed.rss")
    counts, (line,) = announce(site)
    assert counts == {"hubs told": 1, "hub pings postponed": 1}
    assert line.startswith(f"{hub.url}: not told of 1 feed: answered {status} ")
    assert ": not [31m now xxx" in line
    assert line.isprintable()
    assert len(line) < 300
    assert announce(site, timedelta(minutes=1)) == ({"hubs told": 1}, [])


@pytest.mark.parametrize("status", [429, 503])
def test_a_hub_that_is_busy_is_left_alone_for_now(site: Site, hub: Server, status: int) -> None:
    with_hubs(site, hub.url)
    hub.answers = [(status, {}, b"")]
    changed(site, "feed.atom", "feed.rss")
    assert announce(site)[0] == {"hub pings postponed": 2}
    assert len(hub.received) == 1


def test_a_hub_that_hangs_costs_one_time_out(site: Site, hub: Server) -> None:
    with_hubs(site, hub.url)
    hub.patience.clear()
    changed(site, "feed.atom", "feed.rss", "feed.json")
    before = time.monotonic()
    counts, failures = announce(site)
    assert time.monotonic() - before < 5
    assert counts == {"hub pings postponed": 3}
    assert failures == [f"{hub.url}: not told of 3 feeds: no answer in 0.5 s; tried again from 11:01"]
    assert len(hub.received) == 1


def test_what_a_run_has_no_time_for_is_told_by_the_next(site: Site, hub: Server) -> None:
    with_hubs(site, hub.url)
    changed(site, "feed.atom", "feed.rss")
    counts, failures = announce(site, limits=Limits(run=0))
    assert counts == {"hub pings postponed": 2}
    assert failures == [f"{hub.url}: not told of 2 feeds: no time left in this run; tried again from 11:00"]
    assert {ping.attempts for ping in waiting(site)} == {0}
    assert announce(site) == ({"hubs told": 2}, [])


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_is_followed_with_the_same_ping(site: Site, hub: Server, status: int) -> None:
    with_hubs(site, hub.url)
    hub.answers = [(status, {"Location": "/moved"}, b"")]
    changed(site, "feed.atom")
    assert announce(site) == ({"hubs told": 1}, [])
    (first, fields), (second, again) = hub.received
    assert (first, second) == ("/", "/moved")
    assert fields == again


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_lose_the_ping_is_not_followed(site: Site, hub: Server, status: int) -> None:
    with_hubs(site, hub.url)
    hub.answers = [(status, {"Location": "/moved"}, b"")]
    changed(site, "feed.atom")
    assert announce(site)[0] == {"hub pings postponed": 1}
    assert len(hub.received) == 1


def test_a_circle_of_redirects_ends(site: Site, hub: Server) -> None:
    with_hubs(site, hub.url)
    hub.answers = [(308, {"Location": "/"}, b"")] * 9
    changed(site, "feed.atom")
    _, (line,) = announce(site)
    assert "redirected more than 3 times" in line
    assert len(hub.received) == 4


@pytest.mark.parametrize(
    "location", ["file:///etc/hostname", "ftp://127.0.0.1/", "http://[", "http://a\x7fb/"]
)
def test_a_redirect_leads_to_web_addresses_only(site: Site, hub: Server, location: str) -> None:
    with_hubs(site, hub.url)
    hub.answers = [(308, {"Location": location}, b"")]
    changed(site, "feed.atom")
    counts, (line,) = announce(site)
    assert counts == {"hub pings postponed": 1}
    assert line.isprintable()


def test_a_hub_that_speaks_no_http_stops_nothing(site: Site, hub: Server) -> None:
    with_hubs(site, hub.url)
    hub.answers = [(202, {"Content-Length": "4000", "Connection": "close"}, b"\x00short")]
    changed(site, "feed.atom")
    assert announce(site) == ({"hubs told": 1}, [])
    with_hubs(site, hub.url.replace("http://", "https://"))
    changed(site, "feed.atom")
    counts, (line,) = announce(site)
    assert counts == {"hub pings postponed": 1}
    assert line.isprintable()


def test_a_hub_that_left_the_configuration_is_told_no_more(site: Site, hub: Server) -> None:
    with_hubs(site, hub.url)
    changed(site, "feed.atom")
    with_hubs(site, "http://127.0.0.1:9/")
    assert announce(site) == ({}, [])
    assert (hub.received, waiting(site)) == ([], [])


_KILLED = """
import os, sys
from pathlib import Path
from publisher.config.load import load
from publisher.store import Store
from publisher.websub import Announcer
from collections import Counter
from datetime import UTC, datetime
config = load(Path(sys.argv[1]))
store = Store.open(config.database_file)
Announcer(config, store, lambda: datetime(2026, 11, 24, 4, tzinfo=UTC), lambda *_: None).announce(Counter(), [])
"""


def test_a_ping_survives_a_run_that_is_killed_while_it_is_sent(site: Site, hub: Server) -> None:
    with_hubs(site, hub.url)
    hub.patience.clear()
    changed(site, "feed.atom", "feed.rss")
    with subprocess.Popen([sys.executable, "-c", _KILLED, str(site.root / "config.toml")]) as process:
        ends = time.monotonic() + 20
        while not hub.received and time.monotonic() < ends:
            time.sleep(0.02)
        process.kill()
    assert hub.topics == ["feed.atom"]
    hub.patience.set()
    assert sorted(ping.attempts for ping in waiting(site)) == [0, 1]
    assert announce(site) == ({"hubs told": 2}, [])
    assert sorted(hub.topics) == ["feed.atom", "feed.atom", "feed.rss"]
