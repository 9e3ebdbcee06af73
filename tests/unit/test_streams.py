"""How a feed is cut into the newest articles and archived months, and what stands in which feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from conftest import Site
from listings import (
    MAY,
    config,
    documents_of,
    every_stream,
    listing,
    months,
    names,
    newest_first,
    site_stream,
)

from publisher.config import Feed
from publisher.planning.streams import Stream


def shape(stream: Stream) -> list[tuple[str, int, int]]:
    """Archives oldest first: the month, the part, how many articles."""
    return [(archive.chain.month, archive.chain.part, len(archive.articles)) for archive in stream.archives]


def test_a_month_without_a_newest_article_is_an_archive_and_the_others_are_not() -> None:
    stream = site_stream(config(items=10), months(7, 8, 9, 4))
    assert shape(stream) == [("2023-05", 1, 7), ("2023-06", 1, 8)]
    assert len(stream.newest) == 13  # ten, and what is left of the month of the tenth


def test_a_month_whose_last_article_is_the_last_of_the_newest_stays() -> None:
    assert shape(site_stream(config(items=5), months(1, 2, 6, 4))) == [("2023-05", 1, 1), ("2023-06", 1, 2)]
    assert len(site_stream(config(items=4), months(1, 2, 6, 4)).archives) == 3


def test_one_month_alone_waits_for_another_to_be_archived_with() -> None:
    """An archive without an older and a newer one is no chain, and validators warn of it."""
    assert site_stream(config(items=4), months(2, 9)).archives == ()
    assert shape(site_stream(config(items=4), months(2, 9, 4))) == [("2023-05", 1, 2), ("2023-06", 1, 9)]


def test_one_month_alone_that_is_too_heavy_for_the_first_document_is_archived() -> None:
    assert len(site_stream(config(items=1), months(1, 1, 1, weight=1_900_000)).archives) == 2
    assert len(site_stream(config(items=1), months(1, 1, weight=2_100_000)).archives) == 1
    assert site_stream(config(items=1), months(1, 1, weight=1_900_000)).archives == ()


def test_a_withdrawn_article_opens_no_closed_month() -> None:
    articles = sorted(months(3, 3, 3), key=lambda item: item.order)
    whole = site_stream(config(items=3), articles)
    less = site_stream(config(items=3), articles[:-1], articles[-1:], documents_of(whole))
    assert less.archives == whole.archives
    assert names(less.newest) == names(articles[-2:-4:-1])


def test_a_month_is_not_closed_for_articles_that_were_withdrawn() -> None:
    articles = sorted(months(3, 3, 3, 3), key=lambda item: item.order)
    before = documents_of(site_stream(config(items=3), articles[:9]))
    later = site_stream(config(items=3), articles[:6] + articles[9:10], articles[6:9], before)
    assert names(later.newest) == ["a00009"]
    fresh = site_stream(config(items=3), articles[:6] + articles[9:10], articles[6:9])
    assert fresh.archives == ()  # May alone


def test_a_withdrawn_article_moves_no_other_to_another_part() -> None:
    articles = sorted(months(250, 1), key=lambda item: item.order)
    whole = site_stream(config(items=1), articles)
    less = site_stream(config(items=1), articles[:7] + articles[8:], articles[7:8], documents_of(whole))
    assert less.archives[1:] == whole.archives[1:]
    assert names(less.archives[0].articles) == names([*articles[99:7:-1], *articles[6::-1]])


def test_a_month_whose_articles_are_all_withdrawn_is_no_document() -> None:
    articles = sorted(months(2, 2, 2, 2), key=lambda item: item.order)
    before = documents_of(site_stream(config(items=2), articles))
    stream = site_stream(config(items=2), articles[:2] + articles[4:], articles[2:4], before)
    assert shape(stream) == [("2023-05", 1, 2), ("2023-07", 1, 2)]
    assert stream.archives[1].chain.previous == "archive/2023/05/"


def test_fewer_articles_than_items_make_no_archive() -> None:
    stream = site_stream(config(items=10), months(5, 5))
    assert (stream.archives, len(stream.newest)) == ((), 10)


def test_a_feed_without_articles_has_one_empty_document() -> None:
    stream = site_stream(config(), [])
    assert (stream.articles, list(stream.newest), stream.archives) == ([], [], ())


def test_a_month_is_one_of_the_sites_zone() -> None:
    """Seven hours before midnight in London a day begins in Hải Phòng, whatever the article's own zone."""
    west = timezone(timedelta(hours=-8))
    last = datetime(2023, 5, 31, 16, 59, tzinfo=UTC)
    listings = [
        listing(0, last),
        listing(1, last.astimezone(west)),
        listing(2, last + timedelta(minutes=1)),
        listing(3, (last + timedelta(minutes=1)).astimezone(west)),
        listing(4, last + timedelta(days=40)),
    ]
    stream = site_stream(config(items=1), listings)
    assert shape(stream) == [("2023-05", 1, 2), ("2023-06", 1, 2)]
    assert names(stream.archives[0].articles) == ["a00001", "a00000"]


def test_a_month_without_articles_has_no_document_and_the_chain_leads_over_it() -> None:
    stream = site_stream(config(items=1), months(2, 0, 0, 2, 1))
    assert [archive.chain.month for archive in stream.archives] == ["2023-05", "2023-08"]
    assert [archive.chain.previous for archive in stream.archives] == [None, "archive/2023/05/"]
    assert [archive.chain.next for archive in stream.archives] == ["archive/2023/08/", None]


def test_the_same_month_of_two_years_is_two_documents() -> None:
    stream = site_stream(config(items=1), months(1, *[0] * 11, 1, 1))
    assert [archive.chain.month for archive in stream.archives] == ["2023-05", "2024-05"]


def test_a_month_of_more_than_a_hundred_articles_has_parts_the_oldest_first() -> None:
    listings = months(250, 20)
    stream = site_stream(config(items=20), listings)
    assert shape(stream) == [("2023-05", 1, 100), ("2023-05", 2, 100), ("2023-05", 3, 50)]
    assert names(stream.archives[0].articles) == newest_first(listings)[-100:]


def test_a_full_part_is_archived_while_its_month_goes_on() -> None:
    april = [listing(9_999, MAY - timedelta(days=9))]
    old, full, next_ = ("2023-04", 1, 1), ("2023-05", 1, 100), ("2023-05", 2, 100)
    assert shape(site_stream(config(items=10), april + months(109))) == []
    assert shape(site_stream(config(items=10), april + months(110))) == [old, full]
    assert shape(site_stream(config(items=10), april + months(209))) == [old, full]
    assert shape(site_stream(config(items=10), april + months(210))) == [old, full, next_]


def test_a_part_ends_before_it_is_heavier_than_two_megabytes() -> None:
    stream = site_stream(config(items=1), months(9, 1, weight=500_000))
    assert shape(stream) == [("2023-05", 1, 4), ("2023-05", 2, 4), ("2023-05", 3, 1)]
    assert shape(site_stream(config(items=1), months(9, 1, weight=500_001)))[0] == ("2023-05", 1, 3)


def test_an_article_that_is_heavier_stands_alone_and_none_is_lost() -> None:
    stream = site_stream(config(items=1), months(3, 1, weight=2_000_001))
    assert shape(stream) == [("2023-05", 1, 1), ("2023-05", 2, 1), ("2023-05", 3, 1)]
    assert len(stream.newest) == 1


def test_of_heavy_articles_as_many_are_the_newest_as_weigh_two_megabytes() -> None:
    stream = site_stream(config(items=10), months(3, 2, 2, weight=600_000))
    assert len(stream.newest) == 4
    assert shape(stream) == [("2023-05", 1, 3)]


def test_without_archives_a_feed_holds_exactly_its_items_and_says_how_many_there_are() -> None:
    listings = months(250, 7, 9)
    stream = site_stream(config(items=10, archives=False), listings)
    assert (stream.archives, stream.feed.archives, stream.feed.count) == ((), (), 266)
    assert names(stream.newest) == newest_first(listings)[:10]


def test_articles_of_one_minute_stand_in_one_order_whatever_order_they_came_in() -> None:
    listings = [listing(number, MAY) for number in range(130)] + [listing(200, MAY + timedelta(days=40))]
    one, other = site_stream(config(items=1), listings), site_stream(config(items=1), listings[::-1])
    assert one == other
    assert shape(one) == [("2023-05", 1, 100), ("2023-05", 2, 30)]
    assert names(one.articles) == newest_first(listings)


def test_a_feed_knows_its_articles_and_its_archives() -> None:
    stream = site_stream(config(items=1), months(150, 2, 1))
    assert stream.feed.count == 153
    assert stream.feed.archives == tuple(archive.chain for archive in stream.archives)


UNDER = {1: ["red"], 2: ["red", "blue"], 3: ["blue"], 4: [], 5: ["blue", "red"], 6: ["green"]}
FILED = [
    listing(number, MAY + timedelta(days=15 * number), keywords=keywords)
    for number, keywords in UNDER.items()
]
"""Articles of 16 May to 30 July, and the keywords that they stand under."""


@pytest.mark.parametrize(
    ("table", "numbers"),
    [
        (Feed(name="x", keywords=("red", "blue")), [5, 3, 2, 1]),
        (Feed(name="x", keywords=("red", "blue"), match="all"), [5, 2]),
        (Feed(name="x", keywords=("blue", "red"), match="all"), [5, 2]),
        (Feed(name="x", keywords=("Red", "RED")), [5, 2, 1]),
        (Feed(name="x", keywords=("red", "red"), match="all"), [5, 2, 1]),
        (Feed(name="x", keywords=("red", "green"), none=("blue",)), [6, 1]),
        (Feed(name="x", keywords=("red",), match="all", none=("blue",)), [1]),
        (Feed(name="x", keywords=("red",), none=("red",)), []),
        (Feed(name="x"), [6, 5, 4, 3, 2, 1]),
        (Feed(name="x", match="all"), [6, 5, 4, 3, 2, 1]),
        (Feed(name="x", none=("red", "green")), [4, 3]),
        (Feed(name="x", keywords=("red", "unheard of")), [5, 2, 1]),
        (Feed(name="x", keywords=("red", "unheard of"), match="all"), []),
        (Feed(name="x", keywords=("unheard of", "red"), match="all"), []),
        (Feed(name="x", keywords=("unheard of",)), []),
        (Feed(name="x", keywords=("red",), none=("unheard of",)), [5, 2, 1]),
    ],
)
def test_a_feed_of_several_keywords_holds_the_articles_that_it_asks_for(
    table: Feed, numbers: list[int]
) -> None:
    stream = every_stream(config(table), FILED)["feeds/x/"]
    assert names(stream.articles) == [f"a{number:05}" for number in numbers]


@pytest.mark.parametrize("keywords", [("???",), ("",), ("???", "red")])
def test_a_keyword_without_a_letter_is_one_that_nothing_stands_under(keywords: tuple[str, ...]) -> None:
    found = every_stream(config(Feed(name="x", keywords=keywords)), FILED)["feeds/x/"]
    assert names(found.articles) == ([] if "red" not in keywords else ["a00005", "a00002", "a00001"])


def test_every_feed_has_a_chain_of_its_own() -> None:
    """Each is cut by its own newest articles: what is archived of one stands in another's first document."""
    found = every_stream(config(Feed(name="x", keywords=("red",)), items=1), FILED)
    assert list(found) == ["", "keywords/blue/", "keywords/green/", "keywords/red/", "feeds/x/"]
    assert {folder: [chain.month for chain in stream.feed.archives] for folder, stream in found.items()} == {
        "": ["2023-05", "2023-06"],
        "keywords/blue/": ["2023-05", "2023-06"],
        "keywords/green/": [],
        "keywords/red/": [],
        "feeds/x/": [],
    }
    assert {chain.feed for chain in found["keywords/blue/"].feed.archives} == {"keywords/blue/"}
    assert found["keywords/blue/"].archives[1].chain.previous == "keywords/blue/archive/2023/05/"


def test_a_feed_without_a_title_is_called_by_its_keywords_or_its_name() -> None:
    tables = (
        Feed(name="one", keywords=("Red", "Blue")),
        Feed(name="two"),
        Feed(name="three", title="Ba", description="Lời"),
    )
    found = every_stream(config(*tables), FILED)
    feeds = [found[f"feeds/{table.name}/"].feed for table in tables]
    assert [feed.label for feed in feeds] == ["Red, Blue", "two", "Ba"]
    assert [feed.title for feed in feeds] == ["Red, Blue · Tin thử", "two · Tin thử", "Ba · Tin thử"]
    assert [feed.description for feed in feeds] == ["Một tờ tin", "Một tờ tin", "Lời"]


def test_more_articles_than_items_in_one_month_make_no_archive() -> None:
    for counts in ((6, 4), (10,), (99,)):
        stream = site_stream(config(items=5), months(*counts))
        assert (stream.archives, len(stream.newest)) == ((), sum(counts))


def test_a_part_that_is_not_full_makes_no_archive() -> None:
    stream = site_stream(config(items=10), months(109))
    assert (stream.archives, len(stream.newest)) == ((), 109)


def test_a_site_with_more_articles_than_items_in_its_first_month_is_published(site: Site) -> None:
    site.change("[keywords]", "[feeds]\nitems = 1\n\n[keywords]")
    site.article("a.txt", "A")
    site.article("b.txt", "B", date="18:00 30/05/2023")
    assert site.run().failures == []
