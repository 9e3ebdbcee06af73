"""RSS 2.0 as the Advisory Board's specification and profile have it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from lxml import etree

from feedrules import moments, text, xmldoc
from feedrules.entries import Item, together
from feedrules.xmldoc import ATOM

_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CHANNEL_ONCE = {
    *("title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate"),
    *("lastBuildDate", "generator", "docs", "cloud", "ttl", "image", "rating", "textInput"),
    *("skipHours", "skipDays"),
}
_ITEM_ONCE = {"title", "link", "description", "author", "comments", "enclosure", "guid", "pubDate", "source"}
_DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
_NAMED = re.compile(rb"<title\b[^>]*>([^<]*(?:<!\[CDATA\[.*?\]\]>[^<]*)*)</title>", re.DOTALL)


def faults(data: bytes, now: datetime | None) -> list[str]:
    """What is wrong with an RSS feed."""
    found: list[str] = []
    root = xmldoc.parse(data, found)
    if root is None:
        return found
    if root.tag != "rss" or root.get("version") != "2.0":
        found.append("The root element is not rss of version 2.0.")
    channels = root.findall("channel")
    if len(channels) != 1:
        return [*found, f"The document has {len(channels)} channels, not one."]
    channel = channels[0]
    found += _names(channel, "The channel", _CHANNEL_ONCE, {"category", "item"}) + _channel(channel, found)
    found += _titles(data)
    items = [_item(node, f"Item {number}", found) for number, node in enumerate(channel.findall("item"), 1)]
    for name in ("pubDate", "lastBuildDate"):
        changed = _moment(channel, name, "The channel", found)
    return found + together(items, changed, now)


def _names(node: Any, what: str, once: set[str], often: set[str]) -> list[str]:
    names = [child.tag for child in node.iterchildren(etree.Element)]
    found = [f"{what} has two {name} elements." for name in text.repeated(n for n in names if n in once)]
    unknown = sorted(name for name in set(names) - once - often if not name.startswith("{"))
    return found + [f"{what} has an unknown element {name}." for name in unknown]


def _channel(node: Any, found: list[str]) -> list[str]:
    found += text.title(node.findtext("title"), "The channel")
    for name in ("link", "description"):
        if not (node.findtext(name) or "").strip():
            found.append(f"The channel has no {name}.")
    found += text.url(node.findtext("link") or "", "The link of the channel", ascii_only=True)
    found += text.language(node.findtext("language"), "The channel")
    found += xmldoc.self_link(node) + xmldoc.links(node, "the channel") + xmldoc.archives(node)
    ttl = node.findtext("ttl")
    if ttl is not None and not re.fullmatch("[0-9]*[1-9][0-9]*", ttl):
        found.append(f"The channel's ttl is no positive number: {ttl!r}.")
    for name in ("managingEditor", "webMaster"):
        if "@" not in node.findtext(name, "@"):
            found.append(f"The channel's {name} has no address.")
    return _image(node) + _skips(node)


def _image(channel: Any) -> list[str]:
    image = channel.find("image")
    if image is None:
        return []
    found = _names(image, "The image", {"url", "title", "link", "width", "height", "description"}, set())
    found += text.url(image.findtext("url") or "", "The url of the image", ascii_only=True)
    for name in ("title", "link"):
        if image.findtext(name) != channel.findtext(name):
            found.append(f"The image's {name} is not the channel's.")
    for name, most in (("width", 144), ("height", 400)):
        size = image.findtext(name, "1")
        if not (size.isdecimal() and 0 < int(size) <= most):
            found.append(f"The image's {name} is not among 1 to {most}: {size!r}.")
    return found


def _skips(channel: Any) -> list[str]:
    hours = [node.text or "" for node in channel.findall("skipHours/hour")]
    days = [node.text or "" for node in channel.findall("skipDays/day")]
    found = [f"The channel skips an impossible hour: {one!r}." for one in hours if not _is_hour(one)]
    found += [f"The channel skips an impossible day: {one!r}." for one in days if one not in _DAYS]
    return found + [f"The channel skips {one!r} twice." for one in text.repeated(hours + days)]


def _is_hour(written: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,2}", written)) and int(written) < 24


def _titles(data: bytes) -> list[str]:
    """The profile's advice: markup characters as hexadecimal references, which every reader shows alike."""
    found = []
    for match in _NAMED.finditer(data):
        bare = re.search(rb"&(?:amp|lt|#0*38|#0*60);|<!\[CDATA\[", match[1])
        if bare:
            found.append(f"A title writes {bare[0].decode()!r} where it should hold &#x26; or &#x3C;.")
    return found


def _item(node: Any, what: str, found: list[str]) -> Item:
    found += _names(node, what, _ITEM_ONCE | {_ENCODED}, {"category"})
    found += text.title(node.findtext("title"), what)
    link = node.findtext("link")
    if link is not None:
        found += text.url(link, f"The link of {what.lower()}", ascii_only=True)
    found += xmldoc.links(node, what.lower()) + _guid(node, what) + _description(node, what)
    found += _people(node, what) + _enclosure(node, what)
    source = node.find("source")
    if source is not None:
        found += text.url(source.get("url", ""), f"The source of {what.lower()}", ascii_only=True)
    changed = node.findtext(f"{ATOM}updated")
    return Item(
        what=what,
        id=node.findtext("guid"),
        link=link,
        published=_moment(node, "pubDate", what, found),
        updated=None if changed is None else moments.rfc3339(changed, f"{what}'s updated", found),
        dated=node.find("pubDate") is not None,
        categories=(
            tuple(f"{one.get('domain', '')} {one.text}".strip() for one in node.findall("category")),
        ),
        html=tuple(filter(None, (node.findtext("description"), node.findtext(_ENCODED)))),
    )


def _guid(node: Any, what: str) -> list[str]:
    guid = node.find("guid")
    if guid is None or not (guid.text or "").strip():
        return [f"{what} has no guid."]
    permanent = guid.get("isPermaLink", "true")
    if permanent not in ("true", "false"):
        return [f"{what} has an isPermaLink that is neither true nor false."]
    if permanent == "true" and not text.is_web(guid.text):
        return [f'{what} has a guid that is no URL without isPermaLink="false".']
    return []


def _description(node: Any, what: str) -> list[str]:
    if node.find(_ENCODED) is None:
        return []
    names = [child.tag for child in node]
    if "description" not in names:
        return [f"{what} has content:encoded without a description."]
    if names.index("description") > names.index(_ENCODED):
        return [f"{what} has its description behind content:encoded."]
    return []


def _people(node: Any, what: str) -> list[str]:
    author = node.findtext("author")
    found = []
    if author is not None and not re.search(r"[^\s@]+@[^\s@]+", author):
        found.append(f"{what} has an author without an address.")
    if author is not None and node.find(_CREATOR) is not None:
        found.append(f"{what} has both author and dc:creator.")
    if any(not (one.text or "").strip() for one in node.findall(_CREATOR)):
        found.append(f"{what} has an empty dc:creator.")
    return found


def _enclosure(node: Any, what: str) -> list[str]:
    found = []
    for one in node.findall("enclosure"):
        found += text.url(one.get("url", ""), f"The enclosure of {what.lower()}", ascii_only=True)
        if not re.fullmatch("[0-9]+", one.get("length", "")):
            found.append(f"The enclosure of {what.lower()} has no length in digits.")
        if not re.fullmatch(r"[^\s/]+/[^\s/]+", one.get("type", "")):
            found.append(f"The enclosure of {what.lower()} has no media type.")
    return found


def _moment(node: Any, name: str, what: str, found: list[str]) -> datetime | None:
    written = node.findtext(name)
    return None if written is None else moments.rfc822(written, f"{what}'s {name}", found)
