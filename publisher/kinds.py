"""What a file of the output is to a browser: its type, how long it keeps, and who may read it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "txt": "text/plain",
    # Browsers show the style sheet of a feed for this type only, and readers take it as well.
    "rss": "application/xml",
    "atom": "application/xml",
    "xml": "application/xml",
    "json": "application/feed+json",
    "opml": "text/x-opml",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "ico": "image/x-icon",
    "pdf": "application/pdf",
    "gz": "application/gzip",
}
_TEXTS = ("html", "css", "txt", "rss", "atom", "xml", "json", "opml", "svg")
_FEEDS = ("rss", "atom", "json", "opml")
_LOOKS = ("css", "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico")
_FEED = re.compile(r"(?:.*/)?feed\.(?:rss|atom|json)")
_ARCHIVE = re.compile(r"(?:.*/)?archive/.*feed\.[a-z]+")

DAY = 24 * 3600
PAGE = 5 * 60
"""Seconds that a page may be kept without asking."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Its media type; for how many seconds it keeps; whether pages of any site may read it; whether packing pays."""

    type: str
    keeps: int
    open: bool
    text: bool


def is_current_feed(path: str) -> bool:
    """Whether the file at `path` is a feed that gets news."""
    return bool(_FEED.fullmatch(path)) and not _ARCHIVE.fullmatch(path)


def kind_of(path: str, feeds_keep: int) -> Kind:
    """The kind of the file at `path`; current feeds keep for `feeds_keep` seconds, as they say themselves."""
    suffix = path.rpartition("/")[2].rpartition(".")[2]
    media, text = _TYPES.get(suffix, "application/octet-stream"), suffix in _TEXTS
    keeps = DAY if suffix in _LOOKS or _ARCHIVE.fullmatch(path) else PAGE
    if is_current_feed(path):
        keeps = feeds_keep
    return Kind(f"{media}; charset=utf-8" if text else media, keeps, suffix in _FEEDS, text)
