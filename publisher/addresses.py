"""Where everything stands in the output: the one place that knows the tree of DESIGN, section 5.

Paths are relative to the output's root, with ``/``; a page is its folder with a final ``/``.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from publisher.model import Chain

STYLE = "style.css"
FEED_STYLE = "feed.css"
ICON = "icon.png"
OPML = "feeds.opml"
KEYWORDS = "keywords/"
FEEDS = "feeds/"

SHARED = ("", STYLE, FEED_STYLE, ICON, OPML, KEYWORDS, FEEDS)
"""Files that list everything, or are the same for everything."""

SUBSCRIBE = "subscribe"
"""The page of the web server on which readers ask for mail; its other pages stand below."""

FEED_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


def article(published: datetime, slug: str) -> str:
    """The page of an article, under the date that its own zone shows."""
    return f"articles/{published:%Y/%m/%d}/{slug}/"


def keyword(slug: str) -> str:
    """The page of a keyword; its feeds stand beside it."""
    return f"keywords/{slug}/"


def combined(name: str) -> str:
    """The page of a feed of several keywords; its feed documents stand beside it."""
    return f"feeds/{name}/"


def archives(folder: str) -> str:
    """The folder of the archives of a feed."""
    return f"{folder}archive/"


def archive(folder: str, month: str, part: int = 1) -> str:
    """The page of a month (``2023-05``) of the feed whose page is `folder`; big months have parts."""
    year, _, number = month.partition("-")
    return f"{folder}archive/{year}/{number}/" + (f"{part}/" if part > 1 else "")


def place(chain: Chain) -> str:
    """The page beside a feed document: that of its month, or of the feed where it is no archive."""
    return archive(chain.feed, chain.month, chain.part) if chain.month else chain.feed


def digest(name: str) -> str:
    """The page that lists the editions of a digest; their feed stands beside it."""
    return f"digests/{name}/"


def edition(name: str, due: datetime, *, timed: bool) -> str:
    """The page of an edition; `timed` where a digest has several on one day."""
    return f"digests/{name}/{due:%Y-%m-%d-%H%M}/" if timed else f"digests/{name}/{due:%Y-%m-%d}/"


def feed(folder: str, form: str) -> str:
    """A feed document in one format (``rss``, ``atom``, ``json``) beside the page `folder`."""
    return f"{folder}feed.{form}"


def confirm(token: str) -> str:
    """Where a reader says that it was him who asked; a page of the web server, as the next two."""
    return f"confirm/{token}"


def preferences(token: str) -> str:
    """Where a reader changes what he gets."""
    return f"preferences/{token}"


def unsubscribe(token: str) -> str:
    """Where a reader leaves, and where his mail reader does so for him (RFC 8058)."""
    return f"unsubscribe/{token}"


def file_of(path: str) -> str:
    """The file that holds a page or document."""
    return f"{path}index.html" if path.endswith("/") or not path else path


def absolute(site_url: str, path: str) -> str:
    """The URL of a path of the output; a host or path in other letters is encoded (RFC 3986, 5890)."""
    return _ascii(site_url) + quote(path)


@lru_cache(maxsize=8)
def _ascii(site_url: str) -> str:
    parts = urlsplit(site_url)
    host = (parts.hostname or "").encode("idna").decode() if not parts.netloc.isascii() else ""
    port = f":{parts.port}" if parts.port else ""
    netloc = f"{host}{port}" if host else parts.netloc
    return urlunsplit(
        (parts.scheme, netloc, quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~") + "/", "", "")
    )


def root_from(path: str) -> str:
    """The relative way from the page `path` back to the root: ``../../`` or empty."""
    return "../" * path.count("/")
