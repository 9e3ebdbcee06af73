"""JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

from typing import Any

import orjson

from publisher.errors import EntryError
from publisher.render.feeds.entry import Channel, Entry
from publisher.render.feeds.frames import Frame, Pieces

_MARK = b'"items":[]'


def entry(article: Entry) -> Pieces:
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
        item["tags"] = article.categories
    item["language"] = article.language
    if article.enclosures:
        item["attachments"] = [
            {"url": picture.url, "mime_type": picture.type}
            | ({"size_in_bytes": picture.length} if picture.length else {})
            for picture in article.enclosures
        ]
    return (_bytes(item),)


def frame(channel: Channel) -> Frame:
    """What stands around serialised items; older ones follow at `next_url`."""
    head: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.page,
        "feed_url": channel.url,
        "description": channel.about,
        "user_comment": channel.note,
        "next_url": channel.previous,
        "icon": channel.icon,
        "favicon": channel.icon,
        "language": channel.language,
        "authors": [{"name": channel.author}] if channel.author else [],
        "hubs": [{"type": "WebSub", "url": hub} for hub in channel.hubs],
    }
    text = _bytes({key: value for key, value in head.items() if value} | {"items": []})
    before, _, after = text.rpartition(_MARK)
    return Frame(before + b'"items":[\n', b",\n", b"\n]" + after + b"\n")


def _bytes(value: dict[str, Any]) -> bytes:
    try:
        # A copy, since orjson's own keeps room for the worst of escapes: 50 kB are taken for an entry of 7.
        return bytes(memoryview(orjson.dumps(value)))
    except orjson.JSONEncodeError as error:
        raise EntryError(f"cannot be written as JSON: {error}") from error
