"""Hubs in good and in bad moods: a real one that passes documents on, and servers that answer as told."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from conftest import NOW, Site
from flask import Flask
from flask_websub.hub import Hub, SQLite3HubStorage
from werkzeug.serving import make_server

from publisher import inspection
from publisher.model import Ping
from publisher.pipeline import quiet
from publisher.store import Store
from publisher.websub import Announcer, Limits, pings_for

SHORT = Limits(connect=0.5, read=0.5, run=10)
Answer = tuple[int, dict[str, str], bytes]


class Server(ThreadingHTTPServer):
    """A server that keeps what is posted to it and answers with the next of `answers`, or 202."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        self.received: list[tuple[str, dict[str, list[str]]]] = []
        self.connections: set[tuple[str, int]] = set()
        self.answers: list[Answer] = []
        self.patience = threading.Event()
        self.patience.set()
        super().__init__(("127.0.0.1", port), Teller)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    @property
    def topics(self) -> list[str]:
        return [fields["hub.topic"][0].rpartition("/")[2] for _, fields in self.received]


class Teller(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, parse_qs(body.decode())))
        self.server.connections.add(self.client_address)
        self.server.patience.wait(20)
        status, headers, words = self.server.answers.pop(0) if self.server.answers else (202, {}, b"")
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(words))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def hub() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server
        server.patience.set()


@pytest.fixture
def named(site: Site) -> Callable[..., Site]:
    """Names hubs in the configuration of a site."""

    def name(*hubs: str) -> Site:
        listed = ", ".join(f'"{one}"' for one in hubs)
        site.configure((site.root / "config.toml").read_text() + f"\n[feeds]\nwebsub = [{listed}]\n")
        return site

    return name


def changed(site: Site, *names: str) -> None:
    """As if a run had just put these documents in place."""
    pings = pings_for(site.config, [f"{site.config.site.url}{name}" for name in names])
    Store.open(site.config.database_file).record_documents((), (), pings)


def announce(
    site: Site, after: timedelta = timedelta(), limits: Limits = SHORT
) -> tuple[Counter[str], list[str]]:
    counts, failures = Counter[str](), list[str]()
    store = Store.open(site.config.database_file)
    Announcer(site.config, store, lambda: NOW + after, quiet, limits).announce(counts, failures)
    return +counts, failures


def waiting(site: Site) -> list[Ping]:
    with site.reading() as store:
        return store.waiting_pings()


def test_a_hub_gets_each_ping_once_over_one_connection(named: Callable[..., Site], hub: Server) -> None:
    site = named(hub.url)
    changed(site, "feed.atom", "feed.rss", "feed.json")
    assert announce(site) == ({"hubs told": 3}, [])
    path, fields = hub.received[0]
    topic = ["https://news.example.org/feed.atom"]
    assert (path, fields) == ("/", {"hub.mode": ["publish"], "hub.url": topic, "hub.topic": topic})
    assert hub.topics == ["feed.atom", "feed.json", "feed.rss"]
    assert len(hub.connections) == 1
    assert announce(site) == ({}, [])
    assert len(hub.received) == 3


def test_a_hub_that_is_down_is_tried_once_and_again_when_it_is_up(named: Callable[..., Site]) -> None:
    with serving(Server()) as gone:
        port = gone.server_port
    site = named(f"http://127.0.0.1:{port}/")
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


def test_a_hub_that_stays_down_is_given_up_and_named(named: Callable[..., Site]) -> None:
    with serving(Server()) as gone:
        url = gone.url
    site = named(url)
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


def test_a_dead_hub_keeps_no_news_from_another(named: Callable[..., Site], hub: Server) -> None:
    with serving(Server()) as gone:
        url = gone.url
    site = named(url, hub.url)
    changed(site, "feed.atom")
    counts, failures = announce(site)
    assert counts == {"hubs told": 1, "hub pings postponed": 1}
    assert len(failures) == 1
    assert [ping.hub for ping in waiting(site)] == [url]


@pytest.mark.parametrize("status", [400, 404, 410, 500])
def test_an_answer_that_is_no_success_is_tried_again(
    named: Callable[..., Site], hub: Server, status: int
) -> None:
    site = named(hub.url)
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
def test_a_hub_that_is_busy_is_left_alone_for_now(
    named: Callable[..., Site], hub: Server, status: int
) -> None:
    site = named(hub.url)
    hub.answers = [(status, {}, b"")]
    changed(site, "feed.atom", "feed.rss")
    assert announce(site)[0] == {"hub pings postponed": 2}
    assert len(hub.received) == 1


def test_a_hub_that_hangs_costs_one_time_out(named: Callable[..., Site], hub: Server) -> None:
    site = named(hub.url)
    hub.patience.clear()
    changed(site, "feed.atom", "feed.rss", "feed.json")
    before = time.monotonic()
    counts, failures = announce(site)
    assert time.monotonic() - before < 5
    assert counts == {"hub pings postponed": 3}
    assert failures == [f"{hub.url}: not told of 3 feeds: no answer in 0.5 s; tried again from 11:01"]
    assert len(hub.received) == 1


def test_what_a_run_has_no_time_for_is_told_by_the_next(named: Callable[..., Site], hub: Server) -> None:
    site = named(hub.url)
    changed(site, "feed.atom", "feed.rss")
    counts, failures = announce(site, limits=Limits(run=0))
    assert counts == {"hub pings postponed": 2}
    assert failures == [f"{hub.url}: not told of 2 feeds: no time left in this run; tried again from 11:00"]
    assert {ping.attempts for ping in waiting(site)} == {0}
    assert announce(site) == ({"hubs told": 2}, [])


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_is_followed_with_the_same_ping(
    named: Callable[..., Site], hub: Server, status: int
) -> None:
    site = named(hub.url)
    hub.answers = [(status, {"Location": "/moved"}, b"")]
    changed(site, "feed.atom")
    assert announce(site) == ({"hubs told": 1}, [])
    (first, fields), (second, again) = hub.received
    assert (first, second) == ("/", "/moved")
    assert fields == again


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_lose_the_ping_is_not_followed(
    named: Callable[..., Site], hub: Server, status: int
) -> None:
    site = named(hub.url)
    hub.answers = [(status, {"Location": "/moved"}, b"")]
    changed(site, "feed.atom")
    assert announce(site)[0] == {"hub pings postponed": 1}
    assert len(hub.received) == 1


def test_a_circle_of_redirects_ends(named: Callable[..., Site], hub: Server) -> None:
    site = named(hub.url)
    hub.answers = [(308, {"Location": "/"}, b"")] * 9
    changed(site, "feed.atom")
    _, (line,) = announce(site)
    assert "redirected more than 3 times" in line
    assert len(hub.received) == 4


@pytest.mark.parametrize(
    "location", ["file:///etc/hostname", "ftp://127.0.0.1/", "http://[", "http://a\x7fb/"]
)
def test_a_redirect_leads_to_web_addresses_only(
    named: Callable[..., Site], hub: Server, location: str
) -> None:
    site = named(hub.url)
    hub.answers = [(308, {"Location": location}, b"")]
    changed(site, "feed.atom")
    counts, (line,) = announce(site)
    assert counts == {"hub pings postponed": 1}
    assert line.isprintable()


def test_a_hub_that_speaks_no_http_stops_nothing(named: Callable[..., Site], hub: Server) -> None:
    site = named(hub.url)
    hub.answers = [(202, {"Content-Length": "4000", "Connection": "close"}, b"\x00short")]
    changed(site, "feed.atom")
    assert announce(site) == ({"hubs told": 1}, [])
    site = named_anew(site, hub.url.replace("http://", "https://"))
    changed(site, "feed.atom")
    counts, (line,) = announce(site)
    assert counts == {"hub pings postponed": 1}
    assert line.isprintable()


def named_anew(site: Site, hub: str) -> Site:
    text = (site.root / "config.toml").read_text().partition("\n[feeds]")[0]
    site.configure(f'{text}\n[feeds]\nwebsub = ["{hub}"]\n')
    return site


def test_a_hub_that_left_the_configuration_is_told_no_more(named: Callable[..., Site], hub: Server) -> None:
    site = named(hub.url)
    changed(site, "feed.atom")
    site = named_anew(site, "http://127.0.0.1:9/")
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


def test_a_ping_survives_a_run_that_is_killed_while_it_is_sent(
    named: Callable[..., Site], hub: Server
) -> None:
    site = named(hub.url)
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


class Task:
    """What the hub takes for a task of Celery: done at once."""

    class Request:
        retries = 0

    request = Request()

    def __init__(self, work: Callable[..., Any], bind: bool) -> None:
        self.delay = partial(work, self) if bind else work

    def retry(self, countdown: float) -> None:
        raise AssertionError("a subscriber did not take the document")


class Tasks:
    """Celery as far as the hub needs it, in the thread that asks."""

    def task(self, bind: bool = False, **_: Any) -> Callable[[Callable[..., Any]], Task]:
        return lambda work: Task(work, bind)


class Subscriber(ThreadingHTTPServer):
    """Confirms every subscription and keeps what the hub brings."""

    daemon_threads = True

    def __init__(self) -> None:
        self.confirmed: list[str] = []
        self.brought: list[tuple[str, bytes]] = []
        super().__init__(("127.0.0.1", 0), Callback)


class Callback(BaseHTTPRequestHandler):
    server: Subscriber

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.server.confirmed += query["hub.topic"]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(query["hub.challenge"][0].encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.brought.append((self.path, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class World:
    """A site that is served with its Link headers, a real hub, and a subscriber."""

    def __init__(self, site: Site, tmp: Path, stack: ExitStack) -> None:
        self.site = site
        app = Flask("hub")
        app.config["PUBLISH_SUPPORTED"] = True
        hub = Hub(SQLite3HubStorage(str(tmp / "hub.sqlite3")), Tasks(), **app.config)
        app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))
        self._hub = stack.enter_context(serving(make_server("127.0.0.1", 0, app, threaded=True)))
        self.hub = f"http://127.0.0.1:{self._hub.server_port}/hub"
        self.subscriber = stack.enter_context(serving(Subscriber()))
        served, links = site.output, self.hub

        class Files(SimpleHTTPRequestHandler):
            def __init__(self, *rest: Any) -> None:
                super().__init__(*rest, directory=str(served))

            def end_headers(self) -> None:
                own = f"http://127.0.0.1:{self.server.server_port}{self.path}"  # type: ignore[attr-defined]
                self.send_header("Link", f'<{links}>; rel="hub", <{own}>; rel="self"')
                super().end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        files = stack.enter_context(serving(ThreadingHTTPServer(("127.0.0.1", 0), Files)))
        self.url = f"http://127.0.0.1:{files.server_port}/"
        site.change('url = "https://news.example.org/"', f'url = "{self.url}"')
        site.configure((site.root / "config.toml").read_text() + f'\n[feeds]\nwebsub = ["{self.hub}"]\n')

    def subscribe(self, name: str) -> None:
        callback = f"http://127.0.0.1:{self.subscriber.server_port}/{name}"
        fields = {"hub.mode": "subscribe", "hub.topic": self.url + name, "hub.callback": callback}
        connection = HTTPConnection("127.0.0.1", self._hub.server_port, timeout=10)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/hub", urlencode(fields), headers)
        assert connection.getresponse().status == 202
        connection.close()
        assert self.subscriber.confirmed[-1] == self.url + name


@pytest.fixture
def world(site: Site, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(site, tmp_path, stack)


def test_a_subscriber_gets_the_new_document_from_the_hub(world: World) -> None:
    world.site.output.mkdir(parents=True)
    (world.site.output / "feed.atom").write_bytes(b"<feed>new</feed>")
    world.subscribe("feed.atom")
    changed(world.site, "feed.atom")
    assert announce(world.site, limits=Limits()) == ({"hubs told": 1}, [])
    assert world.subscriber.brought == [("/feed.atom", b"<feed>new</feed>")]


def test_a_run_tells_the_hub_when_the_new_document_is_in_place(world: World) -> None:
    world.site.article("a.txt", "Bài một", "Chuyện giao thông.")
    first = world.site.run()
    assert first.counts["hubs told"] > 0
    assert first.failures == []
    world.subscribe("feed.atom")
    world.site.article("b.txt", "Bài hai", "Chuyện ở Kiến An.", date="08:00 31/05/2023")
    outcome = world.site.run(NOW + timedelta(minutes=15))
    assert outcome.failures == []
    assert world.subscriber.brought == [("/feed.atom", (world.site.output / "feed.atom").read_bytes())]
    assert "Bài hai" in world.subscriber.brought[0][1].decode()
    assert world.site.run(NOW + timedelta(minutes=30)).counts["hubs told"] == 0
    assert len(world.subscriber.brought) == 1


def test_a_run_whose_hub_is_down_mails_and_tells_it_later(named: Callable[..., Site]) -> None:
    with serving(Server()) as gone:
        port = gone.server_port
    site = named(f"http://127.0.0.1:{port}/")
    site.article("a.txt", "Bài một", "Chuyện giao thông.")
    outcome = site.run()
    assert outcome.counts["sent"] == 1
    told = outcome.counts["hub pings postponed"]
    assert told > 0
    assert outcome.failures == [
        f"http://127.0.0.1:{port}/: not told of {told} feeds: connection refused; tried again from 11:01"
    ]
    with serving(Server(port)) as hub:
        again = site.run(NOW + timedelta(minutes=15))
        assert (again.counts["hubs told"], again.failures) == (told, [])
        assert len(hub.received) == told
    with site.reading() as store:
        assert store.last_runs()[0].counts["hubs told"] == told


def test_a_run_that_only_has_pings_left_sends_them(named: Callable[..., Site], hub: Server) -> None:
    site = named(hub.url)
    site.run()
    hub.received.clear()
    changed(site, "feed.atom")
    outcome = site.run(NOW + timedelta(minutes=15))
    assert (outcome.counts["hubs told"], hub.topics) == (1, ["feed.atom"])


def test_a_dry_run_tells_nobody_and_says_whom_it_would_tell(named: Callable[..., Site], hub: Server) -> None:
    site = named(hub.url)
    site.run()
    hub.received.clear()
    changed(site, "feed.atom")
    command = [sys.executable, "-m", "publisher", "-c", str(site.root / "config.toml")]
    shown = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=False).stdout
    assert f"Hubs\n  {hub.url}  told of " in shown
    assert "1 of them waiting" in shown
    assert (hub.received, len(waiting(site))) == ([], 1)


def test_the_command_ends_with_1_while_a_hub_is_not_told(named: Callable[..., Site]) -> None:
    with serving(Server()) as gone:
        url = gone.url
    site = named(url)
    changed(site, "feed.atom")
    command = [sys.executable, "-m", "publisher", "-c", str(site.root / "config.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{url}: not told of " in done.stderr
    assert "connection refused; tried again from " in done.stderr
    assert "  hubs " in done.stdout
    assert "postponed" in done.stdout


def test_a_run_that_tells_nobody_does_not_load_what_it_would_take(site: Site) -> None:
    program = (
        "import sys; from publisher.cli import main\n"
        "try: main()\n"
        "finally: assert 'urllib3' not in sys.modules"
    )
    command = [sys.executable, "-c", program, "-c", str(site.root / "config.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_status_shows_what_hubs_are_still_to_be_told(named: Callable[..., Site]) -> None:
    with serving(Server()) as gone:
        url = gone.url
    site = named(url)
    changed(site, "feed.atom", "feed.rss")
    with site.reading() as store:
        lines = inspection.report(site.config, store, NOW)["hubs"]
    assert lines == [f"{url}: to be told of 2 feeds, at the next run"]
    announce(site)
    with site.reading() as store:
        lines = inspection.report(site.config, store, NOW)["hubs"]
    assert lines == [f"{url}: to be told of 2 feeds, 2026-11-24 11:01 +0700: connection refused"]
