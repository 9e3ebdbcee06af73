"""Feeds of several keywords: what they hold, where people and readers find them, and what is left of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chains import FORMS, SITE, walk
from conftest import NOW, Site
from lxml import etree, html

AT = "2026-11-24T11:00:00+07:00"
LATER = NOW + timedelta(minutes=30)
UNDER = {"1": ("Đỏ",), "2": ("Đỏ", "Xanh"), "3": ("Xanh",), "4": (), "5": ("Xanh", "Đỏ"), "6": ("Vàng",)}
"""Titles of articles, a month apart, and their keywords."""
TABLE = """[[feed]]
name = "hai-mau"
title = "Hai màu"
description = "Đỏ hoặc xanh"
keywords = ["Đỏ", "xanh"]
"""


def fill(site: Site, *tables: str, items: int = 50) -> None:
    site.change("[keywords]", f"[feeds]\nitems = {items}\n\n" + "\n".join((*tables, "[keywords]")))
    for title, keywords in UNDER.items():
        head = f"title: {title}\ndate: 2026-0{title}-15 08:00\nkeywords: [{', '.join(keywords)}]"
        site.write(f"{title}.md", f"---\n{head}\n---\n\nThân bài.\n")


def titles(site: Site, name: str) -> str:
    """In all formats alike."""
    found = {
        form: [title for page in walk(site.output, f"feeds/{name}/", form) for title in page.titles]
        for form in FORMS
    }
    assert found["rss"] == found["atom"] == found["json"]
    return " ".join(found["rss"])


def page(site: Site, path: str) -> Any:
    return html.fromstring((site.output / path / "index.html").read_bytes())


def announced(tree: Any) -> list[str]:
    return [str(link.get("href")) for link in tree.iterfind(".//link[@rel='alternate']")]


def lines_of_opml(site: Site) -> dict[str, dict[str, str]]:
    """By the address of the page."""
    root = etree.fromstring((site.output / "feeds.opml").read_bytes())
    return {
        str(line.get("htmlUrl")): {str(key): str(value) for key, value in line.items()}
        for line in root.iterfind(".//outline[@xmlUrl]")
    }


def dry_run(site: Site) -> dict[str, Any]:
    command = [sys.executable, "-m", "publisher", "--dry-run", "--json", "--at", AT]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        command, cwd=site.root, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('keywords = ["Đỏ", "Xanh"]', "5 3 2 1"),
        ('keywords = ["Đỏ", "Xanh"]\nmatch = "any"', "5 3 2 1"),
        ('keywords = ["Đỏ", "Xanh"]\nmatch = "all"', "5 2"),
        ('keywords = ["ĐỎ", "xanh"]\nmatch = "all"', "5 2"),
        ('keywords = ["Đỏ", "Vàng"]\nnone = ["Xanh"]', "6 1"),
        ('none = ["Xanh"]', "6 4 1"),
        ("", "6 5 4 3 2 1"),
        ('keywords = ["Tím", "Vàng"]', "6"),
        ('keywords = ["Tím", "Vàng"]\nmatch = "all"', ""),
        ('keywords = ["Tím"]', ""),
        ('none = ["Tím"]', "6 5 4 3 2 1"),
    ],
)
def test_a_feed_holds_what_its_keywords_ask_for(site: Site, settings: str, expected: str) -> None:
    fill(site, f'[[feed]]\nname = "x"\n{settings}\n')
    assert site.run().failures == []
    assert titles(site, "x") == expected
    tree = page(site, "feeds/x")
    shown = [heading.text_content().strip() for heading in tree.iterfind(".//article//h2")]
    assert " ".join(shown) == expected


def test_a_keyword_that_comes_to_be_known_fills_the_feed_that_waits_for_it(site: Site) -> None:
    fill(site, '[[feed]]\nname = "x"\nkeywords = ["Tím"]\n')
    site.run()
    assert titles(site, "x") == ""
    site.write("7.md", "---\ntitle: 7\ndate: 2026-07-15 08:00\nkeywords: [tím]\n---\n\nThân bài.\n")
    site.run(LATER)
    assert titles(site, "x") == "7"


def test_a_feed_says_in_every_format_what_it_is(site: Site) -> None:
    fill(site, TABLE)
    site.run()
    folder = site.output / "feeds/hai-mau"
    feed = json.loads((folder / "feed.json").read_bytes())
    assert (feed["title"], feed["description"]) == ("Hai màu · Tin thử", "Đỏ hoặc xanh")
    assert (feed["home_page_url"], feed["feed_url"]) == (
        f"{SITE}feeds/hai-mau/",
        f"{SITE}feeds/hai-mau/feed.json",
    )
    channel = etree.fromstring((folder / "feed.rss").read_bytes())[0]
    found = [channel.findtext(name) for name in ("title", "description", "link")]
    assert found == ["Hai màu · Tin thử", "Đỏ hoặc xanh", f"{SITE}feeds/hai-mau/"]


def test_feeds_have_ids_of_their_own(site: Site) -> None:
    fill(site, TABLE, '[[feed]]\nname = "x"\nkeywords = ["Đỏ", "xanh"]\n')
    site.run()
    ids = {
        etree.fromstring((site.output / folder / "feed.atom").read_bytes()).findtext(
            "{http://www.w3.org/2005/Atom}id"
        )
        for folder in ("", "feeds/x", "feeds/hai-mau", "keywords/do", "keywords/xanh")
    }
    assert len(ids) == 5
    assert None not in ids


def test_its_page_and_its_archives_announce_it_and_other_pages_do_not(site: Site) -> None:
    fill(site, TABLE, items=1)
    site.run()
    own = [f"{SITE}feeds/hai-mau/feed.{form}" for form in FORMS]
    every = [f"{SITE}feed.{form}" for form in FORMS]
    assert sorted(announced(page(site, "feeds/hai-mau"))) == sorted(own + every)
    assert announced(page(site, "feeds/hai-mau"))[:3] == own
    assert announced(page(site, "feeds/hai-mau/archive/2026/01"))[:3] == own
    assert announced(page(site, ""))[:3] == every
    assert not set(own) & set(announced(page(site, "keywords/do")))


def test_the_list_of_feeds_and_the_opml_name_it_once(site: Site) -> None:
    fill(site, TABLE)
    site.run()
    line = lines_of_opml(site)[f"{SITE}feeds/hai-mau/"]
    assert line == {
        "text": "Hai màu",
        "title": "Hai màu",
        "type": "rss",
        "xmlUrl": f"{SITE}feeds/hai-mau/feed.atom",
        "description": "Đỏ hoặc xanh",
        "htmlUrl": f"{SITE}feeds/hai-mau/",
    }
    links = [str(link.get("href")) for link in page(site, "feeds").iterfind(".//main//a")]
    assert [link for link in links if "hai-mau" in link] == [
        "../feeds/hai-mau/",
        *(f"{SITE}feeds/hai-mau/feed.{form}" for form in ("atom", "rss", "json")),
    ]


def test_a_dry_run_says_which_feed_will_come(site: Site) -> None:
    fill(site)
    site.run()
    site.change("[keywords]", f"{TABLE}\n[keywords]")
    before = site.tree()
    told = dry_run(site)
    assert site.tree() == before
    (feed,) = [feed for feed in told["feeds"] if feed["page"] == "feeds/hai-mau/"]
    assert feed == {"page": "feeds/hai-mau/", "title": "Hai màu", "added": 4, "updated": 0, "withdrawn": 0}
    made = {f"feeds/hai-mau/{name}" for name in ("", *(f"feed.{form}" for form in FORMS))}
    assert made <= set(told["files"])
    assert {"feeds/", "feeds.opml"} <= set(told["files"])


def test_a_feed_that_is_no_longer_wanted_is_taken_away_with_everything(site: Site) -> None:
    fill(site, TABLE, items=1)
    site.run()
    folder = site.output / "feeds/hai-mau"
    stood = {path.relative_to(site.output).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert len([path for path in stood if "archive" in path]) == 3 * 10
    assert {path.rpartition(".")[2] for path in stood} == {"html", "rss", "atom", "json", "gz", "br"}
    site.change(TABLE, "")
    told = dry_run(site)
    pages = {path.removesuffix("index.html") for path in stood if not path.endswith((".gz", ".br"))}
    assert set(told["removed"]) == pages
    assert "feeds/hai-mau/" not in {feed["page"] for feed in told["feeds"] if feed["added"]}
    assert folder.is_dir()
    outcome = site.run()
    assert (outcome.failures, outcome.counts["files removed"]) == ([], len(pages))
    assert not folder.exists()
    assert f"{SITE}feeds/hai-mau/" not in lines_of_opml(site)
    assert "hai-mau" not in (site.output / "feeds/index.html").read_text("utf-8")
    assert dry_run(site)["removed"] == []


def test_a_feed_that_comes_back_has_the_id_that_it_had(site: Site) -> None:
    fill(site, TABLE)
    site.run()
    before = site.bytes_of(site.output / "feeds")
    site.change(TABLE, "")
    site.run(LATER)
    site.change("[keywords]", f"{TABLE}\n[keywords]")
    site.run(LATER)
    assert site.bytes_of(site.output / "feeds") == before


def test_with_feeds_only_it_has_its_documents_and_no_page(site: Site) -> None:
    fill(site, '[output]\nbase = "feeds"\n', TABLE)
    site.run()
    suffixes = ("", ".gz", ".br")
    assert set(site.tree(site.output / "feeds")) == {
        f"hai-mau/feed.{form}{suffix}" for form in FORMS for suffix in suffixes
    }
