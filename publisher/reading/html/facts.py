"""What a page says of its article to machines: JSON-LD (schema.org), Open Graph, names of `meta`, `time`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from publisher.errors import SeedError
from publisher.reading.cleaning import clean_line
from publisher.reading.dates import parse_date
from publisher.reading.declared import keywords, split_keywords
from publisher.reading.html.tree import Node, attribute, text_of

_ARTICLE = re.compile(r"\w*Article|BlogPosting|LiveBlogPosting|Report|SocialMediaPosting")
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "pubdate", "publishdate",
    "publish-date", "publish_date", "parsely-pub-date", "sailthru.date", "dc.date", "dc.date.issued",
    "dcterms.created", "date", "article.published", "cxenseparse:recs:publishtime", "og:pubdate",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "og:article:modified_time", "datemodified", "lastmod", "og:updated_time", "last-modified",
)  # fmt: skip
_KEYWORDS = (
    "news_keywords",
    "keywords",
    "parsely-tags",
    "sailthru.tags",
    "article:tag",
    "its_tag",
    "dc.subject",
)
_AUTHOR = ("author", "article:author", "dc.creator", "parsely-author", "byl", "sailthru.author")
_SUMMARY = ("og:description", "description", "twitter:description", "dc.description")
_TITLES = ("og:title", "twitter:title", "dc.title", "headline")
_SPACED = re.compile(r"(?<=\d)\s*([+-])\s*(?=\d{1,2}:?\d\d\s*\Z)")
_SITE = re.compile(r"\s+[|–—·»-]\s+[^|–—·»]{1,60}\Z")
_QUOTES = str.maketrans("‘’‚“”„«»\u00a0", '\'\'\'""""" ')
_MOST_NODES = 5_000
_MOST_LINKS = 50
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """Each is empty where the page says nothing of it."""

    title: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    people: tuple[str, ...] = ()
    author: str = ""
    keywords: tuple[str, ...] = ()
    language: str = ""
    summary: str = ""
    url: str = ""
    image: str = ""


def facts_of(root: Node, zone: ZoneInfo) -> Facts:
    """Whatever `root` says, the surest source first. Dates without an offset are in `zone`."""
    metas, nodes = _metas(root), list(_nodes(root))
    ours = next((node for node in nodes if _is_article(node)), {})
    people, others = _authors(ours, nodes)
    times = [attribute(node, "datetime") for node in root.iter("time")]
    return Facts(
        title=_title(root, metas, ours),
        published=_first_moment([ours.get("datePublished"), *_some(metas, _PUBLISHED), *times[:1]], zone),
        updated=_first_moment([ours.get("dateModified"), *_some(metas, _UPDATED)], zone),
        people=people,
        author=next(iter([*(text for text in _some(metas, _AUTHOR) if "/" not in text), *others]), ""),
        keywords=_keywords(root, metas, ours),
        language=attribute(root, "lang") or _text(ours.get("inLanguage")),
        summary=_text(ours.get("description")) or next(iter(_some(metas, _SUMMARY)), ""),
        url=_url(root, metas),
        image=next(iter(_some(metas, ("og:image", "twitter:image"))), "") or _image(ours.get("image")),
    )


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A moment as machines write it, with blanks in its offset too; nothing where it is none."""
    try:
        return parse_date(_SPACED.sub(r"\1", text), zone)
    except SeedError:
        return None


def _first_moment(values: Iterable[object], zone: ZoneInfo) -> datetime | None:
    return next((found for value in values if (text := _text(value)) and (found := moment(text, zone))), None)


def _metas(root: Node) -> dict[str, list[str]]:
    """The contents of `meta` by name, property or itemprop, in small letters."""
    metas: dict[str, list[str]] = {}
    for node in root.iter("meta"):
        content = attribute(node, "content")
        for key in ("property", "name", "itemprop"):
            for name in attribute(node, key).lower().split():
                if content:
                    metas.setdefault(name, []).append(unescape(content) if "&" in content else content)
    return metas


def _some(metas: dict[str, list[str]], names: Iterable[str]) -> list[str]:
    return [content for name in names for content in metas.get(name, ())]


def _nodes(root: Node) -> Iterator[dict[str, Any]]:
    """Every object in the page's JSON-LD, in reading order."""
    left = _MOST_NODES
    for script in root.iter("script"):
        if "ld+json" not in attribute(script, "type"):
            continue
        try:
            waiting = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and left:
            value, left = waiting.pop(0), left - 1
            if isinstance(value, dict):
                yield value
                waiting += value.values()
            elif isinstance(value, list):
                waiting += value


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    named = any(_ARTICLE.fullmatch(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds]))
    return named and ("headline" in node or "datePublished" in node)


def _text(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return clean_line(unescape(value)) if isinstance(value, str) else ""


def _authors(ours: dict[str, Any], nodes: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[str]]:
    """Names of people, and of what is no person."""
    named = {str(node["@id"]): node for node in nodes if "@id" in node and "name" in node}
    value = ours.get("author")
    people, others = list[str](), list[str]()
    for each in value if isinstance(value, list) else [value]:
        node = each
        if isinstance(each, dict) and "name" not in each:
            node = named.get(str(each.get("@id")), each)
        if isinstance(node, dict):
            (people if "Person" in str(node.get("@type", "Person")) else others).append(
                _text(node.get("name"))
            )
        elif node:
            people.append(_text(node))
    return tuple(dict.fromkeys(filter(None, people))), [name for name in others if name]


def _keywords(root: Node, metas: dict[str, list[str]], ours: dict[str, Any]) -> tuple[str, ...]:
    """Those of the first source that has any."""
    value = ours.get("keywords")
    said = [_text(each) for each in value] if isinstance(value, list) else [_text(value)]
    for values in (said, *(metas.get(name, []) for name in _KEYWORDS)):
        if found := split_keywords(",".join(values)):
            return found
    links = (node for node in root.iter("a") if "tag" in attribute(node, "rel").split())
    return keywords(text_of(node) for node in islice(links, _MOST_LINKS))


def _title(root: Node, metas: dict[str, list[str]], ours: dict[str, Any]) -> str:
    """The headline; a name of the site behind it is taken off where another source has it without."""
    sources = [*_some(metas, _TITLES), _text(ours.get("headline"))]
    sources += [text_of(node) for name in ("h1", "title") if (node := root.find(f".//{name}")) is not None]
    candidates = [text for text in sources if text]
    bare = {_plain(text) for text in candidates}
    for text in candidates:
        shorter = _SITE.sub("", text)
        if shorter != text and _plain(shorter) in bare:
            return shorter
    return candidates[0] if candidates else ""


def _plain(text: str) -> str:
    return " ".join(text.translate(_QUOTES).casefold().split())


def _url(root: Node, metas: dict[str, list[str]]) -> str:
    links = [
        attribute(node, "href") for node in root.iter("link") if "canonical" in attribute(node, "rel").lower()
    ]
    return next(
        (url for url in (*links, *_some(metas, ("og:url",))) if url.startswith(("http://", "https://"))), ""
    )


def _image(value: object) -> str:
    """The first address of a picture: it may be an object, or in a list."""
    for _ in range(_DEEPEST):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("url")
        else:
            break
    return value if isinstance(value, str) else ""
