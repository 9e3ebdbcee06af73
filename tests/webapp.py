"""Our own web server on a free port of this machine, in a thread, with a clock that a test sets."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from conftest import NOW
from conftest import Site as Folder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from publisher.config import Config
from publisher.mailing import tokens
from publisher.render.templates import Templates
from publisher.serving.web import answer
from publisher.stopping import Stop
from publisher.store import Store
from publisher.web import Site, application

MARK = re.compile(r'name="form" value="([^"]+)"')


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Go forward."""
        self.now += timedelta(**by)


def copied(made: Folder, root: Path) -> Folder:
    """A site as another one stands after its runs: copying takes a tenth of the time of a run."""
    site = Folder(root)
    shutil.copytree(made.root, root, dirs_exist_ok=True)
    return site


class Answer:
    """Status, headers in small letters, and body of one answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


def site_of(config: Config, clock: Clock) -> Site:
    """What pages are given."""
    store = Store.open(config.database_file)
    templates = Templates(config.templates_folder, config.site.language, config.zone)
    return Site(config, store, templates, clock, lambda: None, lambda: None, store.secret())


class WebApp:
    """Serves the site in a folder between `with` and its end; `more` is put behind its config.toml.

    `web` are more lines of its table `[web]`, whose `url` is where it runs.
    """

    def __init__(
        self,
        folder: Folder,
        *,
        web: str = "",
        more: str = "",
        clock: Clock | None = None,
        certificate: Callable[[str], bytes] = lambda url: b"",
        patience: float | None = None,
    ) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/"
        text = (folder.root / "config.toml").read_text(encoding="utf-8")
        folder.configure(f'{text}\n[web]\nurl = "{self.url}"\n{web}\n{more}')
        self._answers: list[tuple[str, int]] = []
        self.folder, self.clock = folder, clock or Clock()
        self.site = site_of(folder.config, self.clock)
        app = self._noted(application(self.site, certificate))
        self._stop = Stop()
        self._thread = threading.Thread(target=answer, args=(app, self._socket, self._stop, patience))

    def _noted(self, app: ASGIApp) -> ASGIApp:
        """The application, with a note of each answer."""

        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            async def note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._answers.append((scope["path"], message["status"]))
                await send(message)

            await app(scope, receive, note)

        return noting

    def statuses(self, path: str) -> list[int]:
        """The answers to requests for one address, oldest first."""
        return [status for asked, status in self._answers if asked == path]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.get("/").status in (
            200,
            307,
            404,
        )  # the socket listens already: this waits until it is served
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.ask()
        self._thread.join(15)
        self._socket.close()
        assert not self._thread.is_alive()

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request over a connection of its own; `path` goes out as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            sent = dict(headers or {})
            if body is not None:
                sent.setdefault("Content-Length", str(len(body)))
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """GET; underscores in names of headers are hyphens."""
        return self.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, fields: Any = (), **headers: str) -> Answer:
        """A form."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return self.ask("POST", path, sent, urlencode(fields, doseq=True).encode())

    def mark(self) -> str:
        """What our own form holds."""
        found = MARK.search(self.get("/subscribe").text)
        assert found
        return found[1]

    def subscribe(self, address: str, **fields: Any) -> Answer:
        """Our own form, filled in and sent."""
        return self.post("/subscribe", {"form": self.mark(), "address": address, "digest": "daily", **fields})

    def sign(self, purpose: str, number: int, *parts: str, now: datetime | None = None) -> str:
        """A token as mails hold it."""
        return tokens.sign(self.site.secret, purpose, number, *parts, now=now)


def raw(port: int, request: bytes, *, wait: float = 30) -> bytes:
    """What comes back for these octets until the server hangs up, or for so many seconds."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        connection.sendall(request)
        found = b""
        try:
            while piece := connection.recv(65536):
                found += piece
        except TimeoutError:
            pass
    return found
