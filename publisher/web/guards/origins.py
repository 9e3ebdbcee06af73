"""Whether a form was sent from a page of ours (Fetch Metadata; Fetch, section 3.2). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from urllib.parse import urlsplit


class Source(StrEnum):
    """`unsaid`: an old browser, or a program, says nothing of where the form stood."""

    OWN = "own"
    FOREIGN = "foreign"
    UNSAID = "unsaid"


def origin_of(url: str) -> str:
    """The origin of an address as browsers write it: without the port where that is the scheme's own."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != usual else ""
    return f"{parts.scheme}://{host}{port}"


def source_of(headers: Mapping[str, str], own: Collection[str]) -> Source:
    """Where a form was sent from; `own` are our origins."""
    origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
    if site in ("same-origin", "none"):
        return Source.OWN
    if origin:
        return Source.OWN if origin in own else Source.FOREIGN
    return Source.FOREIGN if site else Source.UNSAID
