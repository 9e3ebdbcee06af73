"""All of an article that is only ever read whole, as one text: JSON, the same for a draft and for the article of it."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import orjson

from publisher.model import Article, ArticleChange, Block, BlockKind, Draft, Picture

_KINDS = {kind.value: kind for kind in BlockKind}
"""Names to members; a look-up costs a tenth of the call, and every article has dozens."""


LAST_KEY = '"blocks":'
"""Behind it comes nothing but the text. Where JSON says it inside of a text, a backslash is before its quotes."""


def packed(article: Article | Draft) -> str:
    """What of an article is kept as one text."""
    declared = article.keywords if isinstance(article, Draft) else article.declared
    body = {
        "summary": article.summary,
        "authors": article.authors,
        "declared": declared,
        "language": article.language,
        "pictures": [astuple(picture) for picture in article.pictures],
        "blocks": [list(block) for block in article.blocks],
    }
    return orjson.dumps(body).decode()


def whole(change: ArticleChange) -> Article:
    """The article with its blocks, wherever they wait."""
    return replace(change.article, **unpacked(change.body())) if change.body else change.article


def outline(change: ArticleChange) -> Article:
    """The article, where its text waits elsewhere without its blocks."""
    if not change.body:
        return change.article
    return replace(change.article, **_fields({**orjson.loads(change.body()), "blocks": ()}))


def unpacked(text: str | bytes) -> dict[str, Any]:
    """The same as fields of `publisher.model.Article`."""
    return _fields(orjson.loads(text))


def outlined(text: str | bytes) -> dict[str, Any]:
    """The same without blocks, from what stands before `LAST_KEY`."""
    return _fields(orjson.loads(f"{text}}}" if isinstance(text, str) else text + b"}"))


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "blocks": tuple([Block(_KINDS[kind], text, html) for kind, text, html in body.get("blocks", ())]),
        "summary": body["summary"],
        "authors": tuple(body["authors"]),
        "declared": tuple(body["declared"]),
        "language": body["language"],
        "pictures": tuple(Picture(*found) for found in body.get("pictures", ())),
    }
