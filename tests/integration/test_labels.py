"""A keyword is called as most articles spell it; its address never moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from conftest import NOW, Site

LATER = NOW + timedelta(hours=1)


def declares(site: Site, name: str, keyword: str) -> None:
    site.write(f"{name}.txt", f"Chuyện về {name}\n\n17:26 30/05/2023\n\nThân bài.\n\nTừ khóa: {keyword}\n")


def label(site: Site, key: str = "phòng cháy") -> str:
    with site.reading() as store:
        (found,) = (keyword for keyword in store.known().keywords.values() if keyword.key == key)
    assert found.slug == "phong-chay"
    return found.label


def outside_digests(site: Site) -> dict[str, bytes]:
    return {path: raw for path, raw in site.bytes_of(site.output).items() if not path.startswith("digests/")}


def test_the_most_frequent_spelling_is_the_label_and_every_page_shows_it(site: Site, new_site: Any) -> None:
    for number, spelling in enumerate(["PHÒNG CHÁY", "phòng cháy", "Phòng cháy", "Phòng cháy"]):
        declares(site, f"bài {number}", spelling)
        site.run(NOW + timedelta(minutes=number))
    assert label(site) == "Phòng cháy"
    fresh = new_site("fresh")
    for number, spelling in enumerate(["PHÒNG CHÁY", "phòng cháy", "Phòng cháy", "Phòng cháy"]):
        declares(fresh, f"bài {number}", spelling)
    fresh.run(NOW + timedelta(minutes=3))
    # An edition is what it was when it was recorded.
    assert outside_digests(fresh) == outside_digests(site)
    pages = [page.read_text(encoding="utf-8") for page in (site.output / "articles").rglob("index.html")]
    assert len(pages) == 4
    assert all(">Phòng cháy</a>" in page and "PHÒNG CHÁY" not in page for page in pages)


def test_of_two_as_frequent_the_one_that_is_not_all_capitals_is_shown(site: Site) -> None:
    declares(site, "a", "PHÒNG CHÁY")
    declares(site, "b", "phòng cháy")
    site.run()
    assert label(site) == "phòng cháy"


def test_a_spelling_that_most_articles_left_gives_way(site: Site) -> None:
    for name, spelling in (("a", "phòng cháy"), ("b", "phòng cháy"), ("c", "Phòng Cháy"), ("d", "Khác")):
        declares(site, name, spelling)
    site.run()
    assert label(site) == "phòng cháy"
    declares(site, "a", "Phòng Cháy")
    site.run(LATER)
    assert label(site) == "Phòng Cháy"
    (site.seeds / "c.txt").unlink()
    site.run(LATER + timedelta(hours=1))
    assert label(site) == "Phòng Cháy"  # as frequent as the other, and before it in the order of code points


def test_a_topic_is_called_as_the_configuration_has_it(site: Site) -> None:
    site.change('name = "Giao thông"\nany = ["giao thông"]', 'name = "PHÒNG cháy"\nany = ["phòng cháy"]')
    declares(site, "a", "Phòng cháy")
    declares(site, "b", "Phòng cháy")
    site.run()
    assert label(site) == "PHÒNG cháy"
    site.change('name = "PHÒNG cháy"', 'name = "Phòng Cháy"')
    site.run(LATER)
    assert label(site) == "Phòng Cháy"


def test_a_dry_run_says_which_articles_show_another_label(site: Site) -> None:
    for name, spelling in (("a", "phòng cháy"), ("b", "Khác")):
        declares(site, name, spelling)
    site.run()
    declares(site, "c", "Phòng Cháy")
    declares(site, "d", "Phòng Cháy")
    planned = sorted(change.kind for change in site.plan(LATER).plan.articles)
    assert planned == ["added", "added", "refiled"]
    assert sorted(change.kind for change in site.run(LATER).plan.articles) == planned


def ids(site: Site, slug: str) -> tuple[str, str]:
    """The title and the id of the feed of a keyword."""
    feed = (site.output / f"keywords/{slug}/feed.atom").read_text(encoding="utf-8")
    return feed.partition("<title")[2].partition(">")[2].partition("<")[0], feed.partition("<id>")[
        2
    ].partition("<")[0]


def test_a_topic_that_gets_another_name_keeps_its_address_and_its_feeds_their_ids(site: Site) -> None:
    site.article("a.txt", "Kẹt xe", "Lo giao thông.")
    site.run()
    title, identity = ids(site, "giao-thong")
    assert title == "Giao thông · Tin thử"
    site.change('name = "Giao thông"', 'name = "Đi lại trong thành phố"')
    site.run(LATER)
    assert ids(site, "giao-thong") == ("Đi lại trong thành phố · Tin thử", identity)
    assert not (site.output / "keywords/di-lai-trong-thanh-pho").exists()


def test_an_alias_carries_the_address_on_and_who_followed_the_old_name_follows_the_new(site: Site) -> None:
    declares(site, "a", "PCCC")
    site.change("[keywords]\n", '[[feed]]\nname = "lua"\nkeywords = ["PCCC"]\n\n[keywords]\n')
    site.run()
    identity = ids(site, "pccc")[1]
    site.change("found = 0\n", 'found = 0\naliases = { PCCC = "Phòng cháy chữa cháy" }\n')
    site.run(LATER)
    assert ids(site, "pccc") == ("Phòng cháy chữa cháy · Tin thử", identity)
    assert "Chuyện về a" in (site.output / "feeds/lua/feed.rss").read_text(encoding="utf-8")
