"""One article as a table of names and values → a draft, by the names that people and programs use for its parts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from publisher.errors import SeedError
from publisher.model import Block, BlockKind, Draft, Picture
from publisher.reading.cleaning import clean, clean_line
from publisher.reading.dates import parse_date
from publisher.reading.declared import keywords, language_tag, names, split_keywords, split_names
from publisher.reading.options import Options

USUAL: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline", "name"),
    "published": (
        "published", "date_published", "datePublished", "published_at", "publishedAt", "publishAt", "pubDate",
        "publish_date", "date", "created_at", "createdAt", "created", "time",
    ),
    "updated": ("updated", "date_modified", "dateModified", "updated_at", "updatedAt", "modified", "lastmod"),
    "summary": ("summary", "description", "sapo", "lead", "abstract", "excerpt"),
    "body": (
        "content_html", "html", "body", "content", "content_text", "text", "article", "articleBody", "maintext",
        "paragraphs",
    ),
    "authors": ("authors", "author", "byline", "creator", "reference"),
    "keywords": ("keywords", "tags", "topics", "categories"),
    "language": ("language", "lang", "inLanguage"),
    "id": ("id", "_id", "guid", "uuid", "slug"),
    "url": ("url", "link", "canonical_url", "canonicalUrl"),
    "image": ("image", "thumbnail", "cover", "banner_image"),
}  # fmt: skip
"""The names that are tried for each part, in this order, where the configuration has none."""

_MARKUP = re.compile(
    r"<(?:p|br|div|h[1-6]|ul|ol|li|a|img|figure|blockquote|span|strong|em|b|i)\b[^<>]*>", re.IGNORECASE
)
_MILLISECONDS = 100_000_000_000
"""A number of seconds as large as this would be in the year 5138."""


@dataclass(frozen=True, slots=True)
class Record:
    """An article of a file: its number from 1, its line (0 where lines mean nothing), and its values by name.

    `fault` says why there are none.
    """

    number: int
    line: int
    values: Mapping[str, Any]
    fault: SeedError | None = None

    @property
    def digest(self) -> str:
        """By which an unchanged article is known."""
        said = (
            json.dumps(self.values, sort_keys=True, ensure_ascii=True, default=str) if not self.fault else ""
        )
        return hashlib.blake2b(said.encode() or f"{self.line}".encode(), digest_size=16).hexdigest()

    @property
    def name(self) -> str:
        """What the file calls the article; empty where it has no name."""
        return next(
            (_line(self.values[key]) for key in (*USUAL["id"], *USUAL["url"]) if self.values.get(key)), ""
        )

    def draft(self, options: Options) -> Draft:
        """The draft in it (SeedError where there is no title, date or text)."""
        if self.fault:
            raise self.fault
        part = _Parts(self.values, options)
        title, published = _line(part["title"]), _moment(part["published"], options) or options.undated
        if not title:
            raise SeedError("no title", hint=_hint("title"))
        if published is None:
            raise SeedError("no date", hint=_hint("published"))
        url = _line(part["url"])
        summary = _plain(part["summary"])
        blocks = tuple(_blocks(part["body"], url)) or (
            (Block(BlockKind.PARAGRAPH, summary),) if summary else ()
        )
        if not blocks:
            raise SeedError("no text", hint=_hint("body"))
        updated = _moment(part["updated"], options)
        image = _address(part["image"])
        return Draft(
            title=title,
            published=published,
            updated=updated if updated and updated > published else None,
            blocks=blocks,
            summary=summary
            or next((b.text for b in blocks if b.kind is BlockKind.PARAGRAPH), blocks[0].text),
            authors=_authors(part["authors"]) or options.default_authors,
            keywords=_keywords(part["keywords"]) or options.default_keywords,
            language=language_tag(_line(part["language"])) or options.language,
            declared_id=url if url.startswith(("http://", "https://")) else "",
            pictures=(Picture(url=image, type=""),) if image else (),
        )


class _Parts:
    """Parts of an article by our names for them, whatever its file calls them."""

    def __init__(self, values: Mapping[str, Any], options: Options) -> None:
        self._values, self._fields = values, dict(options.fields)

    def __getitem__(self, part: str) -> Any:
        named = (self._fields[part],) if part in self._fields else USUAL[part]
        return next(
            (value for name in named if (value := _found(self._values, name)) not in (None, "", [], {})), None
        )


def _found(values: Mapping[str, Any], name: str) -> Any:
    """A value by its name, or by names in one another with dots between."""
    if name in values:
        return values[name]
    found: Any = values
    for step in name.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def _hint(part: str) -> str:
    return (
        f"it is looked for under {', '.join(USUAL[part][:6])}; {part} = … under [seeds.fields] names another"
    )


def _line(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("rendered") or value.get("$oid") or ""
    return clean_line(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _plain(value: Any) -> str:
    text = _line(value)
    if not _MARKUP.search(text):
        return text
    from publisher.reading.html.tree import parse, text_of

    return text_of(parse(f"<div>{text}</div>"))


def _moment(value: Any, options: Options) -> datetime | None:
    """A date in words, or a number of seconds or milliseconds since 1970."""
    if isinstance(value, Mapping):
        value = value.get("$date", value.get("seconds", value.get("_seconds")))
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS else value
        try:
            return datetime.fromtimestamp(int(seconds), UTC).astimezone(options.zone)
        except (ValueError, OverflowError, OSError) as fault:
            raise SeedError(f"impossible date {value}", hint=_hint("published")) from fault
    return parse_date(_line(value), options.zone)


def _blocks(value: Any, url: str) -> Iterator[Block]:
    """HTML by its elements, text by its lines, a list by its items."""
    if isinstance(value, list):
        for each in value:
            yield from _blocks(each, url)
        return
    if isinstance(value, Mapping):
        value = value.get("rendered") or value.get("text") or value.get("value") or ""
    if not isinstance(value, str):
        return
    if _MARKUP.search(value):
        from publisher.reading.html.body import all_blocks
        from publisher.reading.html.tree import parse

        yield from all_blocks(parse(f"<div>{clean(value)}</div>"), url)
        return
    for line in clean(value).split("\n"):
        if text := clean_line(line):
            yield Block(BlockKind.PARAGRAPH, text)


def _authors(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return names(filter(None, map(_line, value)))
    return split_names(_line(value))


def _keywords(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return keywords(filter(None, map(_line, value)))
    return split_keywords(_line(value))


def _address(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, Mapping):
        value = value.get("url") or value.get("href") or ""
    return clean_line(value) if isinstance(value, str) else ""


def every(values: Iterable[Mapping[str, Any]]) -> Iterator[Record]:
    """Records of values that stand on no line of their own."""
    for number, value in enumerate(values, 1):
        if isinstance(value, Mapping):
            yield Record(number, 0, value)
        else:
            yield Record(number, 0, {}, SeedError(f"article {number} is no object"))
