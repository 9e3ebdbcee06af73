"""What the configuration said of feeds at the last run: a change of it changes feeds without any article. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from typing import Any

from publisher.config import Config
from publisher.config import Feed as FeedTable
from publisher.planning.identity import digest_of

_BARS = ("min_articles", "found_articles")


def told(config: Config) -> dict[str, str]:
    """What is to be remembered of it, as settings."""
    bars = {name: getattr(config.keywords, name) for name in _BARS}
    feeds = {"feed": [asdict(table) for table in config.feed], **bars}
    return {
        "feeds": json.dumps(feeds, ensure_ascii=False),
        # What every entry says, whatever its article.
        "entries": digest_of([config.feeds.content, config.site.url, config.site.language]),
    }


def as_told(config: Config, feeds: str) -> Config:
    """The configuration with the feeds that it had when `feeds` was remembered; as it is where nothing was."""
    if not feeds:
        return config
    known = json.loads(feeds)
    tables = tuple(FeedTable(**_tupled(table)) for table in known["feed"])
    bars = {name: known[name] for name in _BARS if name in known}
    return replace(config, feed=tables, keywords=replace(config.keywords, **bars))


def _tupled(table: dict[str, Any]) -> dict[str, Any]:
    """Lists as they came from JSON; keys of another version are passed over."""
    names = {key.name for key in fields(FeedTable)}
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in table.items()
        if key in names
    }
