"""What every format is made of: one entry, and the channel that carries entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Category:
    """A keyword of an entry: `scheme` is the URL of the list of keywords, `term` its slug."""

    term: str
    label: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as a feed shows it. URLs are absolute; `html` is empty where feeds hold summaries."""

    id: str
    url: str
    title: str
    published: datetime
    updated: datetime
    summary: str
    html: str
    authors: tuple[str, ...]
    categories: tuple[Category, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Channel:
    """One feed. `updated` is the newest change among its entries (RFC 4287, section 4.2.15)."""

    id: str
    title: str
    description: str
    url: str
    page: str
    language: str
    author: str
    updated: datetime
