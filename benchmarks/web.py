"""A feed asked for by many at once: our own web server beside nginx, on the same files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from benchmarks.corpus import Corpus
from benchmarks.process import AT, HERE, WORK, measured, python, spread, verdict
from benchmarks.runs import CONFIG

sys.path.insert(0, str(HERE.parent / "tests"))

from documented import NGINX_SITE
from webserver import NGINX, WebServer

from publisher.output import Folder

CLIENTS, SECONDS, ROUNDS = 64, 5, 3
AIM = 0.15
"""At least this part of the rate of nginx with one worker."""
FEED, SIZE = "measured/feed.atom", 60_000
WRK = shutil.which("wrk")
_TITLE = f"## A feed of {SIZE // 1000} kB, {CLIENTS} connections"
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_LATE = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def section() -> str:
    """Ask both servers in turn, for what has not changed and for the whole feed in gzip."""
    if WRK is None or NGINX is None:
        return f"{_TITLE}\n\nNot measured: wrk or nginx is not here."
    root = WORK / "web"
    size = _published(root)
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for number in range(ROUNDS):
        servers = {"publisher": _ours, "nginx": _nginx}
        for name in [*servers][:: -1 if number % 2 else 1]:
            with servers[name](root) as port:
                tag = _tag(port)
                for kind, headers in (("304", {"If-None-Match": tag}), ("gzip", {})):
                    found.setdefault((kind, name), []).append(_asked(port, headers))
    return _said(found, size)


def _published(root: Path) -> int:
    """A site with a feed of that size beside those of a run; the octets of the feed in gzip."""
    Corpus.of(20).write(root / "seeds", range(60))
    (root / "config.toml").write_text(CONFIG, encoding="utf-8")
    measured(python("publisher", "-c", root / "config.toml", "--at", AT))
    feed = (root / "public" / "feed.atom").read_bytes()
    content = (feed * (SIZE // len(feed) + 1))[:SIZE]
    Folder(root / "public").put(FEED, content, ("gz", "br"))
    return (root / "public" / f"{FEED}.gz").stat().st_size


@contextmanager
def _ours(root: Path) -> Iterator[int]:
    process = subprocess.Popen(
        python("benchmarks.served", root / "config.toml"), stdout=subprocess.PIPE, cwd=HERE.parent
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _nginx(root: Path) -> Iterator[int]:
    with WebServer(root / "public", "access_log off;", site=NGINX_SITE) as served:
        yield served.port


def _tag(port: int) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("HEAD", f"/{FEED}", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200 or answer.headers["Content-Encoding"] != "gzip":
        raise SystemExit(f"the feed is not served: {answer.status}")
    return str(answer.headers["ETag"])


def _asked(port: int, headers: dict[str, str]) -> tuple[float, float]:
    """Answers a second, and the milliseconds that 99 of 100 did not exceed."""
    said = [f"--header={name}: {value}" for name, value in {"Accept-Encoding": "gzip", **headers}.items()]
    command = [str(WRK), "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency", *said]
    text = measured([*command, f"http://127.0.0.1:{port}/{FEED}"]).said
    rate, late = _RATE.search(text), _LATE.search(text)
    if rate is None or late is None or "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"wrk: {text}")
    return float(rate[1]), float(late[1]) * _UNITS[late[2]]


def _said(found: dict[tuple[str, str], list[tuple[float, float]]], size: int) -> str:
    rows, aims = [], []
    for kind, words in (("304", "304, nothing new"), ("gzip", f"200, {size:,} octets in gzip")):
        for name in ("publisher", "nginx"):
            rates, late = zip(*found[kind, name], strict=True)
            rows.append(f"| {words} | {name} | {_whole(rates)} | {spread(late)} |")
        pairs = zip(found[kind, "publisher"], found[kind, "nginx"], strict=True)
        shares = [ours[0] / theirs[0] for ours, theirs in pairs]
        aims.append(f"{kind}: {spread(shares)}: {verdict(median(shares) >= AIM)}")
    return f"""\
{_TITLE}

One process of ours (uvicorn, uvloop, httptools) and one worker of nginx, set up as docs/howto/web-server.md
says and without a log, serve the same files; `wrk` asks for {SECONDS} seconds over {CLIENTS} connections.
In turn, median of {ROUNDS}; in brackets the least and the most.

| answer | server | a second | 99 % within, ms |
|---|---|--:|--:|
{chr(10).join(rows)}

The aim: at least {AIM:.0%} of nginx's rate. {"; ".join(aims)}."""


def _whole(rates: Sequence[float]) -> str:
    return f"{median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"
