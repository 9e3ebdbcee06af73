"""What pages of the console show, worked out from answers of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import Site

from publisher import inspection
from publisher.config import Notices as NoticesTable
from publisher.model import (
    HELD_BY_HAND,
    EditionFigures,
    Facts,
    Fetcher,
    Happened,
    Keyword,
    Pulse,
    RunFigures,
)
from publisher.render.templates import Templates
from publisher.store import Store
from publisher.web.console.desk import ON_A_PAGE, cut_to_sheet
from publisher.web.console.doors import onward
from publisher.web.console.notices import Notice, Notices
from publisher.web.console.views import (
    Mailing,
    Moving,
    Sheet,
    articles_chart,
    feed_lines,
    live,
    needs,
    people_chart,
    recent,
    sent_chart,
    wrong,
)

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def figures(number: int = 1, **changes: object) -> EditionFigures:
    return EditionFigures(number, "daily", f"e{number}/", f"Số {number}", NOW, NOW, **changes)


def test_an_edition_is_as_far_as_its_deliveries_have_a_fate() -> None:
    mailing = Mailing(figures(recipients=200, waiting=40, leaving=10, uncertain=2, failed=4, suppressed=1))
    assert mailing.figures.sent == 143
    assert (mailing.done, mailing.percent) == (150, 75.0)
    assert mailing.parts == (("sent", 71.5), ("uncertain", 1.0), ("failed", 2.0), ("suppressed", 0.5))
    assert not mailing.figures.finished


def test_an_edition_to_nobody_is_finished_and_shows_nothing() -> None:
    mailing = Mailing(figures())
    assert (mailing.percent, mailing.parts, mailing.figures.finished) == (0.0, (), True)


def test_counts_that_do_not_add_up_never_show_less_than_nothing() -> None:
    assert figures(recipients=1, failed=3).sent == 0


class Doing:
    stage, done, total, since = "reading", 3, 12, NOW


def test_what_goes_on_is_a_run_and_editions_on_their_way() -> None:
    last = RunFigures(NOW, NOW + timedelta(seconds=5))
    found = live(Doing(), [(7, 200, 50), (8, 10, 10)], last, 8)
    assert found.run == Moving("reading", 3, 12)
    assert found.run.percent == 25.0
    assert [(each.number, each.done, each.percent) for each in found.editions] == [
        (7, 150, 75.0),
        (8, 0, 0.0),
    ]
    assert (found.since, found.idle) == (NOW, False)


def test_the_mark_of_a_page_changes_when_a_run_ends_or_an_edition_appears() -> None:
    one, two = RunFigures(NOW, NOW), RunFigures(NOW, NOW + timedelta(seconds=1))
    marks = [live(None, [], one, 3).mark, live(Doing(), [], one, 3).mark, live(None, [], two, 3).mark]
    marks += [live(None, [], two, 4).mark, live(None, [], None, 0).mark]
    assert len(set(marks)) == 5
    assert live(None, [(1, 2, 1)], two, 4).mark == marks[3]
    assert live(None, [], None, 0).idle


def test_what_needs_a_person_is_told_with_where_to_see_to_it() -> None:
    held = figures(9, held="550 not today")
    last = RunFigures(NOW, NOW, {"quarantined": 1}, ("a.txt: no date", "relay: refused"))
    found = needs([held], [figures(8, failed=5, bounced=2)], 3, 1, last)
    assert [(each.what, each.count, each.place) for each in found] == [
        ("held", 1, "editions/9"),
        ("run", 2, "runs"),
        ("uncertain", 3, "deliveries?state=uncertain"),
        ("failed", 3, "deliveries?state=failed"),
        ("quarantine", 1, "quarantine"),
    ]
    assert found[0].why == "550 not today"


def test_nothing_needs_a_person_where_all_that_failed_is_known_otherwise() -> None:
    last = RunFigures(NOW, NOW, {"quarantined": 1}, ("a.txt: no date",))
    assert [each.what for each in needs([], [figures(failed=2, bounced=2)], 0, 1, last)] == ["quarantine"]
    assert needs([], [], 0, 0, None) == []


def test_what_is_wrong_with_the_whole_comes_first() -> None:
    pulse = Pulse(NOW, looked=NOW, ended=NOW, failures=("disk full",), broken=True)
    late = Facts(NOW, {"watcher": False}, pulse, waiting=7, waiting_since=NOW - timedelta(days=2))
    silent = replace(late, published=NOW - timedelta(days=9))
    found = wrong(silent, NoticesTable(silence_hours=24, stuck_minutes=60))
    assert [(each.what, each.count, each.detail) for each in found] == [
        ("health", 1, "watcher does not work"),
        ("broken", 1, "disk full"),
        ("stuck", 7, ""),
        ("silence", 24, ""),
    ]
    assert [each.what for each in needs([], [], 1, 0, None, found)][-1] == "uncertain"
    held = replace(late, pulse=None, parts={}, held=("e/",))
    assert wrong(held, NoticesTable()) == []


def test_an_edition_that_its_owner_holds_is_no_fault(site: Site) -> None:
    site.article("a.txt", "Tin")
    store = Store.open(site.config.database_file)
    store.hold_next("daily", HELD_BY_HAND)
    report = inspection.report(site.config, store, NOW)
    assert "2026-11-25 06:00 +0700  digest daily, to be held in the console" in report["next"]
    site.run()
    assert inspection.facts(site.config, store, NOW).held == ()
    store.release_edition(1, NOW)
    store.hold_edition(1, "550 refused")
    assert len(inspection.facts(site.config, store, NOW).held) == 1


def test_only_the_last_days_are_recent() -> None:
    old = EditionFigures(1, "daily", "", "", NOW, NOW - timedelta(days=7, seconds=1))
    assert recent([figures(2), old], NOW) == [figures(2)]


def test_editions_are_charted_from_the_oldest_at_the_left() -> None:
    made = sent_chart([figures(2, recipients=9, failed=1), figures(1, recipients=4)])
    assert [column.values for column in made.columns] == [(4, 0), (8, 1)]
    assert made.columns[0].name == "2026-11-24 04:00"


def test_every_day_has_a_column_and_today_is_the_last() -> None:
    made = articles_chart({TODAY: 3, date(2026, 11, 22): 1, date(2026, 10, 1): 9}, TODAY, 3)
    assert [(column.name, column.values) for column in made.columns] == [
        ("2026-11-22", (1,)),
        ("2026-11-23", (0,)),
        ("2026-11-24", (3,)),
    ]


def test_who_came_and_who_went_is_added_up_by_weeks_that_end_today() -> None:
    week = date(2026, 11, 18)
    found = [Happened(TODAY, "confirmed", 2), Happened(week, "subscribed", 3), Happened(week, "bounced", 1)]
    found += [
        Happened(date(2026, 11, 17), "unsubscribed", 4),
        Happened(TODAY, "bounce", 9),
        Happened(TODAY, "asked", 9),
    ]
    found += [Happened(date(2026, 11, 3), "confirmed", 9), Happened(date(2026, 11, 25), "confirmed", 9)]
    made = people_chart(found, TODAY, 2)
    assert [(column.name, column.values) for column in made.columns] == [
        ("2026-11-11", (0, 4)),
        ("2026-11-18", (5, 1)),
    ]


def test_every_feed_is_listed_with_its_addresses_and_readers(site: Site) -> None:
    keyword = Keyword("giao-thong", "Giao thông", "giao thông")
    fetchers = [
        Fetcher("feed.atom", "Feedly", 10, NOW),
        Fetcher("feed.rss", "Feedly", 5, NOW),
        Fetcher("feed.json", "Inoreader", 20, NOW),
        Fetcher("keywords/giao-thong/feed.atom", "Feedly", 3, NOW),
        Fetcher("keywords/gone/feed.atom", "Feedly", 99, NOW),
    ]
    whole, digest, one = feed_lines(site.config, [keyword], fetchers)
    assert (whole.label, whole.readers, whole.services) == (
        "Tin thử",
        35,
        (("Inoreader", 20), ("Feedly", 15)),
    )
    assert whole.addresses[0] == ("atom", "https://news.example.org/feed.atom")
    assert (digest.addresses, digest.readers) == (
        (("atom", "https://news.example.org/digests/daily/feed.atom"),),
        0,
    )
    assert (one.readers, one.addresses[-1][1]) == (3, "https://news.example.org/keywords/giao-thong/feed.rss")


def test_where_there_are_only_feeds_no_feed_of_editions_is_listed(site: Site) -> None:
    site.change("[keywords]", '[output]\nbase = "feeds"\n\n[keywords]')
    assert [line.label for line in feed_lines(site.config, [], [])] == ["Tin thử"]


def test_a_list_is_cut_into_pages() -> None:
    some, sheet = cut_to_sheet(list(range(ON_A_PAGE + 1)), 2)
    assert (len(some), sheet.before, sheet.behind) == (ON_A_PAGE, 1, 3)
    assert cut_to_sheet([1], 1) == ([1], Sheet(1, more=False))
    assert (Sheet(1, more=False).before, Sheet(1, more=False).behind) == (0, 0)


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("editions/12", "editions/12"),
        ("deliveries?state=failed&page=2", "deliveries?state=failed&page=2"),
        ("", ""),
        ("/evil.example", ""),
        ("//evil.example", ""),
        ("https://evil.example", ""),
        ("a//b", ""),
        ("sign-in?next=x", ""),
        ("sign-out", ""),
        ("x\r\nSet-Cookie: a", ""),
        ("..\\evil", ""),
        ("a" * 300, ""),
    ],
)
def test_after_signing_in_one_goes_nowhere_but_to_the_console(asked: str, place: str) -> None:
    assert onward(asked) == place


def test_a_notice_is_kept_for_its_page_and_not_for_long() -> None:
    notices = Notices()
    name = notices.put(Notice("run"), NOW)
    assert notices.get(name, NOW + timedelta(minutes=10)) == Notice("run")
    assert notices.get(name, NOW + timedelta(minutes=11)) is None
    assert notices.get("", NOW) is None
    for _ in range(60):
        notices.put(Notice("held"), NOW)
    assert notices.get(name, NOW) is None
    assert len(notices._waiting) == 50


def test_the_page_of_styles_has_colours_that_can_be_read() -> None:
    from test_styles import PALETTE, contrast

    css = (Path(__file__).parents[2] / "templates/console/style.css").read_text(encoding="utf-8")
    light, dark = (dict(PALETTE.findall(part)) for part in css.split("prefers-color-scheme: dark", 1))
    assert light.keys() >= {"paper", "wash", "ink", "quiet", "accent", "good", "warn", "bad", "calm"}
    for palette in (light, light | dark):
        for text in ("ink", "quiet", "accent", "good", "warn", "bad", "calm"):
            for ground in ("paper", "wash"):
                assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
        assert contrast(palette["paper"], palette["accent"]) >= 4.5


@pytest.mark.parametrize(
    ("template", "vi", "en"),
    [
        ("{{ at(0)|brief(now) }}", "11:00", "11:00"),
        ("{{ at(-1)|brief(now) }}", "11:00, 23 thg 11", "23 Nov, 11:00"),
        ("{{ at(-400)|brief(now) }}", "11:00, 20 thg 10, 2025", "20 Oct 2025, 11:00"),
        ("{{ 1234567|number }} {{ 99.5|number }}", "1.234.567 99,5", "1,234,567 99.5"),
        ("{{ 2|duration }} {{ 170|duration }}", "2 giây 3 phút", "2 secs 3 mins"),
        ("{{ '2026-11-24 06:00'|day }}", "24 thg 11", "24 Nov"),
    ],
)
def test_moments_and_numbers_are_written_as_the_language_has_them(template: str, vi: str, en: str) -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    facts = {"now": NOW, "at": lambda days: NOW + timedelta(days=days)}
    written = [Templates(None, language, zone).inline(template, **facts) for language in ("vi", "en")]
    assert written == [vi, en]
