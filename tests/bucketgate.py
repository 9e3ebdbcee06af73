"""A real server for the S3 API, and what stands before it: that tells what was asked, refuses, or keeps silent."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.parse import unquote, urlsplit

import obstore
from conftest import Site
from obstore.store import S3Store

SERVER = Path(sys.prefix) / "s3" / "bin" / "moto_server"
DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'


@dataclass(frozen=True)
class Asked:
    """One request: its method, its object below the site (empty for the bucket), the key it was sent with."""

    method: str
    name: str
    key: str


Deed = str
"""What is done about a request: "pass", "refuse" (403) or "stall" (no answer)."""


@contextmanager
def running(host: str = "127.0.0.1") -> Iterator[str]:
    """The server, and its address."""
    with socket.socket() as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    command = [str(SERVER), "-H", host, "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address, ends = f"http://{host}:{port}", time.monotonic() + 60
        while True:
            with suppress(URLError, ConnectionError), urllib.request.urlopen(f"{address}/moto-api/"):
                break
            assert time.monotonic() < ends, "the server does not come up"
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def objects(store: S3Store) -> dict[str, bytes]:
    names = [item["path"] for some in obstore.list(store) for item in some]
    return {name: bytes(obstore.get(store, name).bytes()) for name in sorted(names)}


def files(site: Site) -> dict[str, bytes]:
    start = site.output
    return {f.relative_to(start).as_posix(): f.read_bytes() for f in sorted(start.rglob("*")) if f.is_file()}


def passed(_: Asked) -> Deed:
    return "pass"


def puts(deed: Deed, after: int) -> Callable[[Asked], Deed]:
    """Let so many objects be put; then something else is done about each that comes."""
    left, lock = [after], threading.Lock()

    def decide(asked: Asked) -> Deed:
        if asked.method != "PUT":
            return "pass"
        with lock:
            left[0] -= 1
            return "pass" if left[0] >= 0 else deed

    return decide


@dataclass
class Gate:
    """Hands requests on to the server at `behind`; `asked` has them in the order in which they were answered."""

    behind: str
    decide: Callable[[Asked], Deed] = passed
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._server.end.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def names(self, method: str) -> list[str]:
        """Of the objects that were asked for so."""
        return [one.name for one in self.asked if one.method == method]

    @property
    def methods(self) -> Sequence[str]:
        return [one.method for one in self.asked]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, gate: Gate) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gate, self.end = gate, threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        """Do about the request what the gate decides."""
        gate, body = self.server.gate, self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, _, name = unquote(urlsplit(self.path).path).lstrip("/").partition("/site/")
        key = self.headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]
        asked = Asked(self.command, name, key)
        deed = gate.decide(asked)
        if deed == "stall":
            self.server.end.wait(60)
            self.close_connection = True
        elif deed == "refuse":
            self._tell(403, {}, DENIED)
        else:
            self._hand_on(body)
        gate.asked.append(asked)

    def _hand_on(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(urlsplit(self.server.gate.behind).netloc, timeout=30)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            response = connection.getresponse()
            self._tell(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def _tell(self, status: int, fields: dict[str, str], content: bytes) -> None:
        head = self.command == "HEAD"
        with suppress(ConnectionError):
            self.send_response_only(status)
            for name, value in fields.items():
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value)
            length = fields.get("Content-Length", "0") if head else str(len(content))
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(b"" if head else content)

    def log_message(self, *_: object) -> None:
        """Nothing: tests ask `Gate.asked`."""
