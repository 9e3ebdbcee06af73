"""A real nginx on a free port of this machine, which serves one folder and tells what it was asked."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
"""Debian keeps it where people who are not root do not look."""

# One worker, and no folder but its own: it runs the same for root and for anybody else. Only root may say who
# the worker is, and must: "nobody" could not enter the folders of a test. A lone process would do, but nginx
# 1.22 crashes where that one is handed its port.
FRAME = """\
{user}
{modules}
daemon off;
worker_processes 1;
pid {own}/pid;
events {{ worker_connections 512; }}
http {{
  client_body_temp_path {own}/body;
  proxy_temp_path {own}/proxy;
  fastcgi_temp_path {own}/fastcgi;
  uwsgi_temp_path {own}/uwsgi;
  scgi_temp_path {own}/scgi;
  log_format asked escape=json '{{"method":"$request_method","path":"$request_uri","status":$status,'
    '"agent":"$http_user_agent","none_match":"$http_if_none_match","modified_since":"$http_if_modified_since",'
    '"encoding":"$sent_http_content_encoding","sent":$body_bytes_sent}}';
  access_log {own}/access.log asked;
  {site}
}}
"""

SITE = """\
  types {
    text/html html;
    text/css css;
    text/plain txt;
    text/x-opml opml;
    application/rss+xml rss;
    application/atom+xml atom;
    application/feed+json json;
    application/xml xml;
    image/png png;
    image/jpeg jpg jpeg;
  }
  charset utf-8;
  charset_types text/css text/plain text/x-opml application/rss+xml application/atom+xml
    application/feed+json application/xml;
  etag on;
  gzip_static on;
  gzip_vary on;
  server {
    listen 80;
    server_name localhost;
    root /srv/news/public;
  }
"""
"""A configuration as an owner would write it; the port and the folder are replaced."""


@dataclass(frozen=True)
class Request:
    """One line of the access log: the request, and `status`, `encoding` and size of the answer.

    A header that was not sent is an empty text.
    """

    method: str
    path: str
    status: int
    agent: str
    none_match: str
    modified_since: str
    encoding: str
    sent: int


class WebServer:
    """Serves `folder` between `with` and its end; `directives` are more lines for nginx's first server block.

    `site` is what stands in its http block; `modules` are files that it loads.
    """

    def __init__(
        self, folder: Path, directives: str = "", *, site: str = SITE, modules: Sequence[Path] = ()
    ) -> None:
        assert NGINX is not None, "nginx is not installed"
        self._own = Path(tempfile.mkdtemp(prefix="nginx-"))
        # The port is bound here and handed over by nginx's own means for an upgrade without a pause:
        # nobody can take it in between, and whoever connects early waits instead of being refused.
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/"
        ready = "location = /-/ready { access_log off; return 204; }"
        site = site.replace("listen 80;", f"listen 80;\n{ready}\n{directives}", 1)
        text = FRAME.format(
            user="user root root;" if os.geteuid() == 0 else "",
            modules="".join(f"load_module {module};" for module in modules),
            own=self._own,
            site=site.replace("listen 80;", f"listen 127.0.0.1:{self.port};").replace(
                "root /srv/news/public;", f"root {folder};"
            ),
        )
        (self._own / "nginx.conf").write_text(text, encoding="utf-8")

    def __enter__(self) -> Self:
        own, handle = str(self._own), self._socket.fileno()
        self._process = subprocess.Popen(
            [str(NGINX), "-e", f"{own}/error.log", "-p", own, "-c", f"{own}/nginx.conf"],
            env={"PATH": os.defpath, "NGINX": f"{handle};"},
            pass_fds=(handle,),
            stderr=subprocess.DEVNULL,
        )
        self._socket.close()
        try:
            self._answer()
        except OSError as error:
            self.close()
            complaint = self.errors
            shutil.rmtree(self._own)
            raise AssertionError(f"nginx does not answer: {complaint}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        shutil.rmtree(self._own)

    def close(self) -> None:
        """End the process; what it logged stays readable until the end of `with`."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> None:
        with urllib.request.urlopen(f"{self.url}-/ready", timeout=10) as response:
            assert response.status == 204

    @property
    def errors(self) -> str:
        """What nginx complained of."""
        return (self._own / "error.log").read_text(encoding="utf-8")

    def requests(self, path: str | None = None) -> list[Request]:
        """What was asked so far, oldest first; `path` keeps only what concerns one address."""
        # nginx writes a line after it has sent the answer. Its only worker does one thing after the other,
        # so once it answers again, the lines of all answers before are there.
        if self._process.poll() is None:
            self._answer()
        lines = (self._own / "access.log").read_text(encoding="utf-8").splitlines()
        found = [Request(**json.loads(line)) for line in lines]
        return [request for request in found if path in (None, request.path)]

    def statuses(self, path: str) -> list[int]:
        """The answers to requests for one address, oldest first."""
        return [request.status for request in self.requests(path)]
