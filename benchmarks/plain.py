"""The same feeds as feedgen's own guide has it: a generator for each feed and format; a process of its own.

An article is read and its HTML made once, by the program's own function, and kept: only the building of
feeds differs from ours.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from feedgen.feed import FeedGenerator

from benchmarks.orders import SITE, TITLE, Order, Tally, orders_in, store_in
from benchmarks.shared import Item, Shelf
from publisher.store import Store


def main(folder: Path) -> None:
    """Make every order in every format, and print what was counted."""
    tally = Tally(folder / "plain")
    with Store.read_only(store_in(folder)) as store:
        shelf = Shelf(store)
        for number, order in enumerate(orders_in(folder)):
            items = shelf.items(order.articles)
            tally.take(number, "rss", generator(order, items, "rss").rss_str())
            tally.take(number, "atom", generator(order, items, "atom").atom_str())
            tally.take(number, "json", json_feed(order, items))
    tally.report()


def generator(order: Order, items: Sequence[Item], form: str) -> FeedGenerator:
    """One feed in one format with all its entries."""
    feed = FeedGenerator()
    page, updated = SITE + order.folder, max(item.article.updated for item in items)
    feed.id(page)
    feed.title(f"{order.label} · {TITLE}")
    feed.description(order.label)
    feed.subtitle(order.label)
    feed.language("vi")
    feed.author(name=TITLE)
    feed.link(href=f"{page}feed.{form}", rel="self")
    feed.link(href=page, rel="alternate")
    feed.updated(updated)
    feed.lastBuildDate(updated)
    for item in items:
        _add(feed, item)
    return feed


def json_feed(order: Order, items: Sequence[Item]) -> bytes:
    """One JSON Feed with all its items."""
    page = SITE + order.folder
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{order.label} · {TITLE}",
        "home_page_url": page,
        "feed_url": f"{page}feed.json",
        "description": order.label,
        "language": "vi",
        "authors": [{"name": TITLE}],
        "items": list(map(_json_item, items)),
    }
    return json.dumps(feed, ensure_ascii=False).encode()


def _add(feed: FeedGenerator, item: Item) -> None:
    article, entry = item.article, feed.add_entry(order="append")
    entry.id(article.id)
    entry.title(article.title)
    entry.link(href=item.url)
    entry.published(article.published)
    entry.updated(article.updated)
    for name in article.authors:
        entry.author(name=name)
    for keyword in article.keywords:
        entry.category(term=keyword.label, label=keyword.label)
    entry.summary(article.summary)
    entry.content(item.html, type="html")
    for url, length, kind in item.enclosures:
        entry.enclosure(url, str(length), kind)


def _json_item(item: Item) -> dict[str, Any]:
    article = item.article
    return {
        "id": article.id,
        "url": item.url,
        "title": article.title,
        "content_html": item.html,
        "summary": article.summary,
        "date_published": article.published.isoformat(),
        "date_modified": article.updated.isoformat(),
        "authors": [{"name": name} for name in article.authors],
        "tags": [keyword.label for keyword in article.keywords],
        "language": article.language,
        "attachments": [
            {"url": url, "mime_type": kind, "size_in_bytes": length} for url, length, kind in item.enclosures
        ],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
