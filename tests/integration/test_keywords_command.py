"""`publish keywords`: what stands under what, since when, and why."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from conftest import CONFIG, Site

from publisher.cli import publish

ALIASES = CONFIG.replace(
    "[keywords]\nfound = 0\n",
    '[keywords]\nfound = 3\nignore = ["Tin nóng"]\naliases = { "KA" = "Kiến An" }\n',
)


def keywords(site: Site, *words: str) -> Result:
    return CliRunner().invoke(publish, ["-c", str(site.root / "config.toml"), "keywords", *words])


@pytest.fixture
def filed(site: Site) -> Site:
    site.configure(ALIASES + '\n[[keywords.topic]]\nname = "Chưa ai viết"\n')
    site.write(
        "cầu.txt", "Cầu mới\n\n17:26 30/05/2023\n\nCầu thông xe.\n\nTừ khóa: KA, Tin nóng, Cầu đường\n"
    )
    site.article(
        "xe.txt", "Lo giao thông ở Kiến An", "Sở giao thông họp.\n\nKẹt xe vì giao thông.", "08:00 01/06/2024"
    )
    line = {"id": "1", "title": "Bài một", "date": "2023-05-30T17:26:00+07:00", "body": "Về giao thông."}
    site.write("nhieu.jsonl", json.dumps(line, ensure_ascii=False) + "\n")
    site.run()
    return site


def test_each_keyword_has_its_articles_sources_and_dates(filed: Site) -> None:
    lines = keywords(filed).stdout.splitlines()
    assert lines[0].split() == [*["2", "Giao", "thông", "2023-05-30", "to", "2024-06-01", "2", "topic"]]
    assert any(line.split() == [*["1", "Cầu", "đường", "2023-05-30", "1", "declared"]] for line in lines)
    assert "Topics that match nothing:" in lines
    assert lines[lines.index("Topics that match nothing:") + 1].strip() == "Chưa ai viết"
    found = {each["label"]: each for each in json.loads(keywords(filed, "--json").stdout)}
    assert found["Giao thông"]["first"].startswith("2023-05-30T10:26")
    assert found["Kiến An"]["articles"] == {"declared": 1, "topic": 1}


def test_why_shows_what_was_declared_and_what_is_ignored(filed: Site) -> None:
    told = json.loads(keywords(filed, "--why", "cầu.txt", "--json").stdout)
    assert [(one["label"], one["declared_as"]) for one in told["keywords"]] == [
        ("Kiến An", ["KA"]),
        ("Cầu đường", ["Cầu đường"]),
    ]
    assert told["ignored"] == ["Tin nóng"]


def test_why_shows_each_place_of_each_phrase(filed: Site) -> None:
    lines = keywords(filed, "--why", str(filed.seeds / "xe.txt")).stdout.splitlines()
    assert lines[0] == "Lo giao thông ở Kiến An"
    assert "Giao thông  topic, 5 points, 3 places" in lines
    assert "  title  Lo [giao thông] ở Kiến An" in lines
    assert "  body   Kẹt xe vì [giao thông]." in lines


def test_why_knows_an_article_among_many(filed: Site) -> None:
    with filed.reading() as store:
        (path,) = (path for path in store.known().seeds if path.startswith("nhieu.jsonl/"))
    assert "  body   Về [giao thông]." in keywords(filed, "--why", path).stdout
    assert "holds many articles" in str(keywords(filed, "--why", "nhieu.jsonl").exception)


def test_why_shows_where_what_was_found_stands(filed: Site) -> None:
    filed.article("niệm.txt", "Cầu Niệm thông xe", "Cầu Niệm dài 300 mét.\n\nDân mừng vì cầu Niệm đẹp.")
    told = json.loads(keywords(filed, "--why", "niệm.txt", "--json").stdout)
    (one,) = (each for each in told["keywords"] if each["label"].casefold() == "cầu niệm")
    assert one["source"] == "found"
    places = [(place["zone"], place["phrase"]) for place in one["places"]]
    assert places[:2] == [("title", "Cầu Niệm"), ("body", "Cầu Niệm")]


NIỆM = "Cầu Niệm thông xe\n\n08:00 01/06/2024\n\nCầu Niệm dài 300 mét.\n\nDân mừng vì cầu Niệm đẹp.\n"


def first_of(site: Site, seed: str) -> tuple[str, str]:
    one = json.loads(keywords(site, "--why", seed, "--json").stdout)["keywords"][0]
    return one["label"].casefold(), one["source"]


def test_what_others_are_given_is_told_from_what_is_only_found(filed: Site) -> None:
    filed.write("niệm.txt", NIỆM)
    assert first_of(filed, "niệm.txt") == ("cầu niệm", "found")
    filed.write("phà.txt", "Hết phà\n\n17:26 30/05/2023\n\nThân bài.\n\nTừ khóa: Cầu Niệm\n")
    filed.run()
    assert first_of(filed, "niệm.txt") == ("cầu niệm", "vocabulary")
    found = {each["label"]: each["articles"] for each in json.loads(keywords(filed, "--json").stdout)}
    assert found["Cầu Niệm"] == {"declared": 1, "vocabulary": 1}
    assert "1 declared, 1 vocabulary" in keywords(filed).stdout
    (filed.seeds / "phà.txt").unlink()
    filed.run()
    assert first_of(filed, "niệm.txt") == ("cầu niệm", "found")


def test_why_speaks_of_other_articles_and_not_of_what_this_one_declared_before(filed: Site) -> None:
    filed.write("niệm.txt", NIỆM + "\nTừ khóa: Cầu Niệm\n")
    filed.run()
    assert first_of(filed, "niệm.txt") == ("cầu niệm", "declared")
    filed.write("niệm.txt", NIỆM)
    assert first_of(filed, "niệm.txt") == ("cầu niệm", "found")


def test_keywords_that_are_as_full_stand_by_the_alphabet_whatever_their_slug(site: Site) -> None:
    site.change('name = "Kiến An"', 'name = "Kiến An"\nslug = "zz"')
    for number, word in enumerate(("Đường sắt", "Dân số", "Kiến An", "Ẩm thực", "Đê điều")):
        site.write(f"{number}.txt", f"Bài {number}\n\n17:26 30/05/2023\n\nThân bài.\n\nTừ khóa: {word}\n")
    site.run()
    labels = [each["label"] for each in json.loads(keywords(site, "--json").stdout)]
    assert labels == ["Ẩm thực", "Dân số", "Đê điều", "Đường sắt", "Kiến An"]


@pytest.mark.parametrize("name", ["không.txt", "../config.toml", "/etc/hostname"])
def test_why_refuses_what_is_no_seed(filed: Site, name: str) -> None:
    assert "no such seed" in str(keywords(filed, "--why", name).exception)
