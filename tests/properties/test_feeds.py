"""Whatever an article says, its feeds parse and say the same; and feedgen's traps are where we think."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from typing import Any

import feedparser
import pytest
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from publisher.model import Block, BlockKind
from publisher.reading.cleaning import clean, clean_line
from publisher.render.blocks import to_html
from publisher.render.feeds import FORMATS, Channel, Entry
from publisher.render.feeds import feedgen_door as door

ATOM = f"{{{door.ATOM}}}"
DC = f"{{{door.DC}}}"
CONTENT = f"{{{door.CONTENT}}}"
MOMENT = datetime(2023, 5, 30, 17, 26, tzinfo=timezone(timedelta(hours=7)))

HOSTILE = st.sampled_from(
    [
        "]]>",
        "<![CDATA[",
        "<!--entries-->",
        "<!---->",
        '"items":[]',
        '<a xmlns:ns0="http://purl.org/rss/1.0/modules/content/">',
        ' xmlns:atom="http://www.w3.org/2005/Atom"',
        "<ns0:encoded>",
        "</item></channel>",
        "&amp;lt;",
        "&#0;",
        "\\u0000",
        "\u2028",
        "🧪",
        "ước",
    ]
)
TEXT = st.lists(st.one_of(st.text(max_size=20), HOSTILE), max_size=5).map(" ".join)
TITLE = TEXT.map(clean_line).filter(bool)


def entry(title: str = "T", summary: str = "", html: str = "", author: str = "", label: str = "") -> Entry:
    return Entry(
        id="urn:uuid:1",
        url="https://news.example.org/articles/2023/05/30/t/",
        title=title,
        published=MOMENT,
        updated=MOMENT + timedelta(hours=1),
        summary=summary,
        html=html,
        authors=(author,) if author else (),
        categories=(label,) if label else (),
        scheme="https://news.example.org/keywords/",
        language="vi",
    )


def channel(form: str = "rss", title: str = "Tin") -> Channel:
    site = "https://news.example.org/"
    return Channel(
        "urn:uuid:0", title, "Một tờ tin", f"{site}feed.{form}", site, "vi", "Tin", MOMENT, MOMENT.isoformat()
    )


def made(form: str, *entries: Entry, title: str = "Tin") -> bytes:
    return FORMATS[form].document(channel(form, title), [FORMATS[form].entry(one) for one in entries])


ENTRIES = st.builds(
    entry,
    TITLE,
    TEXT.map(clean_line),
    TEXT.map(clean).map(
        lambda text: to_html((Block(BlockKind.PARAGRAPH, text),), "https://news.example.org/")
    ),
    TEXT.map(clean_line),
    TEXT.map(clean_line),
)


@given(one=ENTRIES, title=TITLE)
@settings(max_examples=60, deadline=None)
def test_rss_says_what_the_article_says(one: Entry, title: str) -> None:
    root = etree.fromstring(made("rss", one, title=title))
    assert root.findtext("channel/title") == title
    (item,) = root.findall("channel/item")
    assert item.findtext("title") == one.title
    assert item.findtext("guid") == one.id
    assert item.findtext("description") == escape(one.summary or one.title, quote=False)
    assert (item.findtext(f"{CONTENT}encoded") or "") == one.html
    assert [node.text for node in item.findall(f"{DC}creator")] == list(one.authors)
    assert [node.text for node in item.findall("category")] == list(one.categories)


@given(one=ENTRIES, title=TITLE)
@settings(max_examples=60, deadline=None)
def test_atom_says_what_the_article_says(one: Entry, title: str) -> None:
    root = etree.fromstring(made("atom", one, title=title))
    assert root.findtext(f"{ATOM}title") == title
    (item,) = root.findall(f"{ATOM}entry")
    assert item.findtext(f"{ATOM}title") == one.title
    assert item.findtext(f"{ATOM}id") == one.id
    assert item.findtext(f"{ATOM}summary") == (one.summary or one.title)
    assert (item.findtext(f"{ATOM}content") or "") == one.html
    assert [node.findtext(f"{ATOM}name") for node in item.findall(f"{ATOM}author")] == list(one.authors)
    labels = [node.get("label") for node in item.findall(f"{ATOM}category")]
    assert labels == list(one.categories)


@given(one=ENTRIES, title=TITLE)
@settings(max_examples=60, deadline=None)
def test_json_says_what_the_article_says(one: Entry, title: str) -> None:
    found = json.loads(made("json", one, title=title))
    assert found["title"] == title
    (item,) = found["items"]
    assert (item["title"], item["id"]) == (one.title, one.id)
    assert item.get("content_html", "") == one.html
    assert item.get("tags", []) == list(one.categories)


@given(one=ENTRIES)
@settings(max_examples=30, deadline=None)
def test_no_reader_stumbles(one: Entry) -> None:
    for form in ("rss", "atom"):
        found = feedparser.parse(made(form, one))
        assert not found.bozo
        assert len(found.entries) == 1


@given(entries=st.lists(ENTRIES, max_size=3), title=TITLE)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_spliced_feed_is_the_feed_that_lxml_would_make(
    form: str, entries: Sequence[Entry], title: str
) -> None:
    spliced = etree.fromstring(made(form, *entries, title=title))
    whole = etree.fromstring(made(form, title=title))
    parent = whole[0] if form == "rss" else whole
    for one in entries:
        wrapped = made(form, one, title=title)
        node = etree.fromstring(wrapped)
        parent.append((node[0] if form == "rss" else node)[-1])
    assert flat(spliced) == flat(whole)


def flat(node: Any) -> list[tuple[str, dict[str, str], str]]:
    """Elements, attributes and text, without the blanks between entries."""
    return [
        (str(one.tag), {str(key): str(value) for key, value in one.items()}, (one.text or "").strip("\n"))
        for one in node.iter()
    ]


def test_an_rss_feed_links_to_its_page_and_to_itself() -> None:
    root = etree.fromstring(made("rss", entry()))
    assert root.findtext("channel/link") == "https://news.example.org/"
    assert [node.get("href") for node in root.findall(f"channel/{ATOM}link[@rel='self']")] == [
        "https://news.example.org/feed.rss"
    ]
    item = root.find("channel/item")
    assert item is not None
    assert item.findtext("pubDate") == "Tue, 30 May 2023 17:26:00 +0700"
    assert item.findtext(f"{ATOM}updated") == "2023-05-30T18:26:00+07:00"


def test_an_atom_entry_links_to_its_page() -> None:
    root = etree.fromstring(made("atom", entry()))
    link = root.find(f"{ATOM}entry/{ATOM}link")
    assert link is not None
    assert {str(key): str(value) for key, value in link.items()} == {
        "href": "https://news.example.org/articles/2023/05/30/t/",
        "rel": "alternate",
        "type": "text/html",
    }


class TestFeedgen:
    """The traps that `feedgen_door` works around: where one of these fails, the detour may go."""

    def made(self) -> FeedEntry:
        one = FeedEntry()
        one.id("urn:x")
        one.title("T")
        one.updated(MOMENT)
        one.published(MOMENT)
        return one

    def test_it_drops_the_type_of_an_entry_link_in_atom(self) -> None:
        one = self.made()
        one.link(href="https://x/", rel="alternate", type="text/html")
        link = one.atom_entry().find("link")
        assert link.get("type") is None

    def test_it_takes_the_last_link_for_the_channel(self) -> None:
        feed = FeedGenerator()
        feed.id("urn:x")
        feed.title("T")
        feed.description("D")
        feed.link(href="https://x/page", rel="alternate")
        feed.link(href="https://x/feed", rel="self")
        assert etree.fromstring(feed.rss_str()).findtext("channel/link") == "https://x/feed"

    def test_it_writes_no_updated_into_rss(self) -> None:
        names = {str(child.tag) for child in self.made().rss_entry()}
        assert names == {"title", "guid", "pubDate"}

    def test_it_drops_authors_without_an_address_in_rss(self) -> None:
        one = self.made()
        one.author(name="KC")
        assert b"KC" not in etree.tostring(one.rss_entry())

    def test_it_writes_the_moment_of_making_unless_told(self) -> None:
        feed = FeedGenerator()
        feed.id("urn:x")
        feed.title("T")
        updated = etree.fromstring(feed.atom_str()).findtext(f"{ATOM}updated")
        assert updated is not None
        assert abs(datetime.fromisoformat(updated) - datetime.now(UTC)) < timedelta(minutes=5)
