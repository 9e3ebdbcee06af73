"""What was found in texts, and how many of them hold it: counted by the change alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set

from sqlalchemy import Connection, delete, func, select

from publisher.model import Frequencies, KeywordSource
from publisher.store import tables as t
from publisher.store.dialects import execute_many, insert_into, listed, spelled

_BATCH = 500
_TEXTS = "SELECT count(*) FROM article_phrases"
_OF_KEYWORDS = """
    SELECT key, articles FROM (
        SELECT key, (SELECT articles FROM phrase WHERE phrase.key = keyword.key) AS articles FROM keyword
    ) AS counted WHERE articles IS NOT NULL"""
# Asked like this, both databases go from the keywords, which are few, to the phrases, which are many.


def record(connection: Connection, phrases: Mapping[str, str]) -> None:
    """Remember what is found in articles now, and count it instead of what was."""
    ids = list(phrases)
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        before = of(connection, some)
        change: Counter[str] = Counter()
        for article in some:
            change.update(_keys(phrases[article]))
            change.subtract(_keys(before.get(article, "")))
        _replace(connection, {article: phrases[article] for article in some})
        _count(connection, {key: number for key, number in sorted(change.items()) if number})


def of(connection: Connection, articles: Sequence[str]) -> dict[str, str]:
    """What was found in these articles by id, a key in each line; those of which nothing stands here are missing."""
    found: dict[str, str] = {}
    for batch in _batches(articles):
        rows = t.article_phrases.c
        query = select(rows.article, rows.phrases).where(rows.article.in_(listed(connection, batch)))
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found


def holding(connection: Connection, keys: Set[str]) -> list[str]:
    """The articles in whose texts any of these phrases was found."""
    if not frequencies_of(connection, sorted(keys)):
        return []
    rows = connection.execute(select(t.article_phrases.c.article, t.article_phrases.c.phrases))
    return sorted(article for article, found in rows if not keys.isdisjoint(_keys(found)))


def given(connection: Connection) -> dict[str, int]:
    """How many living articles are given each keyword, by slug: what was found in a text is given to none."""
    under, article = t.article_keyword.c, t.article
    query = (
        select(under.keyword, func.count())
        .join(article, article.c.id == under.article)
        .where(under.source != KeywordSource.FOUND, article.c.withdrawn.is_(False))
        .group_by(under.keyword)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def frequencies(connection: Connection) -> Frequencies:
    """How many texts there are, and how many of them hold each keyword by its key; none that none holds."""
    ((texts,),) = connection.exec_driver_sql(_TEXTS)
    if not texts:
        return Frequencies()
    rows = connection.exec_driver_sql(spelled(connection, _OF_KEYWORDS))
    return Frequencies(texts, dict(map(tuple, rows)))


def frequencies_of(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """How many texts hold each of these phrases; those that none holds are missing."""
    found: dict[str, int] = {}
    for batch in _batches(keys):
        query = select(t.phrase.c.key, t.phrase.c.articles).where(
            t.phrase.c.key.in_(listed(connection, batch))
        )
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found


def _replace(connection: Connection, phrases: Mapping[str, str]) -> None:
    rows = t.article_phrases
    connection.execute(delete(rows).where(rows.c.article.in_(listed(connection, phrases))))
    new = [{"article": article, "phrases": found} for article, found in phrases.items() if found]
    execute_many(connection, rows.insert(), new)


def _count(connection: Connection, change: Mapping[str, int]) -> None:
    """Add to the counts; those of less go first, so that what nobody holds any more is gone."""
    insert = insert_into(connection, t.phrase)
    added = insert.on_conflict_do_update(
        index_elements=["key"], set_={"articles": t.phrase.c.articles + insert.excluded.articles}
    )
    execute_many(connection, added, [{"key": key, "articles": number} for key, number in change.items()])
    fewer = [key for key, number in change.items() if number < 0]
    gone = t.phrase.c.key.in_(listed(connection, fewer)) & (t.phrase.c.articles <= 0)
    if fewer:
        connection.execute(delete(t.phrase).where(gone))


def _keys(phrases: str) -> list[str]:
    return phrases.split("\n") if phrases else []


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
