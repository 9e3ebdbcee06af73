"""How articles come to the documents that carry them: many at a time, each once, and none at fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from test_feed_documents import ARTICLE, FEED

from publisher.config import Config, Mail, Site
from publisher.model import Article, Chain, Document, DocumentKind
from publisher.render.feeds.maker import FeedMaker

ARTICLES = {key: replace(ARTICLE, id=key) for key in (f"urn:x:{number}" for number in range(300))}
DOCUMENTS = [
    Document(f"k{start}/feed.{form}", DocumentKind.FEED, "", "", tuple(ids), form, FEED, Chain(FEED.folder))
    for start in range(0, 300, 5)
    for ids in [[*ARTICLES][start : start + 10]]
    for form in ("rss", "atom")
]


class Shop:
    """A store that tells what it was asked for."""

    def __init__(self, articles: dict[str, Article]) -> None:
        self._articles = articles
        self.asked: list[list[str]] = []

    def __call__(self, ids: Sequence[str]) -> dict[str, Article]:
        self.asked.append(list(ids))
        return {key: self._articles[key] for key in ids}


def maker(shop: Shop, coming: Sequence[Document] = ()) -> FeedMaker:
    config = Config(site=Site(title="Tin", url="https://tin.example.vn/"), mail=Mail(sender="a@example.vn"))
    return FeedMaker(config, shop, lambda name: f"urn:x:{name}", lambda: "Kênh tin", coming)


def test_articles_of_documents_to_come_are_read_along_each_once() -> None:
    shop = Shop(ARTICLES)
    made = maker(shop, DOCUMENTS)
    for document in DOCUMENTS:
        made.feed(document)
    assert [len(ids) for ids in shop.asked] == [200, 100]
    assert [key for ids in shop.asked for key in ids] == [*ARTICLES]


def test_a_document_is_the_same_whatever_was_to_come() -> None:
    alone, along = maker(Shop(ARTICLES)), maker(Shop(ARTICLES), DOCUMENTS)
    backwards = maker(Shop(ARTICLES), DOCUMENTS[::-1])
    for document in DOCUMENTS:
        assert along.checked(document) == backwards.checked(document) == alone.checked(document)


def test_an_article_at_fault_is_left_out_of_every_format_also_when_it_was_read_ahead() -> None:
    bad = "urn:x:7"
    shop = Shop(ARTICLES | {bad: replace(ARTICLES[bad], title="Tin\x01")})
    made = maker(shop, DOCUMENTS)
    first = made.feed(DOCUMENTS[-1])
    assert list(made.faults) == [bad]
    assert first.count(b"<entry") == 5
    for document in DOCUMENTS:
        assert f"<id>{bad}</id>".encode() not in made.checked(document)
        assert f">{bad}</guid>".encode() not in made.checked(document)
    assert sum(ids.count(bad) for ids in shop.asked) == 1
