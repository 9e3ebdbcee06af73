"""JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from publisher.render.feeds.entry import Channel, Entry, encoded
from publisher.render.feeds.shapes import joined

_MARK = '"items":[]'


def entry(article: Entry) -> tuple[bytes, ...]:
    """One item; `content_text` stands in where the feed holds summaries."""
    item: dict[str, Any] = {"id": article.id, "url": article.url, "title": article.title}
    if article.html:
        item["content_html"] = article.html
        item["summary"] = article.lead
    else:
        item["content_text"] = article.lead
    if article.enclosures:
        item["image"] = article.enclosures[0].url
    item["date_published"] = article.published.isoformat()
    item["date_modified"] = article.updated.isoformat()
    if article.authors:
        item["authors"] = [{"name": name} for name in article.authors]
    if article.categories:
        item["tags"] = [category.label for category in article.categories]
    item["language"] = article.language
    if article.enclosures:
        item["attachments"] = [
            {"url": picture.url, "mime_type": picture.type}
            | ({"size_in_bytes": picture.length} if picture.length else {})
            for picture in article.enclosures
        ]
    return (encoded(_text(item)),)


def document(channel: Channel, entries: Sequence[Sequence[bytes]]) -> bytes:
    """A whole document around serialised items, newest first; older ones follow at `next_url`."""
    head: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.page,
        "feed_url": channel.url,
        "description": channel.description or channel.title,
        "user_comment": channel.note,
        "next_url": channel.previous,
        "icon": channel.icon,
        "favicon": channel.icon,
        "language": channel.language,
        "authors": [{"name": channel.author}] if channel.author else [],
        "hubs": [{"type": "WebSub", "url": hub} for hub in channel.hubs],
    }
    text = _text({key: value for key, value in head.items() if value} | {"items": []})
    before, _, after = text.rpartition(_MARK)
    return joined(encoded(before + '"items":[\n'), entries, b",\n", encoded(f"\n]{after}\n"))


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
