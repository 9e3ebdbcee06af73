"""JSON Feed 1.1."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from feedrules import moments, text
from feedrules.entries import Item, together

_VERSION = "https://jsonfeed.org/version/1.1"
_NUMBER = (int, float)
_FEED = {
    **dict.fromkeys(("version", "title", "home_page_url", "feed_url", "description", "user_comment"), str),
    **dict.fromkeys(("next_url", "icon", "favicon", "language"), str),
    "authors": list,
    "expired": bool,
    "hubs": list,
    "items": list,
}
_ITEM = {
    **dict.fromkeys(("id", "url", "external_url", "title", "content_html", "content_text", "summary"), str),
    **dict.fromkeys(("image", "banner_image", "date_published", "date_modified", "language"), str),
    "authors": list,
    "tags": list,
    "attachments": list,
}
_AUTHOR = dict.fromkeys(("name", "url", "avatar"), str)
_HUB = {"type": str, "url": str}
_ATTACHMENT = {
    "url": str,
    "mime_type": str,
    "title": str,
    "size_in_bytes": _NUMBER,
    "duration_in_seconds": _NUMBER,
}
_URLS = {
    *("home_page_url", "feed_url", "next_url", "icon", "favicon", "url", "external_url", "image"),
    *("banner_image", "avatar"),
}


def faults(data: bytes, now: datetime | None) -> list[str]:
    """What is wrong with a JSON feed."""
    found: list[str] = []
    try:
        feed = json.loads(data, object_pairs_hook=lambda pairs: _once(pairs, found), parse_constant=_refuse)
    except ValueError as fault:
        return [f"The document is not JSON: {fault}."]
    if not isinstance(feed, dict):
        return ["The document is no JSON object."]
    found += _typed(feed, _FEED, "The feed") + _strings(feed, "feed") + _feed(feed)
    items = []
    for number, one in enumerate(_list(feed, "items"), 1):
        if isinstance(one, dict):
            items.append(_item(one, f"Item {number}", found))
        else:
            found.append(f"Item {number} is no object.")
    return found + together(items, None, now)


def _once(pairs: list[tuple[str, Any]], found: list[str]) -> dict[str, Any]:
    found += [f"A JSON object has the key {key!r} twice." for key in text.repeated(key for key, _ in pairs)]
    return dict(pairs)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _strings(value: Any, name: str) -> list[str]:
    """Characters of every string in the document, named by its key."""
    if isinstance(value, str):
        return text.characters(value, f"A string {name}")
    if isinstance(value, list):
        return [line for one in value for line in _strings(one, name)]
    if isinstance(value, dict):
        return [line for key, one in value.items() for line in _strings(one, key)]
    return []


def _typed(value: Any, keys: dict[str, Any], what: str, needed: tuple[str, ...] = ()) -> list[str]:
    if not isinstance(value, dict):
        return [f"{what} is no object."]
    found = [f"{what} has no {key}." for key in needed if not value.get(key)]
    for key, one in value.items():
        if key.startswith("_"):  # extensions
            continue
        if key not in keys:
            found.append(f"{what} has an unknown key {key!r}.")
        elif not isinstance(one, keys[key]) or (isinstance(one, bool) and keys[key] is not bool):
            found.append(f"{what} has a value of the wrong type in {key}: {one!r:.80}.")
        elif key in _URLS:
            found += text.url(one, f"The {key} of {what[0].lower()}{what[1:]}")
    return found


def _list(value: dict[str, Any], key: str) -> list[Any]:
    return value[key] if isinstance(value.get(key), list) else []


def _feed(feed: dict[str, Any]) -> list[str]:
    found = [f"The feed has no {key}." for key in ("items", "feed_url") if key not in feed]
    if feed.get("version") != _VERSION:
        found.append(f"The feed's version is not {_VERSION}.")
    if feed.get("next_url") is not None and feed["next_url"] == feed.get("feed_url"):
        found.append("The feed's next_url is its feed_url.")
    for hub in _list(feed, "hubs"):
        found += _typed(hub, _HUB, "A hub of the feed", ("type", "url"))
    found += text.language(feed.get("language"), "The feed") + _authors(feed, "the feed")
    return found + text.title(feed.get("title") if isinstance(feed.get("title"), str) else None, "The feed")


def _authors(owner: dict[str, Any], what: str) -> list[str]:
    found = []
    for one in _list(owner, "authors"):
        found += _typed(one, _AUTHOR, f"An author of {what}")
        if isinstance(one, dict) and not any(one.get(key) for key in _AUTHOR):
            found.append(f"An author of {what} has neither name, url nor avatar.")
    return found


def _item(item: dict[str, Any], what: str, found: list[str]) -> Item:
    found += _typed(item, _ITEM, what, ("id",)) + _authors(item, what.lower())
    if not any(isinstance(item.get(key), str) for key in ("content_html", "content_text")):
        found.append(f"{what} has neither content_html nor content_text.")
    found += text.title(item.get("title") if isinstance(item.get("title"), str) else None, what)
    if "language" in item:
        found += text.language(item["language"], what)
    for one in _list(item, "attachments"):
        found += _typed(one, _ATTACHMENT, f"An attachment of {what.lower()}", ("url", "mime_type"))
    tags = _list(item, "tags")
    found += [f"{what} has a tag that is no string: {tag!r}." for tag in tags if not isinstance(tag, str)]
    markup = item.get("content_html")
    return Item(
        what=what,
        id=item["id"] if isinstance(item.get("id"), str) else None,
        link=item["url"] if isinstance(item.get("url"), str) else None,
        published=_moment(item, "date_published", what, found),
        updated=_moment(item, "date_modified", what, found),
        dated="date_published" in item,
        categories=(tuple(tag for tag in tags if isinstance(tag, str)),),
        html=(markup,) if isinstance(markup, str) else (),
    )


def _moment(item: dict[str, Any], key: str, what: str, found: list[str]) -> datetime | None:
    return moments.rfc3339(item[key], f"{what}'s {key}", found) if key in item else None
