"""How articles spell their keywords."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from publisher.store import tables as t
from publisher.store.dialects import listed

_UNDER = t.article_keyword.c
_LIVING = t.article_keyword.join(t.article, t.article.c.id == _UNDER.article)


def of_articles(connection: Connection, articles: Sequence[str]) -> list[tuple[str, str]]:
    """The keywords of these articles, as far as they live, each with how the article spells it."""
    query = (
        select(_UNDER.keyword, _UNDER.spelling)
        .select_from(_LIVING)
        .where(_UNDER.article.in_(listed(connection, articles)), t.article.c.withdrawn.is_(False))
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def of_keywords(connection: Connection, slugs: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many living articles have each spelling of these keywords."""
    query = (
        select(_UNDER.keyword, _UNDER.spelling, func.count())
        .select_from(_LIVING)
        .where(_UNDER.keyword.in_(listed(connection, slugs)), t.article.c.withdrawn.is_(False))
        .group_by(_UNDER.keyword, _UNDER.spelling)
    )
    found: dict[str, dict[str, int]] = {}
    for slug, spelling, number in connection.execute(query):
        found.setdefault(slug, {})[spelling] = number
    return found
