"""How often phrases occur decides which found keywords get a feed, and never which an article has."""

from __future__ import annotations

import pytest
from conftest import NOW, Site

CONFIG = """\
[site]
title = "Tin thử"
url = "https://news.example.org/"

[feeds]
formats = ["atom"]

[keywords]
found = 3

[mail]
sender = "Tin thử <news@example.org>"
"""
PLACES = [
    *("Hải Phòng", "Nam Định", "Thái Bình", "Hà Tĩnh", "Quảng Ninh", "Bắc Ninh", "Đà Nẵng", "Cần Thơ"),
    *("Vũng Tàu", "Kiên Giang", "Đồng Nai", "Lào Cai", "Yên Bái", "Sơn La", "Lai Châu", "Phú Thọ"),
]
"""Each in every sixteenth of the texts; there are 110."""


def text(*names: str, tail: str = "") -> str:
    told = " ".join(f"Ở {name} có bão. Gió về {name}." for name in names)
    return f"Mưa gió một ngày\n\n17:26 30/05/2023\n\n{told}\n{tail}"


@pytest.fixture
def large(site: Site) -> Site:
    """A site whose texts tell something: all speak of Bản Tin, each of a place, and each has a street of its own."""
    site.configure(CONFIG)
    for number in range(110):
        name = f"{chr(65 + number // 10)}anh {chr(65 + number % 10)}ung"
        site.write(f"{number:03}.txt", text("Bản Tin", PLACES[number % 16], name))
    site.run()
    return site


def pages(site: Site) -> set[str]:
    return {folder.name for folder in (site.output / "keywords").iterdir() if folder.is_dir()}


def test_subjects_of_several_articles_have_pages_and_others_have_none(large: Site) -> None:
    assert {"hai-phong", "phu-tho"} <= pages(large) and len(pages(large)) == 16
    with large.reading() as store:
        frequencies = store.frequencies()
    assert frequencies.texts == 110 and frequencies.articles["bản tin"] == 110
    assert frequencies.articles["hải phòng"] == 7


def test_a_found_keyword_gets_its_page_with_the_third_text_and_loses_it_again(large: Site) -> None:
    for number in range(3):
        assert "mong-cai" not in pages(large)
        large.write(f"new{number}.txt", text("Móng Cái", PLACES[number]))
        told = {change.path for change in large.plan().plan.feeds}
        assert ("keywords/mong-cai/" in told) is (number == 2)
        large.run()
    assert "mong-cai" in pages(large)
    page = next((large.output / "articles/2023/05/30").glob("*/index.html")).parent.parent
    assert sum("keywords/mong-cai/" in file.read_text() for file in page.glob("*/index.html")) == 3
    (large.seeds / "new0.txt").unlink()
    large.run()
    assert not (large.output / "keywords/mong-cai").exists()
    assert not large.plan().plan.documents


def test_what_people_gave_has_its_page_with_one_article(large: Site) -> None:
    large.write("said.txt", text("Móng Cái", tail="\nTừ khóa: Bãi biển\n"))
    large.run()
    assert "bai-bien" in pages(large) and "mong-cai" not in pages(large)
    with large.reading() as store:
        assert store.frequencies().texts == 110  # its text was not searched
    large.write("said.txt", text("Móng Cái"))
    large.run()
    with large.reading() as store:
        assert store.frequencies().texts == 111 and store.frequencies().articles["móng cái"] == 1


def test_an_article_keeps_its_keywords_whatever_others_say(large: Site) -> None:
    def filed() -> dict[str, tuple[str, ...]]:
        with large.reading() as store:
            return {key: item.keywords for key, item in store.known().listings.items()}

    before = filed()
    for number in range(40):
        large.write(f"more{number}.txt", text("Hải Phòng", f"Ngõ {chr(65 + number % 26)}{number}"))
    large.run()
    after = filed()
    assert {key: after[key] for key in before} == before
    assert "hai-phong" not in pages(large)  # more than a quarter of all texts speak of it


def test_counts_are_those_of_a_build_from_nothing(
    large: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    large.write("new.txt", text("Móng Cái", "Hải Phòng"))
    large.write("001.txt", text("Móng Cái"))
    large.run()
    (large.seeds / "002.txt").unlink()
    large.write("new.txt", text("Móng Cái", "Cần Thơ"))
    large.run()
    other = Site(tmp_path_factory.mktemp("other"))
    other.configure(CONFIG)
    for file in large.seeds.iterdir():
        other.write(file.name, file.read_bytes())
    other.run(NOW)
    with large.reading() as one, other.reading() as two:
        known, anew = one.frequencies(), two.frequencies()
    assert known.texts == anew.texts
    assert {key: number for key, number in known.articles.items() if number} == anew.articles
    assert pages(large) == pages(other)


def test_the_bar_can_be_set(large: Site) -> None:
    large.change("found = 3", "found = 3\nfound_articles = 7")
    large.run()
    assert len(pages(large)) == 14  # two places have six articles
    large.change("found_articles = 7", "found_articles = 1")
    large.run()
    assert len(pages(large)) > 100
