"""Feeds read back from their files, as a reader would walk them: from the newest to the oldest document.

Knows nothing of the program: XML, JSON, and what RFC 5005 and JSON Feed say of the ways between documents.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

SITE = "https://news.example.org/"
ATOM = "{http://www.w3.org/2005/Atom}"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
FORMS = ("rss", "atom", "json")


@dataclass(frozen=True)
class Page:
    """A feed document: ids of its entries and titles in their order, links by what they mean, and whether it
    says that it is an archive."""

    ids: list[str]
    titles: list[str]
    links: dict[str, str]
    archive: bool
    raw: bytes = field(repr=False)


def read(raw: bytes, form: str) -> Page:
    if form == "json":
        return _json(raw)
    root = etree.fromstring(raw)
    feed = root[0] if form == "rss" else root
    one, name = ("item", "guid") if form == "rss" else (f"{ATOM}entry", f"{ATOM}id")
    title = "title" if form == "rss" else f"{ATOM}title"
    entries = feed.findall(one)
    links = [(str(link.get("rel")), str(link.get("href"))) for link in feed.findall(f"{ATOM}link")]
    assert len({rel for rel, _ in links}) == len(links), links
    return Page(
        [entry.findtext(name) or "" for entry in entries],
        [entry.findtext(title) or "" for entry in entries],
        dict(links),
        len(feed.findall(ARCHIVE)) == 1,
        raw,
    )


def _json(raw: bytes) -> Page:
    """JSON Feed has no word for archives: only the way to older items."""
    feed = json.loads(raw)
    links = {"self": feed["feed_url"]}
    if "next_url" in feed:
        links["prev-archive"] = feed["next_url"]
    items = feed["items"]
    return Page([one["id"] for one in items], [one["title"] for one in items], links, False, raw)


def at(output: Path, url: str) -> bytes:
    """What a web server sends for a URL of the site."""
    assert url.startswith(SITE)
    return (output / unquote(url.removeprefix(SITE))).read_bytes()


def walk(output: Path, folder: str, form: str, rel: str = "prev-archive", start: str = "") -> list[Page]:
    """The document of the feed (or at the URL `start`), and those that `rel` leads to."""
    found: list[Page] = []
    url = start or f"{SITE}{folder}feed.{form}"
    while url:
        assert len(found) < 1_000, "it goes round and round"
        page = read(at(output, url), form)
        assert page.links["self"] == url
        found.append(page)
        url = page.links.get(rel, "")
    return found
