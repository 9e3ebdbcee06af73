"""Whatever articles there are: each stands in one document of its feed, and archives stand still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st
from listings import MAY, config, documents_of, listing, months, names, newest_first, site_stream

from publisher.model import Listing
from publisher.planning.streams import Stream

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LONG_AGO = listing(99_999, MAY - timedelta(days=100))
"""Of a month that every cut closes as soon as there are more articles than items."""
HEAVIEST = 2_000_000

ITEMS = st.integers(1, 150)
LIGHT = st.lists(st.integers(0, 230), max_size=5).map(lambda counts: [LONG_AGO, *months(*counts)])
MINUTES = st.integers(0, 60 * 24 * 90)
WEIGHTS = st.one_of(st.just(1_000), st.integers(0, 3_000_000))
ANY = st.lists(st.tuples(MINUTES, WEIGHTS), max_size=40).map(
    lambda found: [
        LONG_AGO,
        *(
            listing(number, MAY + timedelta(minutes=minutes), weight)
            for number, (minutes, weight) in enumerate(found)
        ),
    ]
)


def documents(stream: Stream) -> list[Sequence[Listing]]:
    """Newest first, as somebody walks who follows prev-archive."""
    return [stream.newest, *(archive.articles for archive in reversed(stream.archives))]


def month_of(item: Listing) -> tuple[int, int]:
    local = item.published.astimezone(ZONE)
    return local.year, local.month


def weight_of(articles: Sequence[Listing]) -> int:
    return sum(item.weight for item in articles)


@given(st.one_of(LIGHT, ANY), ITEMS)
@settings(deadline=None)
def test_every_article_stands_in_exactly_one_document_newest_first(
    listings: list[Listing], items: int
) -> None:
    stream = site_stream(config(items=items), listings)
    walked = [item for articles in documents(stream) for item in articles]
    assert names(walked) == names(stream.articles) == newest_first(listings)


@given(st.one_of(LIGHT, ANY), ITEMS)
@settings(deadline=None)
def test_every_archive_is_of_one_month_and_of_a_size_to_read(listings: list[Listing], items: int) -> None:
    for archive in site_stream(config(items=items), listings).archives:
        year, month = month_of(archive.articles[0])
        assert {month_of(item) for item in archive.articles} == {(year, month)}
        assert archive.chain.month == f"{year}-{month:02}"
        assert len(archive.articles) <= 100
        assert weight_of(archive.articles) <= HEAVIEST or len(archive.articles) == 1


@given(LIGHT, ITEMS)
@settings(deadline=None)
@example([LONG_AGO, *months(100, 100)], 100)
@example([LONG_AGO, *months(99, 1)], 1)
def test_the_first_document_holds_the_items_and_less_than_two_hundred_more(
    listings: list[Listing], items: int
) -> None:
    stream = site_stream(config(items=items), listings)
    more = 100 if stream.archives else 200
    assert min(items, len(listings)) <= len(stream.newest) < items + more


@given(st.one_of(LIGHT, ANY), ITEMS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_withdrawals_change_only_the_archives_of_the_withdrawn(
    listings: list[Listing], items: int, rng: Random
) -> None:
    gone = rng.sample(listings, rng.randint(0, len(listings) // 4))
    lost = {item.id for item in gone}
    kept = [item for item in listings if item.id not in lost]
    before = site_stream(config(items=items), listings)
    after = site_stream(config(items=items), kept, gone, documents_of(before))
    left = [(one.chain.month, one.chain.part, names(one.articles)) for one in after.archives]
    expected = [
        (one.chain.month, one.chain.part, [key for key in names(one.articles) if key not in lost])
        for one in before.archives
    ]
    expected = [one for one in expected if one[2]]
    assert left == expected
    walked = [item for articles in documents(after) for item in articles]
    assert names(walked) == newest_first(kept)


def test_archives_stand_where_all_that_is_left_has_room_in_one_document() -> None:
    heavy, kept = (
        listing(12, MAY, HEAVIEST - 999),
        [LONG_AGO, *(listing(number, MAY) for number in range(12))],
    )
    before = site_stream(config(items=13), [heavy, *kept])
    after = site_stream(config(items=13), kept, [heavy], documents_of(before))
    assert [names(one.articles) for one in after.archives] == [names(one.articles) for one in before.archives]
    assert len(after.archives) == 2


@given(LIGHT, ITEMS)
@settings(deadline=None)
def test_a_part_of_a_month_is_archived_as_soon_as_none_of_it_is_among_the_newest(
    listings: list[Listing], items: int
) -> None:
    oldest_first = sorted(listings, key=lambda item: (item.published, item.id))
    newest = {item.id for item in oldest_first[-items:]}
    closed = []
    for month, group in groupby(oldest_first, key=month_of):
        kept = list(group)
        for number, start in enumerate(range(0, len(kept), 100), 1):
            part = kept[start : start + 100]
            if newest.isdisjoint(item.id for item in part):
                closed.append(("{}-{:02}".format(*month), number, newest_first(part)))
    found = site_stream(config(items=items), listings).archives
    if len(closed) == 1:
        closed = []  # it waits for another
    assert [(one.chain.month, one.chain.part, names(one.articles)) for one in found] == closed


@given(ANY, ITEMS)
@settings(deadline=None)
def test_the_first_document_is_of_a_size_to_read_however_heavy_its_articles_are(
    listings: list[Listing], items: int
) -> None:
    """At most the newest of two megabytes and one part, each of which may be one article that is heavier."""
    stream = site_stream(config(items=items), listings)
    heaviest = max(HEAVIEST, *(item.weight for item in listings))
    assert weight_of(stream.newest) <= 2 * heaviest
    assert stream.newest


@given(st.one_of(LIGHT, ANY), ITEMS, st.integers(0, 60 * 24 * 60), WEIGHTS)
@settings(deadline=None)
def test_a_newer_article_changes_no_archive_but_for_the_way_on_from_the_newest(
    listings: list[Listing], items: int, later: int, weight: int
) -> None:
    """One of the same minute may be newer too, by its id."""
    last = max(MAY, max(item.published for item in listings))
    fresh = replace(listing(0, last + timedelta(minutes=later), weight), id="z")
    before = site_stream(config(items=items), listings).archives
    after = site_stream(config(items=items), [*listings, fresh]).archives
    assert len(after) >= len(before)
    if before:
        way = after[len(before) - 1].chain.next
        last_one = before[-1]
        assert after[: len(before)] == (
            *before[:-1],
            replace(last_one, chain=replace(last_one.chain, next=way)),
        )


@given(st.one_of(LIGHT, ANY), ITEMS)
@settings(deadline=None)
def test_archives_are_chained_both_ways_and_each_has_an_address_of_its_own(
    listings: list[Listing], items: int
) -> None:
    chains = [archive.chain for archive in site_stream(config(items=items), listings).archives]
    places = [
        f"archive/{chain.month.replace('-', '/')}/" + (f"{chain.part}/" if chain.part > 1 else "")
        for chain in chains
    ]
    assert len(set(places)) == len(places)
    assert [chain.previous for chain in chains] == [None, *places][: len(chains)]
    assert [chain.next for chain in chains] == [*places[1:], None][: len(chains)]


@given(st.one_of(LIGHT, ANY), ITEMS)
@settings(deadline=None)
def test_without_archives_a_feed_holds_its_items_or_as_many_as_fit(
    listings: list[Listing], items: int
) -> None:
    stream = site_stream(config(items=items, archives=False), listings)
    order = newest_first(listings)
    assert names(stream.newest) == order[: len(stream.newest)]
    assert stream.archives == ()
    if weight_of(listings) <= HEAVIEST:
        assert len(stream.newest) == min(items, len(listings))
    else:
        more = stream.articles[: len(stream.newest) + 1]
        full = len(stream.newest) in (items, len(listings))
        assert full or weight_of(more) > HEAVIEST
