"""Clients that take their time, or say too much before they have said anything."""

from __future__ import annotations

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


def test_many_who_say_nothing_keep_nobody_from_being_answered(web: WebApp) -> None:
    idle = [socket.create_connection(("127.0.0.1", web.port), timeout=10) for _ in range(200)]
    assert web.get("/").status == 200
    for connection in idle:
        assert connection.recv(1) == b""
        connection.close()
