"""HTML inside feeds: readers show it away from its page, and on other origins."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from feedrules.text import is_web

_URLS = {"href", "src", "srcset", "poster", "action", "formaction", "cite", "background", "data"}
_ACTIVE = {"script", "style", "iframe", "object", "embed", "form", "base", "meta", "link", "template"}


def html(markup: str, what: str) -> list[str]:
    """What a reader would run, or could not follow."""
    reader = _Reader(what)
    reader.feed(markup)
    reader.close()
    return reader.found


def xhtml(root: Any, what: str) -> list[str]:
    """The same for elements that stand in the document itself."""
    found = []
    for node in root.iter("{http://www.w3.org/1999/xhtml}*"):
        found += element(node.tag.rpartition("}")[2], dict(node.items()), what)
    return found


def element(tag: str, attributes: dict[str, str | None], what: str) -> list[str]:
    """What one element has that it should not."""
    found = [f"{what} holds a {tag} element."] if tag in _ACTIVE else []
    for name, value in attributes.items():
        if name.startswith("on") or name == "style":
            found.append(f"{what} holds an attribute {name}.")
        elif name in _URLS:
            found += [line for one in _each(name, value or "") for line in _address(one, name, what)]
    return found


def _each(name: str, value: str) -> list[str]:
    if name != "srcset":
        return [value]
    return [one.split()[0] for one in value.split(",") if one.strip()]


def _address(value: str, name: str, what: str) -> list[str]:
    # Browsers drop blanks before, and tabs and newlines anywhere: so must whoever looks for a scheme.
    seen = re.sub(r"[\t\r\n]", "", value).lstrip("".join(map(chr, range(33))))
    scheme, colon, _ = seen.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return [f"{what} holds a relative URL in {name}: {value[:80]!r}."]
    if scheme.lower() in ("http", "https"):
        return [] if is_web(seen) else [f"{what} holds a broken URL in {name}: {value[:80]!r}."]
    if scheme.lower() == "mailto" and name == "href":
        return []
    return [f"{what} holds a {scheme.lower()}: URL in {name}: {value[:80]!r}."]


class _Reader(HTMLParser):
    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += element(tag, dict(attrs), self.what)
