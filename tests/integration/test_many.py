"""Files that hold many articles, through whole runs: each article has its own fate and keeps its identity."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from conftest import NOW, Site

FEED = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Tin</title><link>https://bao.example.vn/</link><language>vi</language>
<item><title>Trai làng rước pháo</title><link>https://bao.example.vn/a.html</link>
<description><![CDATA[<a href="https://bao.example.vn/a.html"><img src="https://bao.example.vn/a.jpg"></a></br>Hai quả
 pháo được rước quanh làng.]]></description><category>Lễ hội</category>
<pubDate>Fri, 08 Feb 2019 16:09:56 +0700</pubDate></item>
<item><title>Không có ngày</title><link>https://bao.example.vn/b.html</link><description>Chữ.</description></item>
</channel></rss>
"""


def line(key: str, title: str, **more: Any) -> str:
    record = {
        "id": key,
        "title": title,
        "publishAt": 1541224800000,
        "sapo": f"Chuyện {title}.",
        "tags": ["giá"],
    }
    return json.dumps(record | more, ensure_ascii=False) + "\n"


def titles(site: Site) -> dict[str, str]:
    """Ids of what is live, by title."""
    with site.reading() as store:
        return {item.title: item.id for item in store.known().listings.values() if not item.withdrawn}


def test_each_line_is_an_article_and_one_that_is_none_is_named_with_its_number(site: Site) -> None:
    site.write("tin.jsonl", line("a", "Bài một") + "{broken\n\n" + line("b", ""))
    outcome = site.run()
    assert set(titles(site)) == {"Bài một"}
    assert [failure.split(" (")[0] for failure in outcome.failures] == [
        "tin.jsonl/2:2: not JSON",
        "tin.jsonl/b:4: no title",
    ]
    assert site.run().counts["added"] == 0


def test_lines_that_change_come_and_go_each_by_itself(site: Site) -> None:
    site.write("tin.jsonl", "".join(line(key, f"Bài {key}") for key in "abcd"))
    site.run()
    before = titles(site)
    kept = line("d", "Bài d") + line("a", "Bài a sửa") + line("c", "Bài c") + line("e", "Bài e")
    site.write("tin.jsonl", kept)
    counts = site.run(NOW + timedelta(hours=1)).counts
    assert (counts["added"], counts["updated"], counts["withdrawn"]) == (1, 1, 1)
    after = titles(site)
    assert set(after) == {"Bài a sửa", "Bài c", "Bài d", "Bài e"}
    assert (after["Bài a sửa"], after["Bài c"]) == (before["Bài a"], before["Bài c"])


def test_a_file_that_gets_another_name_changes_nothing(site: Site) -> None:
    file = site.write("tin.jsonl", "".join(line(key, f"Bài {key}") for key in "abc"))
    site.run()
    before = titles(site), site.bytes_of(site.output)
    file.rename(file.with_name("khac.jsonl"))
    outcome = site.run(NOW + timedelta(hours=1))
    assert not outcome.failures
    assert (titles(site), site.bytes_of(site.output)) == before


def test_a_file_that_cannot_be_read_any_more_keeps_its_articles(site: Site) -> None:
    site.write("tin.json", json.dumps([json.loads(line("a", "Bài một")), json.loads(line("b", "Bài hai"))]))
    site.run()
    site.write("tin.json", "[{")
    outcome = site.run(NOW + timedelta(hours=1))
    assert outcome.failures[0].startswith("tin.json:1: not JSON")
    assert set(titles(site)) == {"Bài một", "Bài hai"}
    assert not outcome.counts["withdrawn"]


def test_a_file_that_vanishes_takes_its_articles_along(site: Site) -> None:
    site.article("a.txt", "Bài a")
    site.article("b.txt", "Bài b")
    site.article("c.txt", "Bài c")
    file = site.write("tin.json", line("x", "Bài x"))
    site.run()
    file.unlink()
    assert site.run(NOW + timedelta(hours=1)).counts["withdrawn"] == 1
    assert "Bài x" not in titles(site)


def test_a_saved_feed_is_read_entry_by_entry(site: Site) -> None:
    site.write("bao.xml", FEED)
    outcome = site.run()
    assert set(titles(site)) == {"Trai làng rước pháo"}
    assert [failure.split(" (")[0].split(": ")[1] for failure in outcome.failures] == ["no date"]
    with site.reading() as store:
        [article] = store.articles([*titles(site).values()]).values()
    assert article.published.isoformat() == "2019-02-08T16:09:56+07:00"
    assert article.declared == ("Lễ hội",)
    assert "Hai quả pháo được rước quanh làng." in [block.text for block in article.blocks]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.xml", "<urlset><url>x</url></urlset>", "no feed in it"),
        ("a.rss", "not XML at all", "no feed in it"),
        ("a.rss", "", "no feed in it"),
        ("a.atom", " ", "no feed in it"),
        ("a.json", "", "not JSON"),
        ("a.atom", '<!DOCTYPE x [<!ENTITY a "b">]><feed/>', "it defines entities of its own"),
        ("a.json", "7", "no article in it"),
        ("a.json", "[7]", "article 1 is no object"),
        ("a.json", '{"name": "package", "version": "1.0"}', "no date"),
        ("a.jsonl", "[1]\n", "no object of JSON"),
        ("a.jsonl", '{"title": "T", "date": "31/02/2023", "body": "x"}\n', "impossible date “31/02/2023”"),
        ("a.jsonl", '{"title": "T", "date": 1e300, "body": "x"}\n', "impossible date 1e+300"),
        ("a.jsonl", '{"title": "T", "date": "2023-01-01"}\n', "no text"),
    ],
)
def test_what_is_no_article_is_named_with_what_to_do(site: Site, name: str, text: str, reason: str) -> None:
    site.write(name, text)
    [failure] = site.run().failures
    assert f": {reason}" in failure
    assert name in failure


def test_fields_may_have_other_names(site: Site) -> None:
    site.change(
        "[keywords]",
        '[seeds.fields]\ntitle = "meta.headline"\nbody = "noi_dung"\nkeywords = "nhan"\n\n[keywords]',
    )
    record = {
        "meta": {"headline": "Bài một"},
        "date": "2023-05-30 17:26",
        "noi_dung": ["Một.", "Hai."],
        "nhan": "x; y",
    }
    site.write("tin.jsonl", json.dumps(record) + "\n")
    site.run()
    with site.reading() as store:
        [article] = store.articles([*titles(site).values()]).values()
    assert [block.text for block in article.blocks] == ["Một.", "Hai."]
    assert article.declared == ("x", "y")


def test_a_line_of_any_length_stops_no_other(site: Site) -> None:
    site.change("[keywords]", "[seeds]\nmax_megabytes = 1\n\n[keywords]")
    site.write("tin.jsonl", line("a", "Bài một") + line("b", "x" * 3_000_000) + line("c", "Bài ba"))
    outcome = site.run()
    assert set(titles(site)) == {"Bài một", "Bài ba"}
    assert [failure.split(" (")[0] for failure in outcome.failures] == [
        "tin.jsonl/2:2: too large: more than 1 MB"
    ]


def test_articles_of_one_file_never_share_a_path(site: Site) -> None:
    site.write("tin.jsonl", line("a-3", "Bài một") + line("a", "Bài hai") + line("a", "Bài ba"))
    site.run()
    before = titles(site)
    assert len(set(before.values())) == 3
    site.write(
        "tin.jsonl",
        "".join(
            line(key, title)
            for key, title in (("a-3", "Bài một"), ("a", "Bài hai"), ("a", "Bài ba"), ("z", "Bài bốn"))
        ),
    )
    counts = site.run(NOW + timedelta(hours=1)).counts
    assert (counts["added"], counts["updated"], counts["withdrawn"]) == (1, 0, 0)
    assert before.items() <= titles(site).items()
