"""What other articles were given as keywords goes before what is only found in a text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import CONFIG, NOW, Site

SEARCHED = CONFIG.replace("[keywords]\nfound = 0\n", "[keywords]\nfound = 1\n")
TEXT = """\
Bệnh viện Kiến Thụy giúp người già

08:00 01/06/2024

Bệnh viện Kiến Thụy khám miễn phí cho người cao tuổi ở xã Đại Đồng.

Người cao tuổi được đo huyết áp. Tháng sau, Bệnh viện Kiến Thụy đến xã Đoàn Xá.
"""
LATER = NOW + timedelta(hours=1)


def declares(site: Site, name: str, keyword: str) -> None:
    site.write(name, f"Chuyện về {name}\n\n17:26 30/05/2023\n\nThân bài.\n\nTừ khóa: {keyword}\n")


def keywords(site: Site) -> dict[str, list[str]]:
    with site.reading() as store:
        known = store.known()
    labels = {slug: keyword.label.casefold() for slug, keyword in known.keywords.items()}
    living = {key: item for key, item in known.listings.items() if not item.withdrawn}
    return {
        path: [labels[slug] for slug in living[seed.article].keywords]
        for path, seed in known.seeds.items()
        if seed.article in living
    }


@pytest.fixture
def searched(site: Site) -> Site:
    site.configure(SEARCHED)
    site.write("khám.txt", TEXT)
    site.run()
    assert keywords(site) == {"khám.txt": ["bệnh viện kiến thụy"]}
    return site


def test_what_others_declare_goes_before_the_rest_of_what_is_found(searched: Site) -> None:
    declares(searched, "a.txt", "Người cao tuổi")
    searched.run(LATER)
    assert keywords(searched)["khám.txt"] == ["người cao tuổi"]


def test_it_is_the_same_in_whatever_order_articles_came(searched: Site, new_site: Any) -> None:
    declares(searched, "a.txt", "Người cao tuổi")
    searched.run(LATER)
    fresh = new_site("fresh")
    fresh.configure(SEARCHED)
    fresh.write("khám.txt", TEXT)
    declares(fresh, "a.txt", "Người cao tuổi")
    fresh.run(LATER)
    assert keywords(fresh) == keywords(searched)
    assert fresh.bytes_of(fresh.output / "keywords") == searched.bytes_of(searched.output / "keywords")


def test_a_keyword_that_nobody_declares_any_more_is_as_others_are(searched: Site) -> None:
    declares(searched, "a.txt", "Người cao tuổi")
    declares(searched, "b.txt", "Người cao tuổi")
    declares(searched, "c.txt", "Khác")
    searched.run(LATER)
    (searched.seeds / "a.txt").unlink()
    searched.run(LATER + timedelta(hours=1))
    assert keywords(searched)["khám.txt"] == ["người cao tuổi"]
    declares(searched, "b.txt", "Khác")
    searched.run(LATER + timedelta(hours=2))
    assert keywords(searched)["khám.txt"] == ["bệnh viện kiến thụy"]


def test_what_is_found_makes_no_vocabulary(searched: Site) -> None:
    text = TEXT.replace("Bệnh viện Kiến Thụy", "Người cao tuổi")
    searched.write("khác.txt", text)
    before = keywords(searched)["khám.txt"]
    searched.run(LATER)
    assert keywords(searched)["khám.txt"] == before


def test_a_dry_run_says_what_the_run_then_does(searched: Site) -> None:
    declares(searched, "a.txt", "Người cao tuổi")
    planned = {change.article.id: change.kind for change in searched.plan(LATER).plan.articles}
    assert sorted(planned.values()) == ["added", "refiled"]
    done = {change.article.id: change.kind for change in searched.run(LATER).plan.articles}
    assert done == planned


def test_where_the_vocabulary_stays_a_run_looks_at_what_changed_alone(searched: Site) -> None:
    declares(searched, "a.txt", "Người cao tuổi")
    searched.run(LATER)
    declares(searched, "b.txt", "Người cao tuổi")
    (change,) = searched.run(LATER + timedelta(hours=1)).plan.articles
    assert change.kind == "added"
