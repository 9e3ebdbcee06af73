"""Markdown with front matter: CommonMark without raw HTML, as blocks of sanitised HTML."""

from __future__ import annotations

from datetime import datetime

from publisher.errors import SeedError
from publisher.model import Block, BlockKind, Draft, Picture
from publisher.reading.cleaning import clean, clean_line
from publisher.reading.commonmark import blocks_of
from publisher.reading.dates import parse_date
from publisher.reading.declared import keywords, language_tag, names, split_keywords, split_names
from publisher.reading.front_matter import FrontMatter, split_front_matter
from publisher.reading.options import Options

_DATE = ("date", "published", "pubdate", "publishdate", "publish_date", "created", "created_at")
_UPDATED = ("updated", "lastmod", "modified", "updated_at", "last_modified_at")
_PICTURE = ("image", "cover", "thumbnail")


def read_markdown(text: str, options: Options) -> Draft:
    """The draft in cleaned Markdown; SeedError where there is no title, date or text."""
    matter, body = split_front_matter(text)
    published = _moment(matter, _DATE, options) or options.undated
    if published is None:
        hint = "write date: 2023-05-30 17:26 between two lines --- at the top"
        raise SeedError("no date", line=1, hint=hint)
    title, blocks = _titled(_line(matter, "title"), blocks_of(body))
    if not title:
        raise SeedError("no title", line=1, hint="write title: in the front matter, or a heading with one #")
    if not blocks:
        raise SeedError("no text below the title", line=matter.body_line, hint="add the article's text")
    return Draft(
        title=title,
        published=published,
        updated=_moment(matter, _UPDATED, options),
        blocks=blocks,
        summary=_line(matter, "summary", "description") or _lead(blocks),
        authors=_authors(matter) or options.default_authors,
        keywords=_keywords(matter) or options.default_keywords,
        language=_language(matter) or options.language,
        declared_id=_line(matter, "id"),
        pictures=_main_picture(matter),
    )


def _titled(title: str, found: list[tuple[int, Block]]) -> tuple[str, tuple[Block, ...]]:
    """The title and the blocks without the heading that only says it."""
    blocks = [block for _, block in found]
    at = next((index for index, (level, _) in enumerate(found) if level == 1), None)
    if at is not None and (not title or (at == 0 and clean_line(blocks[0].text) == title)):
        title = clean_line(blocks.pop(at).text)
    return title, tuple(blocks)


def _lead(blocks: tuple[Block, ...]) -> str:
    return next((block.text for block in blocks if block.kind is BlockKind.PARAGRAPH), blocks[0].text)


def _moment(matter: FrontMatter, keys: tuple[str, ...], options: Options) -> datetime | None:
    key = next((key for key in keys if _line(matter, key)), "")
    if not key:
        return None
    line, text = matter.lines.get(key, 1), _line(matter, key)
    try:
        found = parse_date(text, options.zone)
    except SeedError as fault:
        raise SeedError(fault.reason, line=line, hint=fault.hint) from fault
    if found is None:
        raise SeedError(f"no date in “{key}: {text[:60]}”", line=line, hint="as in 2023-05-30 17:26")
    return found


def _line(matter: FrontMatter, *keys: str) -> str:
    """The first of `keys` that says something, as one line."""
    values = (matter.values.get(key, "") for key in keys)
    lines = (clean_line(", ".join(value) if isinstance(value, list) else value) for value in values)
    return next(filter(None, lines), "")


def _authors(matter: FrontMatter) -> tuple[str, ...]:
    found: list[str] = []
    for key in ("author", "authors"):
        value = matter.values.get(key, "")
        found += names(value) if isinstance(value, list) else split_names(value)
    return tuple(dict.fromkeys(found))


def _keywords(matter: FrontMatter) -> tuple[str, ...]:
    found: list[str] = []
    for key in ("keywords", "tags", "categories"):
        value = matter.values.get(key, "")
        found += keywords(value) if isinstance(value, list) else split_keywords(value)
    return tuple(dict.fromkeys(found))


def _main_picture(matter: FrontMatter) -> tuple[Picture, ...]:
    """The picture that stands for the article, as it was written; `pictures.attach` finds it."""
    values = (matter.values.get(key, "") for key in _PICTURE)
    firsts = (clean_line(next(iter(value), "") if isinstance(value, list) else value) for value in values)
    return tuple(Picture(url=first, type="") for first in [next(filter(None, firsts), "")] if first)


def _language(matter: FrontMatter) -> str:
    return language_tag(clean(_line(matter, "lang", "language")))
