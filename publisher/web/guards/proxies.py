"""Who asks, and by which scheme, where proxies stand between: believed only if a configured one says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.config import Web

Networks = Sequence[IPv4Network | IPv6Network]

_PAIR = re.compile(r'\s*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*(?:;|$)')
_LONGEST = 4096


class Proxies:
    """Puts the client and the scheme in the place of the proxy's, before a request goes on."""

    def __init__(self, app: ASGIApp, web: Web) -> None:
        self._app, self._header = app, web.proxy_header
        self._networks = [ip_network(network) for network in web.proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if self._networks and scope["type"] == "http" and scope["client"]:
            found = said(self._header, scope["headers"])
            client, scheme = judged(scope["client"][0], found, self._networks)
            scope = {**scope, "client": (client, 0), "scheme": scheme or scope["scheme"]}
        await self._app(scope, receive, send)


def said(header: str, fields: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """What proxies say of whom they were asked by, each with the scheme or nothing, the nearest last."""

    def joined(name: bytes) -> str:
        return b",".join(value for key, value in fields if key == name).decode("latin-1")[-_LONGEST:]

    if header == "forwarded":
        return [_element(element) for element in joined(b"forwarded").split(",") if element.strip()]
    clients = [client.strip() for client in joined(b"x-forwarded-for").split(",") if client.strip()]
    schemes = [scheme.strip().lower() for scheme in joined(b"x-forwarded-proto").split(",")]
    # Proxies append to the one header and replace the other: only the last is surely theirs.
    return [(client, schemes[-1]) for client in clients] or ([("", schemes[-1])] if schemes[-1] else [])


def judged(peer: str, found: Sequence[tuple[str, str]], trusted: Networks) -> tuple[str, str]:
    """The client and the scheme (empty: that of the connection): the last who is not a trusted proxy."""
    client, scheme = peer, ""
    for before, by in reversed(found):
        if not _within(client, trusted):
            break
        scheme = by if by in ("http", "https") else scheme
        if not _plain(before):
            break
        client = _plain(before)
    return client, scheme


def _element(text: str) -> tuple[str, str]:
    """One hop of `Forwarded` (RFC 7239, section 4)."""
    found = {name.lower(): quoted or bare for name, quoted, bare in _PAIR.findall(text)}
    return found.get("for", ""), found.get("proto", "").lower()


def _plain(node: str) -> str:
    """An address without port and brackets; empty for a name that hides one."""
    node = node.strip()
    if node.startswith("["):
        node = node[1:].partition("]")[0]
    elif node.count(":") == 1:
        node = node.partition(":")[0]
    try:
        return str(ip_address(node))
    except ValueError:
        return ""


def _within(address: str, networks: Networks) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in networks)
