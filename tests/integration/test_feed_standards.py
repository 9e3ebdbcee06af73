"""What standards ask of all the feeds of a site together, and of what becomes of them over time."""

from __future__ import annotations

import json
import struct
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from chains import FORMS, SITE, at, walk
from conftest import NOW, Site
from lxml import etree, html

HOUR = timedelta(hours=1)
ATOM = "{http://www.w3.org/2005/Atom}"
TABLE = '[[feed]]\nname = "hai"\ntitle = "Hai màu"\nkeywords = ["Đỏ", "Xanh"]\n\n[keywords]'


def seed(title: str, date: str, *more: str, body: str = "Thân bài.") -> str:
    return "\n".join(["---", f"title: {title}", f"date: {date}", *more, "---", "", body, ""])


def fill(site: Site, items: int = 2) -> None:
    """Two articles a month, and feeds so short that most of them stand in archives."""
    site.change("[keywords]", f"[feeds]\nitems = {items}\n\n{TABLE}")
    for number in range(10):
        keywords = ("Đỏ", "Xanh", "Đỏ, Xanh")[number % 3]
        date = f"2026-{6 + number // 2:02}-1{number} 08:00"
        site.write(f"{number}.md", seed(f"Tin {number}", date, f"keywords: {keywords}"))
    assert site.run().failures == []


FOLDERS = ("", "keywords/do/", "keywords/xanh/", "feeds/hai/")


def test_an_article_has_one_id_in_every_feed_format_and_archive(site: Site) -> None:
    """RFC 4287, section 4.2.6: readers know an entry by its id, letter by letter."""
    fill(site)
    ids: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for form in FORMS:
            pages = walk(site.output, folder, form)
            assert len(pages) > 1
            for page in pages:
                for title, identity in zip(page.titles, page.ids, strict=True):
                    ids.setdefault(title, set()).add(identity)
    assert sorted(ids) == [f"Tin {number}" for number in range(10)]
    assert {len(found) for found in ids.values()} == {1}
    assert len(set.union(*ids.values())) == 10


def test_an_archive_has_the_id_and_the_title_of_its_feed(site: Site) -> None:
    fill(site)
    found: dict[str, set[tuple[str | None, ...]]] = {}
    for folder in FOLDERS:
        for page in walk(site.output, folder, "atom"):
            root = etree.fromstring(page.raw)
            said = tuple(root.findtext(f"{ATOM}{name}") for name in ("id", "title"))
            found.setdefault(folder, set()).add(said)
    assert {len(said) for said in found.values()} == {1}
    assert len(set.union(*found.values())) == len(FOLDERS)


def test_the_date_of_an_update_never_goes_back(site: Site) -> None:
    dates = []
    for hour, updated in enumerate(
        ("2026-11-20 10:00", "2026-11-22 10:00", "2026-11-01 10:00", "2030-01-01 10:00")
    ):
        site.write("a.md", seed("Tin", "2026-11-01 08:00", f"updated: {updated}", body=f"Bản {hour}."))
        site.run(NOW + hour * HOUR)
        (item,) = json.loads((site.output / "feed.json").read_bytes())["items"]
        assert f"Bản {hour}." in item["content_html"]
        dates.append(datetime.fromisoformat(item["date_modified"]))
    assert dates == [
        datetime.fromisoformat("2026-11-20T10:00+07:00"),
        datetime.fromisoformat("2026-11-22T10:00+07:00"),
        NOW + 2 * HOUR,  # the moment of the run, where the article names none that could be
        NOW + 3 * HOUR,
    ]


@pytest.mark.parametrize(
    ("pace", "minutes"), [("*/15 * * * *", "15"), ("0 6,18 * * *", "720"), ("0 6 * * mon", "1440")]
)
def test_a_feed_tells_readers_the_pace_of_its_runs(site: Site, pace: str, minutes: str) -> None:
    site.change("[keywords]", f'[schedule]\nfeeds = "{pace}"\n\n[keywords]')
    site.run()
    assert etree.fromstring((site.output / "feed.rss").read_bytes()).findtext("channel/ttl") == minutes


def test_the_opml_names_every_feed_once_in_groups_and_no_time_of_making(site: Site) -> None:
    """OPML 2.0. Its date would change its bytes although no feed came or went."""
    site.change('title = "Tin thử"', 'title = "Tin thử"\nauthor = "Tòa soạn"')
    fill(site)
    root = etree.fromstring((site.output / "feeds.opml").read_bytes())
    assert (root.tag, dict(root.attrib)) == ("opml", {"version": "2.0"})
    head, body = root
    assert {child.tag: child.text for child in head} == {"title": "Tin thử", "ownerName": "Tòa soạn"}
    groups = {group.get("text"): [line.get("htmlUrl") for line in group] for group in body}
    assert groups == {
        "Tin thử": [SITE],
        "Kênh theo nhóm từ khóa": [f"{SITE}feeds/hai/"],
        "Từ khóa": [f"{SITE}keywords/do/", f"{SITE}keywords/xanh/"],
        "Bản tin": [f"{SITE}digests/daily/"],
    }
    for line in body.iterfind("outline/outline"):
        assert line.get("type") == "rss"
        assert line.get("text") == line.get("title")
        assert "version" not in line.attrib
        assert line.get("xmlUrl") == f"{line.get('htmlUrl')}feed.atom"
        assert at(site.output, line.get("xmlUrl"))
        assert at(site.output, f"{line.get('htmlUrl')}index.html")


def png(width: int) -> bytes:
    """A picture of one row."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = part(b"IHDR", struct.pack(">IIBBBBB", width, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + part(b"IDAT", zlib.compress(bytes(width + 1))) + part(b"IEND", b"")


def test_pictures_stand_where_feeds_say_with_their_true_length_and_words_for_who_cannot_see(
    site: Site,
) -> None:
    body = "Bài.\n\n![Cầu *Niệm*](ảnh/cau.png)\n\n![](https://e.org/b.jpg)\n\n![mất](gone.png)\n"
    site.write("ảnh/cau.png", png(300))
    site.write("a.md", seed("Tin", "2026-11-20 08:00", body=body))
    assert site.run().failures == []
    (item,) = json.loads((site.output / "feed.json").read_bytes())["items"]
    (own, elsewhere) = item["attachments"]
    assert at(site.output, own["url"]) == png(300)
    assert own == {"url": item["image"], "mime_type": "image/png", "size_in_bytes": len(png(300))}
    assert elsewhere == {"url": "https://e.org/b.jpg", "mime_type": "image/jpeg"}
    shown = html.fromstring(f"<div>{item['content_html']}</div>").findall(".//figure/img")
    assert [dict(picture.attrib) for picture in shown] == [
        {"src": own["url"], "alt": "Cầu Niệm"},
        {"src": "https://e.org/b.jpg", "alt": ""},
    ]
    enclosure = etree.fromstring((site.output / "feed.rss").read_bytes()).find("channel/item/enclosure")
    assert dict(enclosure.attrib) == {"url": own["url"], "length": str(len(png(300))), "type": "image/png"}


def links_in(value: Any) -> list[str]:
    """Whatever in a JSON feed is or holds an address."""
    if isinstance(value, dict):
        return [link for one in value.values() for link in links_in(one)]
    if isinstance(value, list):
        return [link for one in value for link in links_in(one)]
    return [value] if isinstance(value, str) and value.startswith(SITE) else []


def test_every_address_of_the_site_in_a_feed_leads_to_a_file(site: Site) -> None:
    fill(site)
    found = 0
    for form in FORMS:
        for folder in FOLDERS:
            for page in walk(site.output, folder, form):
                if form == "json":
                    links = links_in(json.loads(page.raw))
                else:
                    values = [
                        v for node in etree.fromstring(page.raw).iter() for v in (node.text, *node.values())
                    ]
                    links = [value for value in values if value and value.startswith(SITE)]
                for link in links:
                    path = unquote(link.removeprefix(SITE))
                    assert (
                        site.output / Path(path, "index.html" if path.endswith("/") or not path else "")
                    ).is_file()
                    found += 1
    assert found > 100


def test_a_language_that_an_article_declares_is_that_of_its_entry(site: Site) -> None:
    site.write("a.md", seed("News", "2026-11-20 08:00", "language: en-GB", "id: a"))
    site.write("b.md", seed("Tin", "2026-11-19 08:00"))
    site.run()
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    feed = etree.fromstring((site.output / "feed.atom").read_bytes())
    assert [feed.get(lang), *(node.get(lang) for node in feed.iterfind(f"{ATOM}entry"))] == [
        "vi",
        "en-GB",
        "vi",
    ]
    made = json.loads((site.output / "feed.json").read_bytes())
    assert [made["language"], *(item["language"] for item in made["items"])] == ["vi", "en-GB", "vi"]
