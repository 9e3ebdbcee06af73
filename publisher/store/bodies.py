"""All of an article that is only ever read whole, as one text: JSON, the same for a draft and for the article of it."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import orjson

from publisher.model import Article, ArticleChange, Block, BlockKind, Draft, Picture

_KINDS = {kind.value: kind for kind in BlockKind}
"""Names to members; a look-up costs a tenth of the call, and every article has dozens."""


def packed(article: Article | Draft) -> str:
    """What of an article is kept as one text."""
    declared = article.keywords if isinstance(article, Draft) else article.declared
    body = {
        "blocks": [list(block) for block in article.blocks],
        "summary": article.summary,
        "authors": article.authors,
        "declared": declared,
        "language": article.language,
        "pictures": [astuple(picture) for picture in article.pictures],
    }
    return orjson.dumps(body).decode()


def whole(change: ArticleChange) -> Article:
    """The article with its blocks, wherever they wait."""
    return replace(change.article, **unpacked(change.body())) if change.body else change.article


def unpacked(text: str | bytes) -> dict[str, Any]:
    """The same as fields of `publisher.model.Article`."""
    body = orjson.loads(text)
    return {
        "blocks": tuple([Block(_KINDS[kind], text, html) for kind, text, html in body["blocks"]]),
        "summary": body["summary"],
        "authors": tuple(body["authors"]),
        "declared": tuple(body["declared"]),
        "language": body["language"],
        "pictures": tuple(Picture(*found) for found in body.get("pictures", ())),
    }
