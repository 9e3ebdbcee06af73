"""The web server of the process: a socket that is bound before anything runs, and uvicorn behind it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from publisher.config import Web
from publisher.errors import PublisherError
from publisher.stopping import Stop

Application = Callable[[Any, Any, Any], Awaitable[None]]
"""What ASGI has: a scope, a way to receive and a way to send."""

_BACKLOG = 2048
_GRACE = 3
"""Seconds that answers which are under way have to end in."""
_PRIVILEGED = 1024
_TICKS = 10
"""What a second is to uvicorn, which renews the date of its answers then."""


def bound(web: Web) -> socket.socket:
    """A socket at the host and port of the configuration (`PublisherError` where it cannot be had)."""
    place = f"{web.host}:{web.port}"
    try:
        found = socket.getaddrinfo(web.host, web.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        hint = 'set host under [web] to an address of this machine, such as "127.0.0.1"'
        raise PublisherError(f"{place}: no such host: {error.strerror or error}", hint=hint) from None
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise PublisherError(f"{place}: {_why(error)}", hint=_hint(error, web)) from None
    return listener


def address_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds a listener."""
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def answer(
    application: Application, listener: socket.socket, stop: Stop, patience: float | None = None
) -> None:
    """Answer requests until it is time to stop; `patience` is another than the usual, in seconds."""
    import asyncio

    import uvicorn

    from publisher.serving.patience import PATIENCE, waiting

    class Server(uvicorn.Server):
        """Looks once a second, and when it is told to leave: uvicorn's ten times cost more than all else at rest."""

        async def main_loop(self) -> None:
            leaving, loop, tick = asyncio.Event(), asyncio.get_running_loop(), 0
            with stop.telling(lambda: loop.call_soon_threadsafe(leaving.set)):
                while not await self.on_tick(tick):
                    tick = (tick + _TICKS) % 864_000
                    with suppress(TimeoutError):
                        await asyncio.wait_for(leaving.wait(), 1)

    settings = uvicorn.Config(
        application,
        loop="uvloop",
        http=waiting(patience or PATIENCE),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    server = Server(settings)

    def leave() -> None:
        server.should_exit = True

    with listener, stop.telling(leave):
        server.run(sockets=[listener])


def _why(error: OSError) -> str:
    return {
        errno.EADDRINUSE: "the port is taken",
        errno.EACCES: "no permission to bind the port",
        errno.EADDRNOTAVAIL: "not an address of this machine",
    }.get(error.errno or 0, error.strerror or str(error))


def _hint(error: OSError, web: Web) -> str:
    if error.errno == errno.EADDRINUSE:
        return "is publish serve running already? port under [web], or --port, takes another"
    if error.errno == errno.EACCES and web.port < _PRIVILEGED:
        return "ports below 1024 are for root: take 8000, with nginx or Caddy in front"
    return "set host and port under [web]"
