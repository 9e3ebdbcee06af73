"""What a change rebuilds: each row of the table in docs/reference/dependencies.md.

After it, the output equals one that is built into an empty folder byte for byte, and no other file was
written: all else keeps its inode and time of change.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

import pytest
from conftest import NOW, Site

CONFIG = """\
[site]
title = "Tin thử"
url = "https://news.example.org/"

[feeds]
items = 2
archives = {archives}

[keywords]
found = 0

[[keywords.topic]]
name = "Kiến An"

[[digest]]
name = "daily"
title = "Tin sáng"
schedule = "0 6 * * *"

[mail]
sender = "Tin thử <news@example.org>"
"""
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
LATER = NOW + timedelta(hours=2)

SHARED = ["index.html", "feed.*", "feeds.opml*", "feeds/index.html", "keywords/index.html"]
"""What lists the newest articles, or counts those under keywords."""


def seed(site: Site, name: str, title: str, date: str, words: str, body: str = "Thân bài.") -> None:
    site.write(name, f"{title}\n\n17:26 {date}\n\n{body}\n\nTừ khóa: {words}\n")


def add(site: Site) -> None:
    seed(site, "new.txt", "Bài mới", "23/11/2026", "Một")


def add_under_new_keyword(site: Site) -> None:
    seed(site, "new.txt", "Bài mới", "23/11/2026", "Mười")


def edit(site: Site) -> None:
    seed(site, "c.txt", "Bài ba", "03/11/2026", "Hai", "Thân khác.")


def refile(site: Site) -> None:
    seed(site, "c.txt", "Bài ba", "03/11/2026", "Một")


def delete(site: Site) -> None:
    (site.seeds / "c.txt").unlink()


def rename(site: Site) -> None:
    (site.seeds / "c.txt").rename(site.seeds / "z.txt")


def touch(site: Site) -> None:
    os.utime(site.seeds / "c.txt", ns=(1, 1))


def picture(site: Site) -> None:
    (site.seeds / "one.gif").write_bytes(PIXEL + b"\0")


def nothing(site: Site) -> None:
    """The clock alone."""


def topic(site: Site) -> None:
    site.change('name = "Kiến An"', 'name = "Kiến An"\nany = ["Bài một"]')


def title(site: Site) -> None:
    site.change('title = "Tin thử"', 'title = "Tin khác"')


def items(site: Site) -> None:
    site.change("items = 2", "items = 3")


def lose_file(site: Site) -> None:
    (site.output / "keywords/hai/feed.rss").unlink()


HAI = ["keywords/hai/*"]
MOT = ["keywords/mot/*"]
EDITION = ["digests/daily/2026-11-24/index.html"]
ROWS: dict[str, tuple[Callable[[Site], None], list[str]]] = {
    "nothing": (nothing, []),
    "an article added": (add, ["articles/*/bai-moi/index.html", *MOT, *SHARED]),
    "an article added under a new keyword": (
        add_under_new_keyword,
        ["articles/*/bai-moi/index.html", "keywords/muoi/*", *SHARED],
    ),
    "an article edited": (edit, ["articles/*/bai-ba/index.html", *HAI, *EDITION, "index.html", "feed.*"]),
    "an article under another keyword": (
        refile,
        ["articles/*/bai-ba/index.html", *HAI, *MOT, *EDITION, *SHARED],
    ),
    "an article withdrawn": (delete, ["articles/*/bai-ba/index.html", *HAI, *EDITION, *SHARED]),
    "a seed renamed": (rename, []),
    "a seed written again as it was": (touch, []),
    "a picture changed": (picture, ["articles/*/bai-hinh/*", "keywords/anh/*", "index.html", "feed.*"]),
    "a topic finds more": (
        topic,
        ["articles/*/bai-mot/index.html", "keywords/kien-an/*", *MOT, *EDITION, *SHARED],
    ),
    "the site has another title": (title, ["*"]),
    "feeds hold more": (items, ["index.html", "*feed.*", "keywords/*/index.html"]),
    "a file of the output is lost": (lose_file, ["keywords/hai/feed.rss*"]),
}


def made(root: Path, archives: bool) -> Site:
    site = Site(root)
    site.configure(CONFIG.format(archives=str(archives).lower()))
    seed(site, "a.txt", "Bài một", "01/10/2026", "Một")
    seed(site, "b.txt", "Bài hai", "02/11/2026", "Hai")
    seed(site, "c.txt", "Bài ba", "03/11/2026", "Hai")
    seed(site, "d.txt", "Bài bốn", "01/11/2026", "Bốn")
    site.write(
        "e.md", "---\ntitle: Bài hình\ndate: 2026-11-04\ntags: [Ảnh]\n---\n\nThân.\n\n![Một hình](one.gif)\n"
    )
    (site.seeds / "one.gif").write_bytes(PIXEL)
    return site


def inodes(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        file.relative_to(folder).as_posix(): (file.stat().st_ino, file.stat().st_mtime_ns)
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize("archives", [False, True])
@pytest.mark.parametrize("row", ROWS)
def test_a_change_rebuilds_what_depends_on_it(tmp_path: Path, row: str, archives: bool) -> None:
    change, patterns = ROWS[row]
    site = made(tmp_path / "site", archives)
    assert site.run().failures == []
    before = inodes(site.output)
    change(site)
    assert site.run(LATER).failures == []
    after = inodes(site.output)
    written = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    patterns = [*patterns, *(["*archive/*"] if archives and patterns else [])]
    assert [path for path in sorted(written) if not any(fnmatch(path, each) for each in patterns)] == []
    # Archives leave so few articles in one document that it may hold all of them anyway.
    assert bool(written) == bool(patterns) or archives
    built = site.bytes_of(site.output)
    for file in sorted(site.output.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    site.run(LATER)
    assert site.bytes_of(site.output) == built


def test_an_article_comes_out_at_its_hour(tmp_path: Path) -> None:
    site = made(tmp_path / "site", archives=False)
    site.write("f.txt", "Bài sau\n\n12:00 24/11/2026\n\nThân.\n\nTừ khóa: Bốn\n")
    site.run()
    before = inodes(site.output)
    assert not any("bai-sau" in path for path in before)
    site.run(LATER)
    after = inodes(site.output)
    written = {path for path in after if before.get(path) != after[path]}
    allowed = ["articles/*/bai-sau/index.html", "keywords/bon/*", *SHARED]
    assert [path for path in sorted(written) if not any(fnmatch(path, each) for each in allowed)] == []
    assert any("bai-sau" in path for path in written)


def test_the_table_names_every_row() -> None:
    text = (Path(__file__).parents[2] / "docs/reference/dependencies.md").read_text(encoding="utf-8")
    assert [row for row in [*ROWS, "the clock passes an article's date"] if f"| {row} |" not in text] == []
