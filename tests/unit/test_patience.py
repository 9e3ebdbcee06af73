"""How long a header may take, by a clock that a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from publisher.serving.patience import LARGEST, PATIENCE, Patient, waiting


class Loop(asyncio.SelectorEventLoop):
    """Its time goes on when it is told to."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        """What is due in so many seconds is done, and what that sets off."""
        self.now += seconds
        for _ in range(5):
            self.call_soon(self.stop)
            self.run_forever()


class Line(asyncio.Transport):
    """The other end of a connection."""

    def __init__(self) -> None:
        super().__init__()
        self.heard, self.closed = b"", False

    def write(self, data: Any) -> None:
        self.heard += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


def connected(loop: Loop, kind: type[Patient] = Patient) -> tuple[Patient, Line]:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    settings = Config(application, log_config=None, lifespan="off", timeout_keep_alive=1000)
    settings.load()
    line, client = Line(), kind(settings, ServerState(), {}, loop)
    client.connection_made(line)
    return client, line


def test_who_says_nothing_is_hung_up_on_when_the_time_is_over(loop: Loop) -> None:
    _, line = connected(loop)
    loop.pass_by(PATIENCE - 1)
    assert not line.closed
    loop.pass_by(1)
    assert line.closed


def test_what_trickles_in_gives_no_more_time(loop: Loop) -> None:
    client, line = connected(loop)
    client.data_received(b"GET / HTTP/1.1\r\n")
    for _ in range(4):
        loop.pass_by(PATIENCE / 4 - 0.1)
        client.data_received(b"X: y\r\n")
        assert not line.closed
    loop.pass_by(0.4)
    assert line.closed


def test_each_request_of_a_connection_has_its_own_time(loop: Loop) -> None:
    client, line = connected(loop)
    for number in range(3):
        client.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n")
        loop.pass_by(PATIENCE - 1)
        client.data_received(b"\r\n")
        loop.pass_by(PATIENCE)
        assert (line.heard.count(b"HTTP/1.1 204 "), line.closed) == (number + 1, False)
    client.data_received(b"GET / HTTP/1.1\r\n")
    loop.pass_by(PATIENCE)
    assert line.closed


def test_a_header_that_grows_on_is_hung_up_on_at_once(loop: Loop) -> None:
    client, line = connected(loop)
    client.data_received(b"GET / HTTP/1.1\r\n")
    for _ in range(LARGEST // 8192):
        assert not line.closed
        client.data_received(b"X: " + b"a" * 8192 + b"\r\n")
    assert line.closed


def test_another_patience_is_kept_to(loop: Loop) -> None:
    _, line = connected(loop, waiting(3))
    loop.pass_by(2)
    assert not line.closed
    loop.pass_by(1)
    assert line.closed
