"""When an edition is due, what goes into it, and how it is laid out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from publisher.config import Digest
from publisher.editions import choose, compose, due, sections
from publisher.model import Edition, Keyword, Listing, Section

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DIGEST = Digest(name="daily", title="Tin sáng", schedule="0 6 * * *")
SIX = datetime(2026, 11, 24, 6, 0, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
KEYWORDS = {slug: Keyword(slug, slug.upper(), slug) for slug in ("a", "b", "c")}


def listing(name: str, *keywords: str, published: datetime = SIX - DAY) -> Listing:
    return Listing(name, f"articles/{name}/", name, published, published, "", "", keywords)


def edition(at: datetime, digest: str = "daily") -> Edition:
    return Edition(f"{digest}{at}", digest, f"digests/{at}/", "", at, at, ())


@pytest.mark.parametrize(
    ("missed", "last", "now", "expected"),
    [
        ("merge", None, SIX, SIX),
        ("merge", None, SIX - MINUTE, SIX - DAY),
        ("merge", SIX - DAY, SIX - MINUTE, None),
        ("merge", SIX, SIX + MINUTE, None),
        ("merge", SIX - 9 * DAY, SIX + 5 * MINUTE, SIX),
        ("merge", SIX - DAY, SIX.astimezone(UTC), SIX),
        ("skip", SIX - DAY, SIX + 60 * MINUTE, SIX),
        ("skip", SIX - DAY, SIX + 61 * MINUTE, None),
        ("skip", None, SIX - MINUTE, None),
    ],
)
def test_the_last_scheduled_moment_is_due_unless_made_or_skipped(
    missed: Literal["merge", "skip"], last: datetime | None, now: datetime, expected: datetime | None
) -> None:
    digest = replace(DIGEST, missed=missed)
    made = [edition(last)] if last else []
    assert due(digest, ZONE, made, now) == expected


def test_the_editions_of_another_digest_do_not_count() -> None:
    assert due(DIGEST, ZONE, [edition(SIX, "weekly")], SIX) == SIX


def test_articles_are_chosen_once_in_time_and_under_wanted_keywords() -> None:
    live = [
        listing("late", "a", published=SIX + MINUTE),
        listing("just", "a", published=SIX),
        listing("had", "a"),
        listing("other", "b"),
        listing("bare"),
    ]
    everything = choose(DIGEST, SIX, live, {"had"}, set())
    assert [item.id for item in everything] == ["just", "other", "bare"]
    narrow = replace(DIGEST, keywords=("A",))
    assert [item.id for item in choose(narrow, SIX, live, {"had"}, {"a"})] == ["just"]
    assert choose(narrow, SIX, live, {"had"}, set()) == []


def test_sections_stand_fullest_first_and_those_without_keyword_last() -> None:
    shown = [
        listing("1"),
        listing("2"),
        listing("3", "b", "a"),
        listing("4", "a"),
        listing("5", "a"),
        listing("6", "c"),
    ]
    assert sections(shown, KEYWORDS, lambda slug: True) == (
        Section("a", "A", ("4", "5")),
        Section("b", "B", ("3",)),
        Section("c", "C", ("6",)),
        Section("", "", ("1", "2")),
    )


def test_an_article_stands_under_its_best_keyword_that_is_covered() -> None:
    shown = [listing("1", "b", "a"), listing("2", "b")]
    assert sections(shown, KEYWORDS, lambda slug: slug == "a") == (
        Section("a", "A", ("1",)),
        Section("", "", ("2",)),
    )


@pytest.mark.parametrize(
    ("schedule", "page"),
    [("0 6 * * *", "digests/daily/2026-11-24/"), ("0 6,18 * * *", "digests/daily/2026-11-24-0600/")],
)
def test_an_edition_shows_what_it_has_room_for_and_covers_the_rest(schedule: str, page: str) -> None:
    digest = replace(DIGEST, schedule=schedule, max_articles=2)
    chosen = [listing(name, "a") for name in "123"]
    made = compose(digest, SIX, chosen, KEYWORDS, set(), identity="urn:x", subject="S", now=SIX + MINUTE)
    assert made == Edition(
        "urn:x", "daily", page, "S", SIX, SIX + MINUTE, (Section("a", "A", ("1", "2")),), ("3",)
    )
    assert made.shown == ("1", "2")
