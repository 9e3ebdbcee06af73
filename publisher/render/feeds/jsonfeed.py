"""JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from publisher.render.feeds.entry import Channel, Entry

_MARK = b'"items":[]'


def entry(article: Entry) -> bytes:
    """One item; `content_text` stands in where the feed holds summaries."""
    item: dict[str, Any] = {"id": article.id, "url": article.url, "title": article.title}
    if article.html:
        item["content_html"] = article.html
        item["summary"] = article.summary or article.title
    else:
        item["content_text"] = article.summary or article.title
    item["date_published"] = article.published.isoformat()
    item["date_modified"] = article.updated.isoformat()
    if article.authors:
        item["authors"] = [{"name": name} for name in article.authors]
    if article.categories:
        item["tags"] = [category.label for category in article.categories]
    item["language"] = article.language
    return _bytes(item)


def document(channel: Channel, entries: Sequence[bytes]) -> bytes:
    """A whole document around serialised items, newest first."""
    head: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.page,
        "feed_url": channel.url,
        "description": channel.description or channel.title,
        "language": channel.language,
    }
    if channel.author:
        head["authors"] = [{"name": channel.author}]
    head["items"] = []
    before, _, after = _bytes(head).rpartition(_MARK)
    return before + b'"items":[\n' + b",\n".join(entries) + b"\n]" + after + b"\n"


def _bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
