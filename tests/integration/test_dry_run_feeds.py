"""What a dry run says of feeds is what becomes of their entries: counted in the documents before and after."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from conftest import NOW, Site

from publisher.model import FeedChange

TABLE = '[[feed]]\nname = "both"\nkeywords = ["Giao thông", "Kiến An"]\n'
Entries = dict[str, dict[str, object]]


@pytest.fixture
def news(site: Site) -> Site:
    """Nine articles over three months, two documents a feed at least."""
    site.change("[keywords]", f"[feeds]\nitems = 2\n\n{TABLE}\n[keywords]")
    for number in range(9):
        month, subject = 3 + number // 3, ("giao thông", "Kiến An", "giao thông ở Kiến An")[number % 3]
        site.article(f"{number}.txt", f"Bài {number}", f"Chuyện {subject}.", f"0{number}:00 10/0{month}/2023")
    return site


def entries(site: Site) -> dict[str, Entries]:
    """Every entry of every feed, wherever in its feed it stands, by the feed's folder and the entry's id."""
    found: dict[str, Entries] = {}
    for file in site.output.rglob("feed.json"):
        folder = file.parent.relative_to(site.output).as_posix().partition("archive")[0].strip("./")
        items = json.loads(file.read_bytes())["items"]
        found.setdefault(folder and f"{folder}/", {}).update({item["id"]: item for item in items})
    return found


def said(changes: tuple[FeedChange, ...]) -> dict[str, tuple[int, int, int]]:
    return {change.path: (change.added, change.updated, change.withdrawn) for change in changes}


def seen(before: dict[str, Entries], after: dict[str, Entries]) -> dict[str, tuple[int, int, int]]:
    found = {}
    for folder in before.keys() | after.keys():
        old, new = before.get(folder, {}), after.get(folder, {})
        changed = sum(old[key] != new[key] for key in old.keys() & new.keys())
        figures = (len(new.keys() - old.keys()), changed, len(old.keys() - new.keys()))
        if any(figures):
            found[folder] = figures
    return found


def edit(site: Site) -> None:
    site.article("0.txt", "Bài 0, đã sửa", "Chuyện giao thông.", "00:00 10/03/2023")


def withdraw(site: Site) -> None:
    (site.seeds / "8.txt").unlink()
    (site.seeds / "1.txt").unlink()


def add(site: Site) -> None:
    site.article("9.txt", "Bài 9", "Chuyện giao thông.", "09:00 11/05/2023")
    site.article("10.txt", "Bài 10", "Chuyện Kiến An.", "09:00 11/03/2023")


CHANGES: dict[str, Callable[[Site], None]] = {
    "edited in an archive": edit,
    "withdrawn": withdraw,
    "added, one of them late": add,
    "more items": lambda site: site.change("items = 2", "items = 7"),
    "other keywords of a feed": lambda site: site.change('"Giao thông", "Kiến An"', '"Giao thông"'),
    "no such feed": lambda site: site.change(TABLE, ""),
    "summaries": lambda site: site.change("items = 2", 'items = 2\ncontent = "summary"'),
    "a move of the site": lambda site: site.change("https://news.example.org/", "https://tin.example.org/"),
    "small keywords go": lambda site: site.change("found = 0", "found = 0\nmin_articles = 7"),
    "a topic goes": lambda site: site.change('[[keywords.topic]]\nname = "Kiến An"\n', ""),
    "nothing": lambda site: None,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_dry_run_counts_what_becomes_of_entries(news: Site, change: str) -> None:
    news.run()
    before = entries(news)
    CHANGES[change](news)
    later = NOW + timedelta(hours=1)
    planned = said(news.plan(later).plan.feeds)
    news.run(later)
    assert planned == seen(before, entries(news))


def test_a_first_run_adds_every_entry(news: Site) -> None:
    planned = said(news.plan().plan.feeds)
    news.run()
    assert planned == seen({}, entries(news))
