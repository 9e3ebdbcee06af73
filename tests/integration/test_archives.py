"""Archives of real runs (RFC 5005): walked over the files, and left alone when something new comes."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from chains import FORMS, SITE, walk
from conftest import NOW, Site
from feedrules import faults

from publisher.pipeline import Outcome

LATER = NOW + timedelta(minutes=30)
FEEDS = {"": "ab", "keywords/do/": "ab", "keywords/xanh/": "a", "feeds/hai/": "b"}
"""Each feed by its folder, and which of the two articles of each month it holds."""
MONTHS = ("06", "07", "08", "09", "10")
SETTINGS = """[feeds]
items = 3

[[feed]]
name = "hai"
keywords = ["Đỏ"]
none = ["Xanh"]

[keywords]"""


def seed(title: str, date: str, *keywords: str, body: str = "Thân bài.") -> str:
    return f"---\ntitle: {title}\ndate: {date}\nkeywords: {', '.join(keywords)}\n---\n\n{body}\n"


def fill(site: Site, settings: str = SETTINGS) -> None:
    """Two articles in each of five months; only the first of them is under “Xanh”."""
    site.change("[keywords]", settings)
    for month in MONTHS:
        site.write(f"a{month}.md", seed(f"a{month}", f"2026-{month}-10 08:00", "Đỏ", "Xanh"))
        site.write(f"b{month}.md", seed(f"b{month}", f"2026-{month}-20 08:00", "Đỏ"))


def titles(site: Site, folder: str, form: str = "rss") -> list[list[str]]:
    """What stands in each document, from the newest to the oldest."""
    return [page.titles for page in walk(site.output, folder, form)]


def feed_files(site: Site, before: dict[str, tuple[str, int]]) -> set[str]:
    """The feed documents, without their compressed forms, whose bytes or times changed."""
    after = site.tree(site.output)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    documents = {name for name in changed if "feed." in name and name.endswith(FORMS)}
    siblings = {name[:-3] for name in changed if name.endswith((".gz", ".br"))}
    assert documents == {name for name in siblings if "feed." in name and name != "digests/daily/feed.atom"}
    return documents


def figures(outcome: Outcome) -> dict[str, tuple[int, int, int]]:
    """What came into each feed, changed in it and left it."""
    return {feed.path: (feed.added, feed.updated, feed.withdrawn) for feed in outcome.plan.feeds}


def every_form(*folders: str) -> set[str]:
    return {f"{folder}feed.{form}" for folder in folders for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_a_walk_finds_each_article_of_each_feed_once_and_the_newest_first(site: Site, form: str) -> None:
    fill(site)
    assert site.run().failures == []
    for folder, which in FEEDS.items():
        pages = walk(site.output, folder, form)
        found = [title for page in pages for title in page.titles]
        assert found == [f"{one}{month}" for month in MONTHS[::-1] for one in which[::-1]], folder
        assert len({identity for page in pages for identity in page.ids}) == len(found)
        assert len(pages) == {"ab": 4, "a": 3, "b": 3}[which]
        assert len(pages[0].ids) == {"ab": 4, "a": 3, "b": 3}[which]


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_the_way_to_newer_archives_leads_back_and_each_names_the_current_feed(site: Site, form: str) -> None:
    fill(site)
    site.run()
    for folder in FEEDS:
        current, *archives = walk(site.output, folder, form)
        back = walk(site.output, folder, form, "next-archive", archives[-1].links["self"])
        assert back == archives[::-1]
        assert "prev-archive" not in archives[-1].links
        assert "next-archive" not in archives[0].links
        assert {page.links["current"] for page in archives} == {current.links["self"]}
        assert current.links["self"] == f"{SITE}{folder}feed.{form}"
        assert current.links.keys().isdisjoint({"current", "next-archive"})
        assert (current.archive, {page.archive for page in archives}) == (False, {True})


def test_archives_stand_below_the_page_of_their_feed_by_year_and_month(site: Site) -> None:
    fill(site)
    site.run()
    found = {path for path in site.tree(site.output) if "archive/" in path and path.endswith(".rss")}
    assert found == {
        *(f"archive/2026/{month}/feed.rss" for month in MONTHS[:3]),
        *(f"keywords/do/archive/2026/{month}/feed.rss" for month in MONTHS[:3]),
        *(f"keywords/xanh/archive/2026/{month}/feed.rss" for month in MONTHS[:2]),
        *(f"feeds/hai/archive/2026/{month}/feed.rss" for month in MONTHS[:2]),
    }
    for path in found:
        for suffix in ("rss", "rss.gz", "rss.br", "atom", "atom.gz", "json", "json.br"):
            assert (site.output / path).with_suffix(f".{suffix}").is_file(), path
        assert (site.output / path).with_name("index.html").is_file()


def test_no_archive_breaks_a_rule_of_its_format(site: Site) -> None:
    fill(site)
    site.run()
    documents = [path for form in FORMS for path in site.output.rglob(f"archive/**/feed.{form}")]
    assert len(documents) == 10 * len(FORMS)
    assert {
        str(path): lines for path in documents if (lines := faults(path.name, path.read_bytes(), NOW))
    } == {}


def test_a_month_of_many_articles_is_archived_in_parts(site: Site) -> None:
    site.change("[keywords]", '[output]\nbase = "feeds"\n[feeds]\nitems = 5\ncompressed = []\n[keywords]')
    for number in range(106):
        moment = f"2026-10-{number // 24 + 1:02} {number % 24:02}:00"
        site.write(f"{number}.md", seed(f"t{number}", moment))
    site.write("old.md", seed("old", "2026-09-30 08:00"))
    assert site.run().failures == []
    for form in FORMS:
        newest, part, _ = walk(site.output, "", form)
        assert newest.titles == [f"t{number}" for number in range(105, 99, -1)]
        assert part.titles == [f"t{number}" for number in range(99, -1, -1)]
        assert part.links["self"] == f"{SITE}archive/2026/10/feed.{form}"
    site.write("new.md", seed("new", "2026-11-01 00:00"))
    for number in range(4):
        site.write(f"new{number}.md", seed(f"new{number}", f"2026-11-02 0{number}:00"))
    site.run(LATER)
    assert [len(page.ids) for page in walk(site.output, "", "atom")] == [5, 6, 100, 1]
    assert walk(site.output, "", "atom")[1].links["self"] == f"{SITE}archive/2026/10/2/feed.atom"


def test_an_article_of_today_touches_no_archive_but_for_the_way_on_from_the_newest(site: Site) -> None:
    fill(site)
    site.run()
    before = site.tree(site.output)
    pages = {form: walk(site.output, "", form) for form in FORMS}
    site.write("new.md", seed("new", "2026-11-24 10:00", "Đỏ"))
    outcome = site.run(LATER)
    assert outcome.failures == []
    assert {change.path: change.added for change in outcome.plan.feeds} == {
        "": 1,
        "keywords/do/": 1,
        "feeds/hai/": 1,
    }
    old = {name for name in before if "archive/" in name and "feed." in name}
    assert len(old) == 10 * len(FORMS) * 3
    newest = ("archive/2026/08/", "keywords/do/archive/2026/08/", "feeds/hai/archive/2026/07/")
    after = site.tree(site.output)
    touched = {name for name in old if before[name] != after[name]}
    assert touched == {
        f"{folder}feed.{form}{suffix}"
        for folder in newest
        for form in ("rss", "atom")  # JSON has no way on
        for suffix in ("", ".gz", ".br")
    }
    planned = {document.path for document in outcome.plan.documents if document.path in old}
    assert planned == every_form(*newest)
    for form in FORMS:
        current, fresh, changed, *others = walk(site.output, "", form)
        assert (current.titles, fresh.titles) == (["new", "b10", "a10"], ["b09", "a09"])
        assert others == pages[form][2:]
        assert (changed.ids, changed.titles) == (pages[form][1].ids, pages[form][1].titles)


def test_only_the_way_on_is_new_in_the_newest_archive(site: Site) -> None:
    fill(site)
    site.run()
    file = site.output / "archive/2026/08/feed.atom"
    before = file.read_bytes()
    site.write("new.md", seed("new", "2026-11-24 10:00", "Đỏ"))
    site.run(LATER)
    way = f'<link rel="next-archive" href="{SITE}archive/2026/09/feed.atom"/>'.encode()
    after = file.read_bytes()
    assert way in after
    assert after.replace(way, b"").split() == before.split()


def test_an_edited_article_of_an_archived_month_changes_the_documents_that_carry_it(site: Site) -> None:
    fill(site)
    site.run()
    before = site.tree(site.output)
    site.write("a06.md", seed("a06", "2026-06-10 08:00", "Đỏ", "Xanh", body="Sửa rồi."))
    outcome = site.run(LATER)
    assert outcome.failures == []
    carriers = [f"{folder}archive/2026/06/" for folder in ("", "keywords/do/", "keywords/xanh/")]
    assert feed_files(site, before) == every_form(*carriers)
    assert (outcome.counts["updated"], outcome.counts["editions"]) == (1, 0)
    assert figures(outcome) == dict.fromkeys(("", "keywords/do/", "keywords/xanh/"), (0, 1, 0))
    for folder in carriers:
        for form in FORMS:
            assert "Sửa rồi." in (site.output / f"{folder}feed.{form}").read_text("utf-8")
        assert (site.output / folder / "index.html").is_file()


def test_an_article_of_an_old_month_that_comes_late_stands_in_the_archive_of_its_month(site: Site) -> None:
    fill(site)
    site.run()
    before = site.tree(site.output)
    site.write("late.md", seed("late", "2026-07-15 08:00", "Xanh"))
    outcome = site.run(LATER)
    changed = {name for name in feed_files(site, before) if "2026" in name}
    assert changed == every_form("archive/2026/07/", "keywords/xanh/archive/2026/07/")
    assert titles(site, "")[2] == ["b07", "late", "a07"]
    assert outcome.counts["added"] == 1
    assert figures(outcome) == {"": (1, 0, 0), "keywords/xanh/": (1, 0, 0)}


def test_a_withdrawn_article_leaves_its_archive(site: Site) -> None:
    fill(site)
    site.run()
    before = site.tree(site.output)
    (site.seeds / "a06.md").unlink()
    assert site.run(LATER).counts["withdrawn"] == 1
    expected = [["b10", "a10", "b09", "a09"], ["b08", "a08"], ["b07", "a07"], ["b06"]]
    for form in FORMS:
        assert titles(site, "", form) == titles(site, "keywords/do/", form) == expected
    gone = every_form("keywords/xanh/archive/2026/06/")
    changed = every_form("archive/2026/06/", "keywords/do/archive/2026/06/")
    # Its month was all that the last archive of this keyword had: nothing leads there any more.
    unlinked = every_form("keywords/xanh/archive/2026/07/")
    assert feed_files(site, before) == gone | changed | unlinked
    assert not (site.output / "keywords/xanh/archive/2026/06").exists()
    assert [len(page.ids) for page in walk(site.output, "keywords/xanh/", "json")] == [3, 1]


def test_an_article_that_leaves_the_newest_opens_no_closed_month(site: Site) -> None:
    fill(site)
    site.run()
    for name in ("a10", "b10"):
        (site.seeds / f"{name}.md").unlink()
    before = site.tree(site.output)
    site.run(LATER)
    assert titles(site, "") == [["b09", "a09"], ["b08", "a08"], ["b07", "a07"], ["b06", "a06"]]
    assert not [name for name in feed_files(site, before) if "archive" in name]
    site.write("new.md", seed("new", "2026-11-20 08:00", "Đỏ"))
    site.run(LATER + timedelta(minutes=30))
    assert titles(site, "")[0] == ["new", "b09", "a09"]


def test_a_month_that_loses_all_its_articles_leaves_the_chain_whole(site: Site) -> None:
    fill(site)
    site.run()
    for name in ("a07", "b07"):
        (site.seeds / f"{name}.md").unlink()
    site.run(LATER)
    assert titles(site, "") == [["b10", "a10", "b09", "a09"], ["b08", "a08"], ["b06", "a06"]]
    for form in ("rss", "atom"):
        _, newer, older = walk(site.output, "", form)
        assert older.links["next-archive"] == newer.links["self"]
    assert list((site.output / "archive/2026").iterdir()) != []
    assert not (site.output / "archive/2026/07").exists()


def test_without_archives_each_feed_holds_its_items_and_there_are_no_archive_files(site: Site) -> None:
    fill(site, SETTINGS.replace("items = 3", "items = 3\narchives = false"))
    assert site.run().failures == []
    for folder in FEEDS:
        for form in FORMS:
            (only,) = walk(site.output, folder, form)
            assert len(only.ids) == 3
    assert [path for path in site.tree(site.output) if "archive" in path] == []


def test_archives_that_are_no_longer_wanted_are_taken_away_whole(site: Site) -> None:
    fill(site)
    site.run()
    site.change("items = 3", "items = 3\narchives = false")
    assert site.run(LATER).failures == []
    assert list(site.output.rglob("archive")) == []
    assert titles(site, "") == [["b10", "a10", "b09"]]
    site.change("archives = false", "archives = true")
    site.run(LATER)
    assert [len(page) for page in titles(site, "")] == [4, 2, 2, 2]


def test_more_items_take_months_out_of_the_archives_again(site: Site) -> None:
    fill(site)
    site.run()
    kept = (site.output / "archive/2026/06/feed.json").stat().st_mtime_ns
    site.change("items = 3", "items = 5")
    site.run(LATER)
    assert [len(page) for page in titles(site, "")] == [6, 2, 2]
    assert sorted(path.name for path in (site.output / "archive/2026").iterdir()) == ["06", "07"]
    assert (site.output / "archive/2026/06/feed.json").stat().st_mtime_ns == kept


def test_only_the_formats_that_are_written_have_archives(site: Site) -> None:
    fill(site, SETTINGS.replace("items = 3", 'items = 3\nformats = ["atom"]\ncompressed = ["gz"]'))
    site.run()
    names = {path.name for path in (site.output / "archive").rglob("*") if path.is_file()}
    assert names == {"feed.atom", "feed.atom.gz", "index.html"}
    assert [len(page) for page in titles(site, "", "atom")] == [4, 2, 2, 2]


def test_the_entry_of_an_article_is_the_same_wherever_it_stands(site: Site) -> None:
    """Readers that know it by its id and its bytes do not show it again when its month is archived."""
    fill(site)
    site.run()
    before = (site.output / "feed.rss").read_bytes()
    entry = before[before.rindex(b"<item>") : before.rindex(b"</item>")]
    assert b"<title>a09</title>" in entry
    site.write("new.md", seed("new", "2026-11-24 10:00", "Đỏ"))
    site.run(LATER)
    assert entry in (site.output / "archive/2026/09/feed.rss").read_bytes()
    assert entry not in (site.output / "feed.rss").read_bytes()


def test_documents_are_dated_by_their_own_entries(site: Site) -> None:
    """RFC 4287, section 4.2.15: an archive has not changed when its feed did."""
    fill(site)
    site.run()
    pages = [page.raw for page in walk(site.output, "", "atom")]
    updated = [raw[raw.index(b"<updated>") + 9 :][:10].decode() for raw in pages]
    assert updated == ["2026-10-20", "2026-08-20", "2026-07-20", "2026-06-20"]
    assert all(newer > older for newer, older in pairwise(updated))


def test_hubs_and_the_pace_of_reading_are_named_where_something_new_comes_and_not_in_archives(
    site: Site,
) -> None:
    fill(site, SETTINGS.replace("items = 3", 'items = 3\nwebsub = ["http://127.0.0.1:9/hub"]'))
    site.run()
    for form, signs in {
        "rss": (b"<ttl>", b'rel="hub"'),
        "atom": (b'rel="hub"',),
        "json": (b'"hubs"',),
    }.items():
        current, *archives = walk(site.output, "", form)
        for sign in signs:
            assert sign in current.raw
            assert [sign in page.raw for page in archives] == [False] * 3
