"""Seeds and templates that nobody would wish for: each is named or comes out clean, and stops nothing."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import feedparser
import pytest
from conftest import NOW, Site
from lxml import etree

from publisher.errors import SeedError
from publisher.reading import Options, load, scan
from publisher.reading.sources import Folder

GOOD = "Bài một\n\n17:26 30/05/2023\n\nThân bài.\n"
ATOM = "{http://www.w3.org/2005/Atom}"


def front(title: str, keywords: list[str]) -> str:
    head = {"title": title, "keywords": keywords}
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    return "\n".join(["---", "date: 2023-05-30T17:26:00", *lines, "---", "", "Thân bài.", ""])


def feeds_of(site: Site) -> list[Path]:
    return [
        file for file in sorted(site.output.rglob("*")) if file.suffix in {".rss", ".atom", ".json", ".opml"}
    ]


def assert_every_feed_is_good(site: Site) -> None:
    files = feeds_of(site)
    assert {file.suffix for file in files} == {".rss", ".atom", ".json", ".opml"}
    for file in files:
        raw = file.read_bytes()
        if file.suffix == ".json":
            assert json.loads(raw)["version"] == "https://jsonfeed.org/version/1.1"
            continue
        etree.fromstring(raw)
        if file.suffix != ".opml":
            assert not feedparser.parse(raw).bozo, file


@pytest.mark.parametrize(
    ("name", "raw", "line"),
    [
        ("empty.txt", b"", "empty.txt: the file is empty"),
        ("binary.txt", b"\x89PNG\r\n\x00\x01", "binary.txt: binary data, not text"),
        (
            "latin.txt",
            b"T\nB\xe0i",
            "latin.txt:2: not UTF-8 (byte 0xE0 at line 2), and not surely windows-1258 or vni",
        ),
        (
            "untitled.txt",
            b"17:26 30/05/2023\n\nText.\n",
            "untitled.txt:1: no title: the first line is a date",
        ),
        ("undated.txt", b"Title\n\nText.\n\nMore text.\n", "undated.txt:1: no date"),
        ("february.txt", b"T\n\n31/02/2023\n\nx", "february.txt:3: impossible date “31/02/2023”"),
        ("page.xyz", b"what", "page.xyz: no reader for '.xyz' files"),
        ("large.txt", GOOD.encode() + b"x " * 5_500_000, "large.txt: too large: more than 10 MB"),
    ],
)
def test_a_bad_seed_is_named_and_the_others_come_out(site: Site, name: str, raw: bytes, line: str) -> None:
    site.write("good.txt", GOOD)
    site.write(name, raw)
    outcome = site.run()
    assert [failure.partition(" (hint: ")[0] for failure in outcome.failures] == [line]
    assert [fault.path for fault in outcome.plan.faults] == [name]
    assert outcome.counts["added"] == 1
    assert_every_feed_is_good(site)
    before = site.tree()
    assert [fault.path for fault in site.run(NOW).plan.faults] == [name]
    assert site.tree() == before


def test_a_seed_that_was_mended_comes_out(site: Site) -> None:
    site.write("a.txt", "")
    assert site.run().counts["quarantined"] == 1
    site.write("a.txt", GOOD)
    outcome = site.run()
    assert (outcome.counts["quarantined"], outcome.counts["added"], outcome.failures) == (0, 1, [])


def test_a_seed_that_was_spoilt_leaves_its_article_out(site: Site) -> None:
    """A half-written file is no reason to withdraw what readers have."""
    site.write("a.txt", GOOD)
    site.run()
    before = site.bytes_of(site.output)
    site.write("a.txt", b"\x00\x01")
    assert site.run().failures[0].startswith("a.txt: binary data, not text")
    assert site.bytes_of(site.output) == before


def test_an_unreadable_seed_is_named(site: Site) -> None:
    """Root may read every file: where the tests run as root, the reader is asked as nobody."""
    options = Options.from_config(site.config)
    with tempfile.TemporaryDirectory() as name:
        folder, nobody, somebody = Path(name), 65534, os.geteuid()
        folder.chmod(0o755)
        (folder / "closed.txt").write_text(GOOD)
        (folder / "closed.txt").chmod(0)
        os.seteuid(nobody if somebody == 0 else somebody)
        try:
            [seed] = scan(Folder(folder, [])).seeds
            with pytest.raises(SeedError, match="cannot be opened: Permission denied"):
                load(folder, seed, options)
        finally:
            os.seteuid(somebody)


def test_folders_links_and_pipes_are_no_seeds(site: Site, tmp_path: Path) -> None:
    site.write("good.txt", GOOD)
    (site.seeds / "folder.txt").mkdir()
    (site.seeds / "dangling.txt").symlink_to(tmp_path / "nowhere")
    secret = tmp_path / "secret.txt"
    secret.write_text(GOOD.replace("Bài một", "Bí mật"))
    (site.seeds / "link.txt").symlink_to(secret)
    os.mkfifo(site.seeds / "pipe.txt")
    outcome = site.run()
    assert (outcome.failures, outcome.counts["added"]) == ([], 1)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Tin\x01 một\x1b[31m\x7f", "Tin một[31m"),
        ("Tin ]]> <![CDATA[ một", "Tin ]]> <![CDATA[ một"),
        ("<script>alert(1)</script> & <b>đậm</b>", "‹script›alert(1)‹/script› & ‹b›đậm‹/b›"),
        ("&lt;i&gt; &amp;amp; &#0;", "&lt;i&gt; &amp;amp; &#0;"),
        ("<!--entries--> %s {{ 7 * 7 }} {% raw %}", "<!--entries--> %s {{ 7 * 7 }} {% raw %}"),
        ('" onmouseover="x" \' xmlns:atom="http://www.w3.org/2005/Atom"',) * 2,
        ("\ud7ff\ufdd0\uffff\U0001f9ea\u202ecod.exe", "\ud7ff\U0001f9eacod.exe"),
    ],
)
def test_hostile_text_stays_text(site: Site, text: str, clean: str) -> None:
    site.article("a.txt", text, f"Thân: {text}")
    assert site.run().failures == []
    assert_every_feed_is_good(site)
    (item,) = json.loads((site.output / "feed.json").read_bytes())["items"]
    assert item["title"] == clean
    rss = etree.fromstring((site.output / "feed.rss").read_bytes())
    assert rss.findtext("channel/item/title") == clean
    atom = etree.fromstring((site.output / "feed.atom").read_bytes())
    assert atom.findtext(f"{ATOM}entry/{ATOM}title") == clean
    for page in site.output.rglob("*.html"):
        raw = page.read_text(encoding="utf-8")
        assert "<script>alert" not in raw
        assert "<b>đậm" not in raw
    assert len(site.messages()) == 1


@pytest.mark.parametrize(
    "keyword",
    ["../../etc/passwd", "/etc/passwd", "..", ".", "CON", "nul.txt", "…", "%2e%2e%2f", "a/b\\c", "x" * 300],
)
def test_no_keyword_leaves_its_folder(site: Site, keyword: str) -> None:
    site.write("a.md", front("Bài một", [keyword]))
    before = set(site.root.rglob("*"))
    site.run()
    assert_every_feed_is_good(site)
    made = set(site.root.rglob("*")) - before
    allowed = (site.output, site.root / "data")
    assert all(any(path == top or top in path.parents for top in allowed) for path in made)
    slugs = [folder.name for folder in (site.output / "keywords").iterdir() if folder.is_dir()]
    assert len(slugs) <= 1
    for slug in slugs:
        assert not slug.startswith(".")
        assert slug.upper().partition(".")[0] not in {"CON", "NUL"}
        assert slug.isprintable()
        assert len(slug) <= 100
    assert not list(site.root.parent.glob("*passwd*"))


@pytest.mark.parametrize("title", ["../../etc/passwd", "CON", "…", "/", "?x=1#y", "x" * 290])
def test_no_title_leaves_the_articles(site: Site, title: str) -> None:
    site.write("a.md", front(title, []))
    assert site.run().failures == []
    (page,) = (site.output / "articles").rglob("index.html")
    assert page.parent.parent == site.output / "articles/2023/05/30"
    (item,) = json.loads((site.output / "feed.json").read_bytes())["items"]
    assert item["url"] == f"https://news.example.org/articles/2023/05/30/{page.parent.name}/"


def test_a_broken_template_is_named_with_its_line_and_the_old_files_stay(site: Site) -> None:
    folder = site.root / "own"
    folder.mkdir()
    site.change("[keywords]", '[output]\ntemplates = "own"\n\n[keywords]')
    site.write("a.txt", GOOD)
    site.run()
    page = site.output / "articles/2023/05/30/bai-mot/index.html"
    old = page.read_bytes()
    (folder / "article.html").write_text("<p>first</p>\n{% if %}\n")
    outcome = site.run()
    assert any("article.html:2" in line for line in outcome.failures), outcome.failures
    assert outcome.counts["files not made"] == 1
    assert page.read_bytes() == old
    (folder / "article.html").write_text("<p>mended</p>\n")
    outcome = site.run()
    assert outcome.failures == []
    assert page.read_text().strip() == "<p>mended</p>"
