"""What is made is read back: the article at fault is found, and the feed is made without it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import feedparser
import pytest
from listings import config

from publisher.errors import RenderError
from publisher.model import Article, Block, BlockKind, Chain, Document, DocumentKind, Feed
from publisher.render.feeds import FORMATS, Channel, Entry, Frame, Pieces, readback
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


def titles(form: str, content: bytes) -> list[str]:
    found = json.loads(content)["items"] if form == "json" else feedparser.parse(content).entries
    return [entry["title"] for entry in found]


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
    kept = titles(form, content)
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

    def broken(entry: Entry) -> Pieces:
        pieces = made.entry(entry)
        return (b"<dc:x" + pieces[0], *pieces[1:]) if entry.id.endswith("b") else pieces

    monkeypatch.setitem(FORMATS, form, replace(made, entry=broken))
    articles = [article("a"), article("b"), article("c")]
    feeds = maker(articles)
    content = feeds.checked(document(articles, form))
    assert titles(form, content) == ["Bài a", "Bài c"]
    assert "would not parse" in feeds.faults["urn:uuid:b"]


def test_a_prefix_that_nobody_declared_does_not_pass() -> None:
    with pytest.raises(RenderError, match="would not parse"):
        readback.faults("atom", b"<feed xmlns='http://www.w3.org/2005/Atom'><zz:entry/></feed>", [], set())


def test_an_id_that_stands_twice_is_a_fault() -> None:
    feed = maker([article("a")]).feed(document([article("a")], "json"))
    twice = json.loads(feed)
    twice["items"] *= 2
    with pytest.raises(RenderError, match="each once"):
        readback.faults("json", json.dumps(twice).encode(), ["urn:uuid:a"], set())


def test_a_document_that_readers_give_up_on_is_not_written() -> None:
    with pytest.raises(RenderError, match="5,000,000"):
        readback.faults("json", b" " * 5_000_000, [], set())


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_is_asked_once_and_each_document_is_parsed(form: str) -> None:
    feeds, known = maker([article("a"), article("b", title=" ")]), set[str]()
    content = feeds.feed(document([article("a"), article("b")], form))
    ids = ["urn:uuid:a", "urn:uuid:b"]
    for _ in range(2):
        assert readback.faults(form, content, ids, known) == {"urn:uuid:b": "no title"}
        assert known == {"urn:uuid:a"}
    assert readback.faults(form, content, ids, set(ids)) == {}
    with pytest.raises(RenderError, match="would not parse"):
        readback.faults(form, content[:-4], ids, set(ids))


def test_a_title_that_looks_like_a_link_is_none() -> None:
    html = '<p><a href="https://e.org/" title="a href=&quot;b&quot; href=x">b</a></p>'
    blocks = (Block(BlockKind.PARAGRAPH, "b", html),)
    feeds = maker([article("a", blocks=blocks)])
    feeds.checked(document([article("a")], "atom"))
    assert feeds.faults == {}


@pytest.mark.parametrize("form", FORMS)
def test_a_frame_that_spoils_a_sound_entry_is_not_written(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = FORMATS[form]

    def spoilt(channel: Channel) -> Frame:
        frame = made.frame(channel)
        return frame._replace(between=b"<!-- ")

    monkeypatch.setitem(FORMATS, form, replace(made, frame=spoilt))
    articles = [article("a"), article("b")]
    with pytest.raises(RenderError, match=f"feed.{form}: the document would not parse"):
        maker(articles).checked(document(articles, form))


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_that_is_two_is_found(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = FORMATS[form]
    between = b",\n" if form == "json" else b"\n"

    def doubled(entry: Entry) -> Pieces:
        pieces = made.entry(entry)
        return (*pieces, between, *pieces) if entry.id.endswith("b") else pieces

    monkeypatch.setitem(FORMATS, form, replace(made, entry=doubled))
    articles = [article("a"), article("b")]
    feeds = maker(articles)
    assert titles(form, feeds.checked(document(articles, form))) == ["Bài a"]
    assert "each once" in feeds.faults["urn:uuid:b"]
