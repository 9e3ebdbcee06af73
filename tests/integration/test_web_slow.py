"""Clients that take their time, or say too much before they have said anything."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
from conftest import Site
from webapp import WebApp, raw


@pytest.fixture
def web(site: Site) -> Iterator[WebApp]:
    site.run()
    with WebApp(site, patience=0.3) as running:
        yield running


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_header_that_does_not_end_is_hung_up_on(web: WebApp, said: bytes) -> None:
    began = time.monotonic()
    assert raw(web.port, said) == b""
    assert time.monotonic() - began < 10


def test_a_header_that_trickles_has_no_more_time_than_another(web: WebApp) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
        began = time.monotonic()
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError):
            while time.monotonic() - began < 10:
                connection.sendall(b"X: y\r\n")
                time.sleep(0.05)
        assert time.monotonic() - began < 10


def test_a_later_request_over_the_connection_is_hung_up_on_as_the_first_is(web: WebApp) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
        for _ in range(3):
            connection.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n")
        assert connection.recv(65536) == b""


def test_a_header_without_end_is_not_kept(web: WebApp) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
        sent = 0
        with pytest.raises(OSError):
            while sent < 50 << 20:
                connection.sendall(b"X: " + b"a" * 8000 + b"\r\n" if sent else b"GET / HTTP/1.1\r\n")
                sent += 8000
    assert sent < 20 << 20


@pytest.mark.parametrize("trailer", [b"X: " + b"a" * 8000 + b"\r\n", b"a" * 8000], ids=["many", "one"])
def test_trailers_without_end_are_not_kept(web: WebApp, trailer: bytes) -> None:
    """RFC 9112, section 7.1.2."""
    head = b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: a"
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
        connection.sendall(head)
        sent = 0
        with pytest.raises(OSError):
            while sent < 50 << 20:
                connection.sendall(trailer)
                sent += len(trailer)
    assert sent < 20 << 20


def test_a_body_may_have_more_octets_than_a_header_and_trailers_that_count_for_nothing(web: WebApp) -> None:
    head = b"GET /feed.atom HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = (b"8000\r\n" + b"a" * 0x8000 + b"\r\n") * 8 + b"0\r\nRange: bytes=0-1\r\n\r\n"
    last = b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = raw(web.port, head + chunks + last)
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 2


def asked(web: WebApp, size: int) -> socket.socket:
    """A connection that asked for a file of so many octets, and has read none of them."""
    (web.folder.output / "large.png").write_bytes(bytes(size))
    connection = socket.create_connection(("127.0.0.1", web.port), timeout=10)
    connection.sendall(b"GET /large.png HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return connection


def octets(connection: socket.socket, pause: float = 0) -> int:
    """How many come until the server hangs up, with a pause after each piece."""
    count = 0
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(64 << 10):
            count += len(piece)
            time.sleep(pause)
    return count


def test_who_takes_nothing_of_an_answer_is_hung_up_on(web: WebApp) -> None:
    size = 32 << 20
    with asked(web, size) as connection:
        time.sleep(3)  # what is tested is that nothing is read for a while
        assert octets(connection) < size


def test_who_reads_slowly_gets_all_of_it(web: WebApp) -> None:
    size = 24 << 20
    with asked(web, size) as connection:
        assert octets(connection, 0.006) > size


def test_many_who_say_nothing_keep_nobody_from_being_answered(web: WebApp) -> None:
    idle = [socket.create_connection(("127.0.0.1", web.port), timeout=10) for _ in range(200)]
    assert web.get("/").status == 200
    for connection in idle:
        assert connection.recv(1) == b""
        connection.close()
