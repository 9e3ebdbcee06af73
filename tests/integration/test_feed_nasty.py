"""Nasty seeds make faultless feeds, or are named and left out: no document breaks a rule of its format."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import feedparser
import pytest
from conftest import NOW, Site
from feedrules import faults

SUFFIXES = {".rss", ".atom", ".json", ".opml"}


def seed(
    title: str, body: str = "Thân bài.", keywords: tuple[str, ...] = (), date: str = "2023-05-30 17:26"
) -> str:
    """A Markdown seed; titles and keywords are written as they are, without escapes."""
    words = ["keywords:", *(f"- {word}" for word in keywords)] if keywords else []
    return "\n".join(["---", f"title: {title}", f"date: {date}", "author: KC", *words, "---", "", body, ""])


def documents(site: Site) -> dict[str, bytes]:
    found = {
        file.relative_to(site.output).as_posix(): file.read_bytes()
        for file in sorted(site.output.rglob("*"))
        if file.suffix in SUFFIXES
    }
    assert {Path(name).suffix for name in found} == SUFFIXES
    return found


def assert_faultless(site: Site, *, parse: bool = True) -> None:
    """`parse`: whether feedparser, which is slow with large documents, is asked as well."""
    found = {name: faults(name, raw, NOW)[:20] for name, raw in documents(site).items()}
    assert {name: lines for name, lines in found.items() if lines} == {}
    for name, raw in documents(site).items():
        if parse and name.endswith((".rss", ".atom")):
            assert not feedparser.parse(raw).bozo, name


def feeds_only(site: Site, **feeds: int) -> None:
    """Pages cost time and are not asked here."""
    settings = "\n".join(f"{key} = {value}" for key, value in feeds.items())
    site.change("[keywords]", f'[output]\nbase = "feeds"\n\n[feeds]\n{settings}\n\n[keywords]')


def items(site: Site, name: str = "feed.json") -> list[dict[str, str]]:
    found = json.loads((site.output / name).read_bytes())["items"]
    assert isinstance(found, list)
    return found


def test_plain_news_makes_faultless_feeds(site: Site) -> None:
    site.article("a.txt", "Giao thông thông suốt", "Lead.\n\nThân bài về giao thông ở Kiến An.")
    site.write("b.md", seed("Cầu & đường <mới>", "Một [liên kết](https://e.org/?a=1&b=2).", ("Cầu", "Đường")))
    site.write(
        "c.md", seed("Ba", "# Mục\n\n> Trích\n\n- một\n- hai\n\n```\nx < y\n```").replace("KC", "KC, MT")
    )
    assert site.run().failures == []
    assert len(items(site)) == 3
    assert_faultless(site)


def test_a_site_without_articles_makes_faultless_feeds(site: Site) -> None:
    assert site.run().failures == []
    assert items(site) == []
    assert_faultless(site)


NASTY = {
    "\x01\x08\x1b\x7f\x9f": "Bài mộthai",
    "\x0b\x85\u2028\u2029": "Bài một",
    "\ufffe\uffff\ufdd0\U0001fffe": "Bài mộthai",
    "\u202e\u2066": "Bài mộthai",
    "\u202e": "Bài mộthai",
    "\u200f": "Bài một\u200fhai",
    "\u200e\u061c": "Bài một\u200e\u061chai",
    "👩‍👩‍👧🇻🇳": "Bài một👩‍👩‍👧🇻🇳hai",
    "]]>": "Bài một]]>hai",
    "<![CDATA[": "Bài một<![CDATA[hai",
    "<script>alert(1)</script>": "Bài một‹script›alert(1)‹/script›hai",
    "&amp;&lt;&#0;&nbsp;": "Bài một&amp;&lt;&#0;&nbsp;hai",
    "\\ud800\\u0000": "Bài một\\ud800\\u0000hai",
    '" onclick="x': 'Bài một" onclick="xhai',
}
"""What stands in the middle of “Bài mộthai”, and the title that it makes in plain text."""


def test_characters_that_nobody_wants_break_no_feed(site: Site) -> None:
    for number, nasty in enumerate(NASTY):
        text = f"Bài một{nasty}hai"
        # Line separators would end the line of the keyword, which the front matter could not be read with.
        head = f"date: 2023-05-30 17:{number:02}\nkeywords: x{nasty.strip()}y"
        site.write(f"{number}.md", f"---\n{head}\n---\n\n# {text}\n\n{text}\n")
        site.article(f"{number}.txt", text, f"Lead {text}\n\n{text}", date=f"18:{number:02} 30/05/2023")
    assert site.run().failures == []
    plain = [item["title"] for item in items(site) if "T18:" in item["date_published"]]
    assert plain == list(reversed(NASTY.values()))
    assert_faultless(site)


def test_a_seed_of_blanks_that_show_nothing_is_named(site: Site) -> None:
    for number, title in enumerate(("", " ", "\u200b", "\u2060", "\u200e\u200f", "\u00ad", "\ufeff")):
        site.write(f"{number}.md", f"---\ntitle: {title}\ndate: 2023-05-30 17:26\n---\n\nThân bài.\n")
    outcome = site.run()
    assert [fault.path for fault in outcome.plan.faults] == [f"{number}.md" for number in range(7)]
    assert all("no title" in line for line in outcome.failures)
    assert_faultless(site)


def test_bytes_that_are_no_utf_8_leave_the_feeds_faultless(site: Site) -> None:
    site.article("good.txt", "Tin tốt")
    # A surrogate, an overlong nought, beyond Unicode, and bytes that begin nothing.
    for number, raw in enumerate((b"\xed\xa0\x80", b"\xc0\x80", b"\xf5\x80\x80\x80", b"\xff", b"\x80")):
        site.write(f"{number}.md", seed("Tin xấu").encode() + raw)
    outcome = site.run()
    assert [fault.path for fault in outcome.plan.faults] == [f"{number}.md" for number in range(5)]
    assert [item["title"] for item in items(site)] == ["Tin tốt"]
    assert_faultless(site)


LINKS = [
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#115;cript:alert(1)", "vbscript:x", "file:///etc"),
    *("data:text/html,x", "data:image/png;base64,AA==", "DATA:text/html;base64,AA==", "blob:x", "x:y"),
    *("/tin/1", "tin.html", "../x", "#muc", "?a=1", "//e.org/x", "", "https://", "http://[", "http:x"),
    *("https://e.org/tập tin", "https://e.org/%", "https://ví-dụ.vn/", "https://e.org/?a=1&b=2#c"),
    *("mailto:a@e.org", "http://e.org:99999/", "https://u:p@e.org/", "<javascript:x>", "ht\ntp://e.org"),
]


def test_links_in_markdown_lead_to_the_web_or_are_no_links(site: Site) -> None:
    for number, link in enumerate(LINKS):
        body = f'Xem [đây]({link} "tên") và ![ảnh]({link}).\n\n![hình]({link})\n\n<{link}>\n\n[a]\n\n[a]: {link}\n'
        site.write(f"{number}.md", seed("Liên kết", body, date=f"2023-05-30 17:{59 - number}"))
    assert site.run().failures == []
    assert len(items(site)) == len(LINKS)
    assert_faultless(site)


def test_html_in_markdown_stays_text(site: Site) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror="x()"><style>p{}</style><iframe src="/x"></iframe>'
    site.write("a.md", seed("HTML", f"{hostile}\n\nText {hostile}\n\n- {hostile}\n"))
    assert site.run().failures == []
    assert "&lt;script&gt;" in items(site)[0]["content_html"]
    assert_faultless(site)


def test_an_article_of_five_megabytes_makes_no_feed_too_large_to_read(site: Site) -> None:
    """Readers and validators give up at five million bytes: something of the article must stay out."""
    feeds_only(site)
    paragraph = "Một câu dài về thành phố. " * 40
    site.article("a.txt", "Dài", "\n\n".join([paragraph] * (5_000_000 // len(paragraph.encode()))))
    site.article("b.txt", "Ngắn", date="17:25 30/05/2023")
    outcome = site.run()
    assert outcome.failures == []
    assert [item["title"] for item in items(site)] == ["Dài", "Ngắn"]
    assert_faultless(site, parse=False)


def test_many_articles_that_are_each_small_make_no_feed_too_large_to_read(site: Site) -> None:
    feeds_only(site)
    body = "\n\n".join(["Một câu dài về thành phố. " * 40] * 750)
    for number in range(5):
        site.article(f"{number}.txt", f"Dài {number}", body, date=f"17:2{number} 30/05/2023")
    assert site.run().failures == []
    assert_faultless(site, parse=False)


def test_three_thousand_articles_of_one_minute_are_told_apart(site: Site) -> None:
    feeds_only(site, items=1000)
    for number in range(3_000):
        site.write(f"{number}.txt", f"Tin {number}\n\n17:26 30/05/2023\n\nThân bài {number}.\n")
    outcome = site.run()
    assert (outcome.failures, outcome.counts["added"]) == ([], 3_000)
    found = items(site)
    assert len({item["id"] for item in found}) == len({item["url"] for item in found}) == len(found) == 1_000
    assert_faultless(site, parse=False)


def test_old_dates_break_no_feed(site: Site) -> None:
    """Until the railways the zone had an offset with seconds, which no feed can write."""
    years = [1970, 1969, 1954, 1899, 1582, 1000]
    for year in years:
        site.article(f"{year}.txt", "Ngày xưa", date=f"17:26 30/05/{year}")
    assert site.run().failures == []
    assert [item["date_published"][:11] for item in items(site)] == [f"{year}-05-30T" for year in years]
    assert_faultless(site)


@pytest.mark.parametrize("year", [2027, 9998, 9999])
def test_a_date_to_come_is_held_back_or_named(site: Site, year: int) -> None:
    """Readers pin such an entry to the top, or hide it, or give it the moment when they saw it."""
    site.article("a.txt", "Ngày mai", date=f"17:26 30/12/{year}")
    site.article("b.txt", "Hôm qua", date="17:26 23/11/2026")
    outcome = site.run()
    assert all(fault.path == "a.txt" for fault in outcome.plan.faults)
    assert [item["title"] for item in items(site)] == ["Hôm qua"]
    assert_faultless(site)


@pytest.mark.parametrize(
    "keywords",
    [
        ("../../etc/passwd",),
        ("CON", "nul", "com1.txt"),
        ("...",),
        ("???", "!!!", "…"),
        ("🧪", "漢字", "עברית"),
        ("\u202etxt.exe", "a\u0001b"),
        ("<b>đậm</b>", "a & b", "]]>"),
        ("Kiến An", "KIẾN AN", "kiến an"),
        ("Kiến An", unicodedata.normalize("NFD", "Kiến An"), "Kiê\u0301n An"),
        ("Hoà Bình", "Hòa Bình", "hòa-bình"),
        ("Kien An", "Kiến An", "Kiên An"),
        ("Straße", "STRASSE", "İstanbul", "istanbul"),
        ("\ufb01", "fi", "FI"),
    ],
)
def test_keywords_are_told_apart_and_stay_in_their_folder(site: Site, keywords: tuple[str, ...]) -> None:
    for number in range(2):
        site.write(f"{number}.md", seed(f"Tin {number}", keywords=keywords, date=f"2023-05-30 17:2{number}"))
    assert site.run().failures == []
    assert len(items(site)) == 2
    assert_faultless(site)
    slugs = [name.split("/")[1] for name in documents(site) if name.startswith("keywords/")]
    assert all(slug.isascii() and not slug.startswith(".") for slug in slugs)


def test_authors_break_no_feed(site: Site) -> None:
    authors = ["", ".", "\u200b", "<b>KC</b>", "KC & MT", "KC, KC, kc", "a@e.org", "🧪"]
    for number, author in enumerate(authors):
        text = seed(f"Tin {number}", date=f"2023-05-30 17:2{number}")
        site.write(f"{number}.md", text.replace("author: KC", f"author: {author}"))
    assert site.run().failures == []
    assert len(items(site)) == len(authors)
    assert_faultless(site)


def test_a_change_to_come_dates_no_feed(site: Site) -> None:
    text = seed("Tin").replace("author: KC", "updated: 2030-01-01 10:00")
    site.write("a.md", text)
    assert site.run().failures == []
    assert len(items(site)) == 1
    assert_faultless(site)


def test_a_site_whose_name_is_not_ascii_has_links_that_are(site: Site) -> None:
    site.change("https://news.example.org/", "https://ví-dụ.example/tập-tin/")
    site.write("a.md", seed("Tin", keywords=("Cầu",)))
    assert site.run().failures == []
    assert len(items(site)) == 1
    assert_faultless(site)


def test_an_article_that_was_changed_moves_its_feeds(site: Site) -> None:
    for number in range(3):
        site.article(f"{number}.txt", f"Tin {number}", date=f"17:2{number} 30/05/2023")
    site.run()
    site.article("0.txt", "Tin 0", "Bài đã sửa.", date="17:20 30/05/2023")
    assert site.run().failures == []
    assert_faultless(site)
