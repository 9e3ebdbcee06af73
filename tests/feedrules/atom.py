"""Atom 1.0: the grammar, and what RFC 4287 says in words."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from feedrules import content, moments, text, xmldoc
from feedrules.entries import Item, together
from feedrules.xmldoc import ATOM

_GRAMMAR = Path(__file__).parent.parent / "schemas/atom.rng"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HTML_PARTS = ("title", "summary", "content", "rights", "subtitle")


def faults(data: bytes, now: datetime | None) -> list[str]:
    """What is wrong with an Atom feed."""
    found: list[str] = []
    root = xmldoc.parse(data, found)
    if root is None:
        return found
    found += grammatical(root)
    if root.tag != f"{ATOM}feed":
        return [*found, "The root element is no Atom feed."]
    found += _feed(root)
    entries = root.findall(f"{ATOM}entry")
    items = [_entry(node, f"Entry {number}", found) for number, node in enumerate(entries, 1)]
    # As text: a fraction of a second may have more digits than a datetime.
    moments = [node.findtext(f"{ATOM}updated") for node in entries]
    found += [f"Two entries were updated at {one}." for one in text.repeated(filter(None, moments))]
    changed = _moment(root, "updated", "The feed", found)
    return found + together(items, changed, now)


@cache
def _grammar() -> Any:
    return etree.RelaxNG(etree.parse(_GRAMMAR))


def grammatical(root: Any) -> list[str]:
    """What the grammar finds."""
    rules = _grammar()
    if rules.validate(root):
        return []
    lines = dict.fromkeys(f"{one.message} (line {one.line})" for one in rules.error_log)
    return [f"The document breaks Atom's grammar: {line}." for line in lines]


def _feed(root: Any) -> list[str]:
    found = xmldoc.self_link(root) + xmldoc.archives(root) + _both(root, "The feed")
    found += text.language(root.get(_LANG), "The feed")
    entries = root.findall(f"{ATOM}entry")
    if root.find(f"{ATOM}author") is None:
        # 4.1.2: an author may also stand in the source that an entry was taken from.
        for number, node in enumerate(entries, 1):
            if node.find(f"{ATOM}author") is None and node.find(f"{ATOM}source/{ATOM}author") is None:
                found.append(f"Neither the feed nor entry {number} has an author.")
        if not entries:
            found.append("Neither the feed nor any entry has an author.")
    return found


def _both(node: Any, what: str) -> list[str]:
    """Rules that feeds and entries share."""
    found = text.title(node.findtext(f"{ATOM}title"), what)
    title = node.find(f"{ATOM}title")
    if title is not None and title.get("type", "text") != "text":
        found.append(f"{what} has a title that is not plain text.")
    found += text.identity(node.findtext(f"{ATOM}id") or "", f"The id of {what.lower()}")
    found += xmldoc.links(node, what.lower())
    alternates = [
        (link.get("type"), link.get("hreflang"))
        for link in node.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    ]
    if text.repeated(alternates):
        found.append(f"{what} has two alternate links of one type and language.")
    for part in _HTML_PARTS:
        for child in node.findall(f"{ATOM}{part}"):
            found += content.xhtml(child, what)
    return found


def _entry(node: Any, what: str, found: list[str]) -> Item:
    found += _both(node, what)
    links = [link for link in node.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    inside = node.find(f"{ATOM}content")
    if inside is None and not links:
        found.append(f"{what} has neither content nor an alternate link.")
    if inside is not None and _elsewhere(inside) and node.find(f"{ATOM}summary") is None:
        found.append(f"{what} has content that feeds cannot show, and no summary.")
    categories = node.findall(f"{ATOM}category")
    return Item(
        what=what,
        id=node.findtext(f"{ATOM}id"),
        link=links[0].get("href") if links else None,
        published=_moment(node, "published", what, found),
        updated=_moment(node, "updated", what, found),
        dated=node.find(f"{ATOM}published") is not None,
        categories=(
            tuple(f"{one.get('scheme', '')} {one.get('term')}".strip() for one in categories),
            tuple(one.get("label") for one in categories if one.get("label")),
        ),
        html=tuple(
            child.text or ""
            for part in _HTML_PARTS
            for child in node.findall(f"{ATOM}{part}")
            if child.get("type") in ("html", "text/html")
        ),
    )


def _elsewhere(inside: Any) -> bool:
    """4.1.2: content by address, or as Base64, which is neither text nor XML."""
    kind = inside.get("type", "text")
    textual = kind in ("text", "html", "xhtml") or kind.startswith("text/") or kind.endswith(("+xml", "/xml"))
    return inside.get("src") is not None or not textual


def _moment(node: Any, name: str, what: str, found: list[str]) -> datetime | None:
    written = node.findtext(f"{ATOM}{name}")
    return None if written is None else moments.rfc3339(written, f"{what}'s {name}", found)
