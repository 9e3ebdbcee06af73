"""Charts, readers of feeds and suggested topics: pure, from values to values."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.keywords.suggestions import suggestions
from publisher.model import Fetcher
from publisher.web.console.charts import HEIGHT, WIDTH, Column, ceiling, chart, share
from publisher.web.fetchers import KEPT, Fetchers, readers, told

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
DAY = datetime(2026, 11, 26, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_columns_stand_on_the_base_line_to_one_scale() -> None:
    made = chart([Column("a", (5, 5)), Column("b", (0, 0)), Column("c", (10,), (10,))])
    assert (made.top, made.bottom, made.zero) == (10, 10, 60.0)
    shapes = [(each.series, each.y, each.height) for each in made.pieces]
    assert shapes == [(1, 30.0, 30.0), (2, 0.0, 30.0), (1, 0.0, 60.0), (2, 60.0, 60.0)]


def test_a_chart_of_nothing_is_empty() -> None:
    assert chart([]).empty
    assert chart([Column("a", (0,), (0,))]).empty
    assert chart([]).zero == HEIGHT


def test_one_among_many_can_still_be_seen() -> None:
    made = chart([Column("a", (100_000,)), Column("b", (1,))])
    assert made.pieces[1].height == 1.5


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)), max_size=60))
def test_whatever_the_numbers_no_piece_leaves_the_chart(rows: list[tuple[int, int, int]]) -> None:
    made = chart([Column(str(place), (one, two), (three,)) for place, (one, two, three) in enumerate(rows)])
    for piece in made.pieces:
        assert piece.x >= 0
        assert piece.x + piece.width <= WIDTH + 0.02
        assert piece.y >= 0
        assert piece.y + piece.height <= HEIGHT + 6


@pytest.mark.parametrize(
    ("number", "round_"),
    [(0, 0), (1, 1), (3, 5), (6, 10), (10, 10), (11, 20), (501, 1000), (99_999, 100_000)],
)
def test_the_edge_of_a_scale_is_a_round_number(number: int, round_: int) -> None:
    assert ceiling(number) == round_


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 10, 0.0), (1, 100_000, 0.1), (99_999, 100_000, 99.9), (5, 10, 50.0), (10, 10, 100.0), (1, 0, 0.0)],
)
def test_a_share_is_all_or_nothing_only_where_it_is(part: int, whole: int, shown: float) -> None:
    assert share(part, whole) == shown


AGENTS = {
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)": (
        "Feedly",
        16,
    ),
    "Mozilla/5.0 (compatible; inoreader.com-like FeedFetcher-Google; 3 subscribers)": ("Mozilla", 3),
    "Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 12 subscribers; )": ("Inoreader", 12),
    "NewsBlur Feed Fetcher - 5 subscribers - http://www.newsblur.com/site/1/a": ("NewsBlur Feed Fetcher", 5),
    "Feedbin feed-id:1234 - 42 subscribers": ("Feedbin", 42),
    "BazQux/2.4 (+https://bazqux.com/fetcher; 1 subscribers)": ("BazQux", 1),
    "theoldreader.com; 4 subscribers; feed-id=5a": ("theoldreader.com", 4),
    "Bloglovin/1.0 (http://www.bloglovin.com; 1 subscriber)": ("Bloglovin", 1),
    "Some, 7 readers": ("Some", 7),
    "Feedly/1.0 (0 subscribers)": ("Feedly", 0),
}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_service_says_for_how_many_it_fetches(agent: str) -> None:
    assert told(agent) == AGENTS[agent]


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "NetNewsWire (RSS Reader; https://netnewswire.com/)",
        "Feedly/1.0 (99999999 subscribers)",
        "Feedly/1.0 (9999999999 subscribers)",
        "Feedly/1.0 (1.5 subscribers)",
        "<script>/1 (5 subscribers)",
        "x" * 400 + " 5 subscribers",
    ],
)
def test_what_says_no_number_that_can_be_is_not_counted(agent: str) -> None:
    assert told(agent) is None


@given(st.text(max_size=400))
def test_no_name_of_a_program_breaks_the_count(agent: str) -> None:
    found = told(agent)
    assert found is None or (found[0].isascii() and 0 < len(found[0]) <= 40)


class Book:
    """Remembers what it is told to."""

    def __init__(self) -> None:
        self.told: list[tuple[list[Fetcher], datetime]] = []

    def record(self, seen: Iterable[Fetcher], forgotten: datetime) -> None:
        self.told.append((list(seen), forgotten))


def test_requests_are_noted_together_with_the_last_word_of_each_service_by_day() -> None:
    book = Book()
    fetchers = Fetchers(book.record)
    assert not fetchers.note("feed.atom", "Feedly/1.0 (5 subscribers)", NOW)
    assert not fetchers.note("feed.atom", "Firefox", NOW + MINUTE)
    assert not fetchers.note("feed.rss", "Feedbin - 2 subscribers", NOW + MINUTE / 2)
    assert fetchers.note("feed.atom", "Feedly/1.0 (6 subscribers)", NOW + MINUTE)
    assert not fetchers.note("feed.atom", "Feedly/1.0 (7 subscribers)", NOW + MINUTE)
    assert book.told == []
    fetchers.write(NOW + MINUTE)
    fetchers.write(NOW + MINUTE)
    seen = [Fetcher("feed.atom", "Feedly", 7, DAY), Fetcher("feed.rss", "Feedbin", 2, DAY)]
    assert book.told == [(seen, NOW + MINUTE - KEPT)]
    assert readers([*seen, Fetcher("feed.rss", "Feedly", 3, DAY)]) == {"feed.atom": 7, "feed.rss": 5}


def test_names_made_up_by_the_thousand_take_no_memory_without_end() -> None:
    book = Book()
    fetchers = Fetchers(book.record)
    for number in range(5_000):
        fetchers.note(f"feed-{number}", "Feedly (5 subscribers)", NOW)
    fetchers.write(NOW)
    assert len(book.told[0][0]) == 1_000


def found(**labels: int) -> list[tuple[str, dict[str, int]]]:
    return [(label.replace("_", " "), {"found": number}) for label, number in labels.items()]


def test_spellings_of_one_subject_make_one_topic_that_loads() -> None:
    labels = found(An_ninh_trật_tự=8, ANTT=5, an_ninh_trat_tu=1, Giao_thông=3, Kiến_An=2)
    made = suggestions(labels, topics=[])
    assert [(each.name, each.phrases, each.articles) for each in made] == [
        ("An ninh trật tự", ("An ninh trật tự", "an ninh trat tu", "ANTT"), 14),
        ("Giao thông", ("Giao thông",), 3),
    ]
    (table,) = tomllib.loads(made[0].toml)["keywords"]["topic"]
    assert table == {"name": "An ninh trật tự", "any": ["An ninh trật tự", "an ninh trat tu", "ANTT"]}


def test_what_is_a_topic_already_is_not_suggested() -> None:
    labels = [*found(Giao_thông=9, Y_tế=9), ("Kiến An", {"found": 3, "topic": 4})]
    assert [each.name for each in suggestions(labels, topics=["giao thông"])] == ["Y tế"]


def test_a_label_with_quotes_and_breaks_is_still_toml() -> None:
    (made,) = suggestions([('a "b" \\ c', {"declared": 9})], topics=[])
    assert tomllib.loads(made.toml)["keywords"]["topic"][0]["any"] == ['a "b" \\ c']


def test_of_many_the_twenty_fullest_are_suggested() -> None:
    many = [(f"Từ {number:02}", {"found": number}) for number in range(50)]
    made = suggestions(many, topics=[])
    assert len(made) == 20
    assert made[0].name == "Từ 49"
