"""What stands in a feed document, name by name, as docs/reference/feeds.md lists it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

import pytest
from documented import ROOT
from lxml import etree

from publisher import __version__
from publisher.config import Config, Feeds, Mail, Site
from publisher.model import (
    Article,
    Block,
    BlockKind,
    Chain,
    Document,
    DocumentKind,
    Feed,
    Filing,
    Keyword,
    KeywordSource,
    Picture,
)
from publisher.render.feeds.maker import FeedMaker

PAGE = (ROOT / "docs/reference/feeds.md").read_text(encoding="utf-8")
URL = "https://tin.example.vn/"
HUB = "https://hub.example.org/"
ZONE = timezone(timedelta(hours=7))
KEYWORDS = [
    Filing(Keyword(slug, label, slug), KeywordSource.DECLARED)
    for slug, label in (("kien-an", "Kiến An"), ("cau", "Cầu & đường"))
]
ARTICLE = Article(
    id="urn:uuid:00000000-0000-5000-8000-000000000001",
    page="articles/2026/11/24/cau/",
    title="Cầu & <đường>",
    published=datetime(2026, 11, 24, 8, 0, tzinfo=ZONE),
    updated=datetime(2026, 11, 24, 9, 30, tzinfo=ZONE),
    blocks=(
        Block(BlockKind.PARAGRAPH, "Đường đã thông."),
        Block(BlockKind.IMAGE, "Cầu", '<img src="cau.jpg" alt="Cầu">'),
        Block(BlockKind.CAPTION, "Cầu Niệm"),
    ),
    summary="Thông & thoáng",
    authors=("Kim Chi", "Minh"),
    declared=(),
    language="en",
    filings=tuple(KEYWORDS),
    pictures=(
        Picture("cau.jpg", "image/jpeg", 1234, "cau.jpg"),
        Picture("https://e.org/2.png", "image/png"),
        Picture("gone.png", "image/png", 0, "gone.png"),
    ),
)
FEED = Feed("keywords/kien-an/", "Kiến An", "Kiến An · Tin", "Tin của quận")
WAYS = [f"keywords/kien-an/archive/2026/{month}/" for month in ("08", "10")]


def made(form: str, *, archived: bool = False, content: str = "full") -> bytes:
    """A document that has everything that one can have."""
    config = Config(
        site=Site(title="Tin", url=URL, author="Tòa soạn", rights="© 2026 Tin"),
        mail=Mail(sender="a@example.vn"),
        feeds=Feeds(websub=(HUB,), content=content),
    )
    chain = Chain(FEED.folder, "2026-09", 1, *WAYS) if archived else Chain(FEED.folder, previous=WAYS[1])
    path = f"{FEED.folder}{'archive/2026/09/' if archived else ''}feed.{form}"
    kind = DocumentKind.ARCHIVE if archived else DocumentKind.FEED
    maker = FeedMaker(
        config, lambda ids: {ARTICLE.id: ARTICLE}, lambda name: f"urn:x:{name}", lambda: "Kênh tin"
    )
    return maker.checked(Document(path, kind, "", "", (ARTICLE.id,), form, FEED, chain))


@cache
def tree(form: str, *, archived: bool = False) -> Any:
    root = etree.fromstring(made(form, archived=archived))
    return root[0] if form == "rss" else root


@cache
def item(form: str) -> Any:
    return tree(form).find("item" if form == "rss" else "{*}entry")


def text(node: Any, *names: str) -> list[str]:
    return [node.findtext(name, None, NAMES) for name in names]


NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "fh": "http://purl.org/syndication/history/1.0",
    "media": "http://search.yahoo.com/mrss/",
}


# What the page lists


def table(title: str) -> list[list[str]]:
    """The cells of a table of the page, by row."""
    lines = PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0].splitlines()
    rows = [line.strip()[1:-1].split("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def listed(title: str, column: int) -> set[str]:
    return {name for row in table(title) for name in re.findall("`([^`]+)`", row[column])}


def elements(node: Any, *, prefixed: bool) -> Iterator[str]:
    """Names as the page writes them: Atom's with their prefix in RSS, links with what they mean."""
    for name in node.attrib:
        if name.startswith("{"):
            yield "xml:lang"
    for child in node.iterchildren(etree.Element):
        name = etree.QName(child).localname
        space = child.prefix
        full = f"{space}:{name}" if space and (prefixed or space != "atom") else name
        yield f'{full} rel="{child.get("rel")}"' if child.get("rel") else full


@pytest.mark.parametrize(("form", "column"), [("rss", 1), ("atom", 2)])
def test_a_feed_and_its_entries_hold_what_the_page_lists_and_nothing_else(form: str, column: int) -> None:
    found = {
        name
        for archived in (False, True)
        for name in elements(tree(form, archived=archived), prefixed=form == "rss")
    }
    assert found == listed("What a feed says of itself", column)
    assert set(elements(item(form), prefixed=form == "rss")) == listed("What it says of an article", column)


def test_a_json_feed_and_its_items_hold_what_the_page_lists_and_nothing_else() -> None:
    feeds = [
        json.loads(made("json", archived=archived, content=content))
        for archived in (False, True)
        for content in ("full", "summary")
    ]
    assert {key for feed in feeds for key in feed} == listed("What a feed says of itself", 3)
    keys = {key for feed in feeds for one in feed["items"] for key in one}
    assert keys == listed("What it says of an article", 3)


# What stands there


def test_an_rss_channel_has_its_values() -> None:
    channel = tree("rss")
    assert text(channel, "title", "link", "description", "language", "copyright", "ttl") == [
        "Kiến An · Tin",
        f"{URL}keywords/kien-an/",
        "Tin của quận",
        "vi",
        "© 2026 Tin",
        "15",
    ]
    assert text(channel, "lastBuildDate", "generator") == ["Tue, 24 Nov 2026 09:30:00 +0700", "publisher"]
    assert text(channel, "docs") == ["https://www.rssboard.org/rss-specification"]
    # RSS 2.0, image: its title and link are those of the channel.
    assert [child.text for child in channel.find("image")] == [
        f"{URL}icon.png",
        "Kiến An · Tin",
        f"{URL}keywords/kien-an/",
    ]


def test_an_rss_item_has_its_values() -> None:
    one = item("rss")
    assert text(one, "title", "link", "pubDate", "a:updated") == [
        ARTICLE.title,
        URL + ARTICLE.page,
        "Tue, 24 Nov 2026 08:00:00 +0700",
        "2026-11-24T09:30:00+07:00",
    ]
    assert (one.findtext("guid"), dict(one.find("guid").attrib)) == (ARTICLE.id, {"isPermaLink": "false"})
    assert one.findtext("description") == "Thông &amp; thoáng"
    assert [node.text for node in one.findall("dc:creator", NAMES)] == ["Kim Chi", "Minh"]
    assert [(node.text, node.get("domain")) for node in one.findall("category")] == [
        ("Kiến An", f"{URL}keywords/"),
        ("Cầu & đường", f"{URL}keywords/"),
    ]


def test_the_description_of_an_rss_item_stands_before_its_content() -> None:
    names = [child.tag for child in item("rss")]
    assert names.index("description") < names.index(f"{{{NAMES['content']}}}encoded")


def test_an_rss_item_has_one_enclosure_and_further_pictures_are_media() -> None:
    """The Advisory Board's profile: one enclosure; its length in bytes."""
    one = item("rss")
    (first,) = one.findall("enclosure")
    assert dict(first.attrib) == {
        "url": f"{URL}{ARTICLE.page}cau.jpg",
        "length": "1234",
        "type": "image/jpeg",
    }
    (second,) = one.findall("media:content", NAMES)
    assert dict(second.attrib) == {"url": "https://e.org/2.png", "type": "image/png", "medium": "image"}


def test_an_atom_feed_has_its_values() -> None:
    feed = tree("atom")
    assert text(feed, "a:id", "a:title", "a:subtitle", "a:rights", "a:icon", "a:author/a:name") == [
        "urn:x:keywords/kien-an/",
        "Kiến An · Tin",
        "Tin của quận",
        "© 2026 Tin",
        f"{URL}icon.png",
        "Tòa soạn",
    ]
    made_by = feed.find("a:generator", NAMES)
    assert (made_by.text, made_by.get("version")) == ("publisher", __version__)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "vi"


def test_an_atom_entry_has_its_values_and_its_own_language() -> None:
    one = item("atom")
    assert text(one, "a:id", "a:title", "a:published", "a:summary") == [
        ARTICLE.id,
        ARTICLE.title,
        "2026-11-24T08:00:00+07:00",
        "Thông & thoáng",
    ]
    assert re.fullmatch(r"2026-11-24T09:30:00\.\d{9}\+07:00", one.findtext("a:updated", "", NAMES))
    assert one.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert [node.findtext("a:name", "", NAMES) for node in one.findall("a:author", NAMES)] == [
        "Kim Chi",
        "Minh",
    ]
    labels = ("Kiến An", "Cầu & đường")
    assert [dict(node.attrib) for node in one.findall("a:category", NAMES)] == [
        {"term": label, "label": label, "scheme": f"{URL}keywords/"} for label in labels
    ]


def test_atom_says_that_titles_are_text_and_contents_are_html() -> None:
    """Titles of other types, and contents of type xhtml, are lost on several readers."""
    one = item("atom")
    types = {
        name: one.find(f"a:{name}", NAMES).get("type", "text") for name in ("title", "summary", "content")
    }
    assert types == {"title": "text", "summary": "text", "content": "html"}
    assert tree("atom").find("a:title", NAMES).get("type", "text") == "text"


def test_an_atom_entry_has_one_page_and_each_picture_as_enclosure() -> None:
    links = [dict(link.attrib) for link in item("atom").findall("a:link", NAMES)]
    enclosure = {"rel": "enclosure", "type": "image/jpeg", "href": f"{URL}{ARTICLE.page}cau.jpg"}
    assert links == [
        {"rel": "alternate", "type": "text/html", "href": URL + ARTICLE.page},
        enclosure | {"length": "1234"},
        enclosure | {"type": "image/png", "href": "https://e.org/2.png"},
    ]


def test_a_json_feed_has_its_values() -> None:
    feed = json.loads(made("json"))
    del feed["items"]
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Kiến An · Tin",
        "home_page_url": f"{URL}keywords/kien-an/",
        "feed_url": f"{URL}keywords/kien-an/feed.json",
        "description": "Tin của quận",
        "user_comment": "Kênh tin",
        "next_url": f"{URL}{WAYS[1]}feed.json",
        "icon": f"{URL}icon.png",
        "favicon": f"{URL}icon.png",
        "language": "vi",
        "authors": [{"name": "Tòa soạn"}],
        "hubs": [{"type": "WebSub", "url": HUB}],
    }


def test_a_json_item_has_its_values() -> None:
    (one,) = json.loads(made("json"))["items"]
    html = one.pop("content_html")
    assert html == HTML
    assert one == {
        "id": ARTICLE.id,
        "url": URL + ARTICLE.page,
        "title": ARTICLE.title,
        "summary": "Thông & thoáng",
        "image": f"{URL}{ARTICLE.page}cau.jpg",
        "date_published": "2026-11-24T08:00:00+07:00",
        "date_modified": "2026-11-24T09:30:00+07:00",
        "authors": [{"name": "Kim Chi"}, {"name": "Minh"}],
        "tags": ["Kiến An", "Cầu & đường"],
        "language": "en",
        "attachments": [
            {"url": f"{URL}{ARTICLE.page}cau.jpg", "mime_type": "image/jpeg", "size_in_bytes": 1234},
            {"url": "https://e.org/2.png", "mime_type": "image/png"},
        ],
    }


HTML = (
    "<p>Đường đã thông.</p>\n"
    f'<figure><img src="{URL}{ARTICLE.page}cau.jpg" alt="Cầu"><figcaption>Cầu Niệm</figcaption></figure>'
)


def test_every_format_holds_the_same_content() -> None:
    assert item("rss").findtext("content:encoded", "", NAMES) == HTML
    assert item("atom").findtext("a:content", "", NAMES) == HTML
    assert json.loads(made("json"))["items"][0]["content_html"] == HTML


def test_a_feed_of_summaries_holds_no_content() -> None:
    for form in ("rss", "atom"):
        raw = made(form, content="summary").decode()
        assert "Thông" in raw
        assert "Đường đã thông" not in raw
    (one,) = json.loads(made("json", content="summary"))["items"]
    assert one["content_text"] == "Thông & thoáng"
    assert one.keys().isdisjoint({"content_html", "summary"})


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_feed_names_itself_first_and_each_way_once(form: str) -> None:
    for archived, ways in (
        (False, {"hub": HUB, "prev-archive": f"{URL}{WAYS[1]}feed.{form}"}),
        (
            True,
            {
                "current": f"{URL}{FEED.folder}feed.{form}",
                "prev-archive": f"{URL}{WAYS[0]}feed.{form}",
                "next-archive": f"{URL}{WAYS[1]}feed.{form}",
            },
        ),
    ):
        links = [dict(link.attrib) for link in tree(form, archived=archived).findall("a:link", NAMES)]
        place = f"{FEED.folder}{'archive/2026/09/' if archived else ''}"
        assert links[0] == {
            "rel": "self",
            "type": f"application/{form}+xml",
            "href": f"{URL}{place}feed.{form}",
        }
        found = {link["rel"]: link["href"] for link in links[1:] if link["rel"] != "alternate"}
        assert found == ways
        assert [link for link in links if link["rel"] == "alternate"] == (
            [{"rel": "alternate", "type": "text/html", "href": URL + place}] if form == "atom" else []
        )


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_the_style_sheet_is_named_before_the_root_which_begins_early(form: str) -> None:
    """Programs that get a feed as application/xml look for its root in the first 512 bytes."""
    for archived, way in ((False, "../../"), (True, "../../../../../")):
        raw = made(form, archived=archived)
        start = f"<?xml version='1.0' encoding='UTF-8'?>\n<?xml-stylesheet type=\"text/css\" href=\"{way}feed.css\"?>\n"
        assert raw.startswith(start.encode())
        assert raw[len(start) :].startswith(b"<rss" if form == "rss" else b"<feed")
        assert len(start) + 5 < 512
