"""What is made is read back: the article at fault is found, and the feed is made without it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from listings import config

from publisher.errors import RenderError
from publisher.model import Article, Block, BlockKind, Chain, Document, DocumentKind, Feed
from publisher.render.feeds import FORMATS, readback
from publisher.render.feeds.maker import FeedMaker

FORMS = ("rss", "atom", "json")
WHEN = datetime(2026, 11, 24, 8, 0, tzinfo=timezone(timedelta(hours=7)))


def article(name: str, **other: object) -> Article:
    plain = Article(
        id=f"urn:uuid:{name}",
        page=f"articles/{name}/",
        title=f"Bài {name}",
        published=WHEN,
        updated=WHEN,
        blocks=(Block(BlockKind.PARAGRAPH, "Đường đã thông."),),
        summary="Tóm tắt",
        authors=("Lan",),
        declared=(),
        language="vi",
    )
    return replace(plain, **other)


def maker(articles: Sequence[Article]) -> FeedMaker:
    known = {item.id: item for item in articles}
    return FeedMaker(
        config(),
        lambda ids: {key: known[key] for key in ids if key in known},
        lambda name: f"urn:uuid:{name}",
        lambda: "Kênh tin",
    )


def document(articles: Sequence[Article], form: str) -> Document:
    ids = tuple(item.id for item in articles)
    feed, chain = Feed("", "Tin", "Tin"), Chain("")
    return Document(f"feed.{form}", DocumentKind.FEED, "", "", ids, form, feed, chain)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"title": "a\ufffeb"}, "U+FFFE"),
        ({"title": " "}, "no title"),
        ({"id": "urn:uuid:é"}, "no id that is an IRI"),
        ({"published": datetime(2026, 11, 24, 8, 0)}, "no date with an offset"),
        ({"updated": datetime(9999, 1, 2, tzinfo=timezone(timedelta(0)))}, "implausible"),
        ({"blocks": (Block(BlockKind.PARAGRAPH, "a\ud800b"),)}, ""),
    ],
)
def test_an_article_at_fault_is_named_and_left_out(form: str, wrong: dict[str, object], reason: str) -> None:
    articles = [article("a"), article("b", **wrong), article("c")]
    feeds = maker(articles)
    content = feeds.checked(document(articles, form))
    kept = [entry.title for entry in readback.read(form, content)]
    if reason:
        assert kept == ["Bài a", "Bài c"]
        assert list(feeds.faults) == [articles[1].id]
        assert reason in feeds.faults[articles[1].id]
    else:  # what nobody can see is taken out of a body
        assert (kept, feeds.faults) == (["Bài a", "Bài b", "Bài c"], {})


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_that_breaks_its_document_is_found_among_the_others(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = FORMATS[form]

    def broken(entry: object) -> tuple[bytes, ...]:
        pieces = made.entry(entry)
        return (b"<dc:x" + pieces[0], *pieces[1:]) if entry.id.endswith("b") else pieces

    monkeypatch.setitem(FORMATS, form, replace(made, entry=broken))
    articles = [article("a"), article("b"), article("c")]
    feeds = maker(articles)
    content = feeds.checked(document(articles, form))
    assert [entry.title for entry in readback.read(form, content)] == ["Bài a", "Bài c"]
    assert "would not parse" in feeds.faults["urn:uuid:b"]


def test_a_prefix_that_nobody_declared_does_not_pass() -> None:
    with pytest.raises(RenderError, match="would not parse"):
        readback.read("atom", b"<feed xmlns='http://www.w3.org/2005/Atom'><zz:entry/></feed>")


def test_an_id_that_stands_twice_is_a_fault() -> None:
    feed = maker([article("a")]).feed(document([article("a")], "json"))
    twice = json.loads(feed)
    twice["items"] *= 2
    faults = readback.faults(readback.read("json", json.dumps(twice).encode()))
    assert faults == {"urn:uuid:a": "its id stands twice"}


def test_a_document_that_readers_give_up_on_is_not_written() -> None:
    with pytest.raises(RenderError, match="5,000,000"):
        readback.read("json", b" " * 5_000_000)


def test_a_title_that_looks_like_a_link_is_none() -> None:
    html = '<p><a href="https://e.org/" title="a href=&quot;b&quot; href=x">b</a></p>'
    blocks = (Block(BlockKind.PARAGRAPH, "b", html),)
    feeds = maker([article("a", blocks=blocks)])
    feeds.checked(document([article("a")], "atom"))
    assert feeds.faults == {}
