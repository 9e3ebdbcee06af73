"""How articles spell their keywords."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from publisher.store import tables as t
from publisher.store.dialects import listed

_UNDER = t.article_keyword.c
_WITH_ARTICLE = t.article_keyword.join(t.article, t.article.c.id == _UNDER.article)


def of_articles(connection: Connection, articles: Sequence[str]) -> list[tuple[str, str]]:
    """The keywords of these articles, as far as they live, each with how the article spells it."""
    if not articles:
        return []
    query = (
        select(_UNDER.keyword, _UNDER.spelling)
        .select_from(_WITH_ARTICLE)
        .where(_UNDER.article.in_(listed(connection, articles)), t.article.c.withdrawn.is_(False))
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def of_keywords(connection: Connection, slugs: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many living articles have each spelling of these keywords."""
    counted = select(_UNDER.keyword, _UNDER.spelling, func.count()).group_by(_UNDER.keyword, _UNDER.spelling)
    of_these = counted.where(_UNDER.keyword.in_(listed(connection, slugs)))
    found: dict[str, Counter[str]] = {}
    for slug, spelling, number in connection.execute(of_these):
        found.setdefault(slug, Counter())[spelling] = number
    # Few are withdrawn, and an index tells which: to look up every article under a keyword costs ten times as much.
    for slug, spelling, number in connection.execute(
        of_these.select_from(_WITH_ARTICLE).where(t.article.c.withdrawn.is_(True))
    ):
        found[slug][spelling] -= number
    return {slug: dict(+counts) for slug, counts in found.items() if +counts}
