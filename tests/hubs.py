"""Hubs and subscribers for tests: a real hub that passes documents on, and servers that answer as told."""

from __future__ import annotations

import threading
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

from conftest import NOW, Site
from flask import Flask
from flask_websub.hub import Hub, SQLite3HubStorage
from werkzeug.serving import make_server

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


def with_hubs(site: Site, *hubs: str) -> Site:
    """The same site, which names these hubs and no others."""
    text = (site.root / "config.toml").read_text(encoding="utf-8").partition("\n[feeds]")[0]
    listed = ", ".join(f'"{one}"' for one in hubs)
    site.configure(f"{text}\n[feeds]\nwebsub = [{listed}]\n")
    return site


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
                own = f"http://127.0.0.1:{self.server.server_port}{self.path}"
                self.send_header("Link", f'<{links}>; rel="hub", <{own}>; rel="self"')
                super().end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        files = stack.enter_context(serving(ThreadingHTTPServer(("127.0.0.1", 0), Files)))
        self.url = f"http://127.0.0.1:{files.server_port}/"
        site.change('url = "https://news.example.org/"', f'url = "{self.url}"')
        with_hubs(site, self.hub)

    def subscribe(self, name: str) -> None:
        callback = f"http://127.0.0.1:{self.subscriber.server_port}/{name}"
        fields = {"hub.mode": "subscribe", "hub.topic": self.url + name, "hub.callback": callback}
        connection = HTTPConnection("127.0.0.1", self._hub.server_port, timeout=10)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/hub", urlencode(fields), headers)
        assert connection.getresponse().status == 202
        connection.close()
        assert self.subscriber.confirmed[-1] == self.url + name
