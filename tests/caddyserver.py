"""A real Caddy on a socket of this machine, which serves one folder as a Caddyfile says."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Self

CADDY = shutil.which("caddy")
# No certificates, no port but the socket, and no folder but its own.
GLOBAL = "{\n  admin off\n  auto_https off\n}\n"


class CaddyServer:
    """Serves `folder` between `with` and its end; `site` is a Caddyfile as an owner would write it."""

    def __init__(self, folder: Path, site: str) -> None:
        self._own = Path(tempfile.mkdtemp(prefix="caddy-"))
        self._socket = self._own / "http"
        text = site.replace("news.example.org {", f"http://news.example.org {{\nbind unix/{self._socket}", 1)
        text = text.replace("root * /srv/news/public", f"root * {folder}")
        (self._own / "Caddyfile").write_text(GLOBAL + text, encoding="utf-8")

    def __enter__(self) -> Self:
        with (self._own / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(CADDY), "run", "--config", str(self._own / "Caddyfile"), "--adapter", "caddyfile"],
                env={"HOME": str(self._own)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 20
        while not (answers := self._answers()) and self._process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        if not answers:
            complaint = (self._own / "log").read_text(encoding="utf-8")
            shutil.rmtree(self._own)
            raise AssertionError(f"Caddy does not start: {complaint}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        shutil.rmtree(self._own)

    def _answers(self) -> bool:
        connection = self.connection()
        try:
            connection.connect()
        except OSError:
            return False
        finally:
            connection.close()
        return True

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def connection(self) -> HTTPConnection:
        """A connection to it."""
        return _Local(self._socket)


class _Local(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("news.example.org", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))
