"""Who gets which part of an edition: rhythms, keywords, lengths, and that no article reaches anybody twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.config import Digest
from publisher.editions import Issue, is_due, parted
from publisher.model import Audience, Edition, Keyword, Listing, Part, Rhythm, Section

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 11, 16, 6, 0, tzinfo=ZONE)
LABELS = {"road": "Giao thông", "fire": "Phòng cháy", "school": "Giáo dục"}
KEYWORDS = {slug: Keyword(slug, label, label.casefold()) for slug, label in LABELS.items()}


def listing(number: int, *slugs: str) -> Listing:
    when = MONDAY - timedelta(days=1) + timedelta(minutes=number)
    return Listing(f"a{number:03}", f"a/{number}/", f"Bài {number}", when, when, "", "", slugs)


def edition(day: int, *articles: Listing, omitted: Sequence[Listing] = (), hour: int = 6) -> Edition:
    due = MONDAY.replace(hour=hour) + timedelta(days=day)
    shown = (Section("", "", tuple(item.id for item in articles)),)
    name = f"e{day}-{hour}"
    return Edition(name, "daily", f"{name}/", "Tin", due, due, shown, tuple(item.id for item in omitted))


def slugs_of(labels: Iterable[str]) -> frozenset[str]:
    return frozenset(slug for slug, label in LABELS.items() if label in labels)


def issue(now: Edition, *earlier: Edition, articles: Iterable[Listing] = (), most: int = 40) -> Issue:
    digest = Digest(name="daily", title="Tin sáng", max_articles=most)
    known = {item.id: item for item in articles}
    return Issue(digest, now, earlier, known, KEYWORDS, slugs_of, ZONE)


def shown(part: Part) -> list[tuple[str, tuple[str, ...]]]:
    return [(section.keyword, section.articles) for section in part.sections]


def test_an_audience_gets_what_stands_under_its_keywords_each_article_once() -> None:
    both, fire, school = listing(1, "road", "fire"), listing(2, "fire"), listing(3, "school")
    here = issue(edition(0, both, fire, school), articles=[both, fire, school])
    (part,), ((_, identity),) = parted(here, [Audience(("Phòng cháy", "Giao thông"), count=3)])
    assert shown(part) == [("fire", ("a002",)), ("road", ("a001",))]
    assert (identity, part.omitted) == (part.id, 0)


def test_who_has_no_matching_article_gets_nothing_and_is_covered() -> None:
    road = listing(1, "road")
    audience = Audience(("Giáo dục",), count=2)
    parts, due = parted(issue(edition(0, road), articles=[road]), [audience])
    assert (parts, due) == ((), ((audience, ""),))


def test_keywords_that_nobody_knows_are_not_all_keywords() -> None:
    road = listing(1, "road")
    parts, _ = parted(issue(edition(0, road), articles=[road]), [Audience(("Lạ",), count=1)])
    assert parts == ()


def test_audiences_that_get_the_same_share_a_part() -> None:
    road = listing(1, "road")
    audiences = [Audience(("Giao thông",), count=1), Audience(("Giao thông", "Giáo dục"), count=1)]
    parts, due = parted(issue(edition(0, road), articles=[road]), audiences)
    assert len(parts) == 1
    assert {identity for _, identity in due} == {parts[0].id}


def test_another_language_is_another_part() -> None:
    road = listing(1, "road")
    parts, _ = parted(
        issue(edition(0, road), articles=[road]), [Audience(count=1), Audience(language="en", count=1)]
    )
    assert sorted(part.language for part in parts) == ["", "en"]


def test_a_length_keeps_the_newest_and_counts_the_rest() -> None:
    articles = [listing(number, "road") for number in range(9)]
    (part,), _ = parted(issue(edition(0, *articles), articles=articles), [Audience(length=2, count=1)])
    assert (part.shown, part.omitted) == (("a008", "a007"), 7)


def test_what_an_edition_has_no_room_for_still_reaches_who_asked_for_its_keyword() -> None:
    many, few = [listing(number, "road") for number in range(2, 9)], listing(1, "fire")
    here = issue(edition(0, *many, omitted=[few]), articles=[*many, few], most=7)
    (part,), _ = parted(here, [Audience(("Phòng cháy",), count=1)])
    assert part.shown == ("a001",)


def test_withdrawn_articles_are_in_no_part() -> None:
    road, gone = listing(1, "road"), listing(2, "road")
    (part,), _ = parted(issue(edition(0, road, gone), articles=[road]), [Audience(count=1)])
    assert part.shown == ("a001",)


def test_a_weekly_reader_of_a_daily_digest_gets_one_mail_with_the_week() -> None:
    articles = [listing(number, "road") for number in range(14)]
    days = [edition(day, articles[day]) for day in range(14)]
    audience = Audience(rhythm=Rhythm.WEEKLY, weekday=0, through=days[0].due, count=1)
    mails = {}
    for day in range(1, 14):
        parts, due = parted(issue(days[day], *days[:day], articles=articles), [audience])
        if due:
            mails[day] = parts[0].shown
            audience = replace(audience, through=days[day].due)
    assert mails == {7: tuple(f"a{number:03}" for number in range(7, 0, -1))}


@pytest.mark.parametrize(
    ("rhythm", "weekday", "through", "now", "due"),
    [
        (Rhythm.EDITION, 0, None, edition(0), True),
        (Rhythm.EDITION, 0, edition(0), edition(1), True),
        (Rhythm.EDITION, 0, edition(1), edition(1), False),
        (Rhythm.WEEKLY, 0, edition(0), edition(6), False),
        (Rhythm.WEEKLY, 0, edition(0), edition(7), True),
        (Rhythm.WEEKLY, 0, edition(0), edition(9), True),  # no edition on that Monday and Tuesday
        (Rhythm.WEEKLY, 2, edition(0), edition(2), True),
        (Rhythm.WEEKLY, 2, edition(2), edition(8), False),
        (Rhythm.DAILY, 0, edition(0, hour=6), edition(0, hour=18), False),
        (Rhythm.DAILY, 0, edition(0, hour=18), edition(1, hour=6), True),
    ],
)
def test_an_audience_is_due_by_its_rhythm(
    rhythm: Rhythm, weekday: int, through: Edition | None, now: Edition, due: bool
) -> None:
    earlier = [through] if through and through != now else []
    audience = Audience(rhythm=rhythm, weekday=weekday, through=through.due if through else None)
    assert is_due(issue(now, *earlier), audience) is due


def test_days_are_those_of_the_site() -> None:
    late = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)  # Tuesday morning in Hải Phòng
    monday = replace(edition(0), due=MONDAY)
    tuesday = replace(edition(1), due=late)
    assert is_due(issue(tuesday, monday), Audience(rhythm=Rhythm.DAILY, through=MONDAY))


CHOICES = st.tuples(
    st.sampled_from(list(Rhythm)),
    st.integers(0, 6),
    st.sampled_from([(), ("Giao thông",), ("Phòng cháy", "Giáo dục")]),
    st.sampled_from([0, 2]),
)


@given(
    st.lists(st.tuples(st.sampled_from([6, 12, 18]), st.integers(0, 4), CHOICES), min_size=1, max_size=25),
    st.randoms(use_true_random=False),
)
def test_no_article_reaches_a_person_twice_whatever_he_changes(plan: list, rng: object) -> None:
    """Rhythm, weekday, keywords and length change before every edition."""
    made: list[Edition] = []
    articles: list[Listing] = []
    through, got = None, list[str]()
    for day, (hour, number, (rhythm, weekday, labels, length)) in enumerate(plan):
        fresh = [listing(len(articles) + n, rng.choice(list(LABELS))) for n in range(number)]
        articles += fresh
        now = edition(day // 2, *fresh, hour=hour if day % 2 else 5)
        if made and now.due <= made[-1].due:
            continue
        audience = Audience(labels, rhythm, weekday, length, "", through, 1)
        parts, due = parted(issue(now, *made, articles=articles), [audience])
        if due:
            through = now.due
            got += [key for part in parts for key in part.shown]
        made.append(now)
    assert len(got) == len(set(got))
