"""`[web]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from publisher.config.table import Table


@dataclass(frozen=True, kw_only=True)
class Web(Table):
    """`[web]`: the built-in web server."""

    host: str = "127.0.0.1"
    """The address that it binds."""
    port: Annotated[int, Ge(1), Le(65535)] = 8000
    """The port that it binds."""
    url: str = ""
    """Where readers reach it: links to confirm, change and unsubscribe lead there; empty: mails offer mailto only."""
    metrics_env: str = "PUBLISHER_METRICS_TOKEN"
    """The environment variable with the token by which other machines may read `/metrics`; this machine needs none."""
    policy: str = ""
    """The Content-Security-Policy of pages, for own templates that need a wider one; empty: no script, own styles."""
    proxies: tuple[str, ...] = ()
    """Networks of the proxies in front of it, such as `127.0.0.1/32`: only these are believed who it is that asks."""
    proxy_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """The header in which those proxies say it; what clients send in it must not come through."""
    attempts_per_network: Annotated[int, Ge(1)] = 30
    """Subscriptions asked for in an hour from one IPv4 address, or one /64 network of IPv6, at most."""
    confirmations_per_address: Annotated[int, Ge(1)] = 3
    """Mails in a day that ask one address to confirm, at most."""
    confirmations_per_hour: Annotated[int, Ge(1)] = 1000
    """Mails in an hour that ask anybody to confirm, at most."""
