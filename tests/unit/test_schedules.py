"""When schedules fire, on common days and on the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from publisher.schedules import between, fault_in, following, latest, several_a_day

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")
SPRING = datetime(2026, 3, 28, 12, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def at(text: str, zone: ZoneInfo = HANOI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def in_utc(moments: list[datetime]) -> list[str]:
    return [f"{moment.astimezone(UTC):%d %H:%M}" for moment in moments]


def test_following_is_strictly_after():
    assert following("0 6 * * *", HANOI, at("2026-05-01 05:59")) == at("2026-05-01 06:00")
    assert following("0 6 * * *", HANOI, at("2026-05-01 06:00")) == at("2026-05-02 06:00")


def test_latest_may_be_now_itself():
    assert latest("0 6 * * *", HANOI, at("2026-05-01 05:59:59")) == at("2026-04-30 06:00")
    assert latest("0 6 * * *", HANOI, at("2026-05-01 06:00")) == at("2026-05-01 06:00")
    assert latest("0 6 * * *", HANOI, at("2026-05-01 06:00:00.5")) == at("2026-05-01 06:00")


def test_between_leaves_out_its_beginning_and_keeps_its_end():
    found = between("0 6 * * *", HANOI, at("2026-05-01 06:00"), at("2026-05-03 06:00"))
    assert list(found) == [at("2026-05-02 06:00"), at("2026-05-03 06:00")]


def test_moments_come_in_the_site_zone_whatever_zone_asks():
    fired = following("0 6 * * *", HANOI, datetime(2026, 5, 1, 22, 30, tzinfo=UTC))
    assert fired == at("2026-05-02 06:00")
    assert fired.utcoffset() == timedelta(hours=7)


@pytest.mark.parametrize(("begin", "fires"), [(SPRING, ["29 01:00"]), (AUTUMN, ["25 00:30"])])
def test_half_past_two_fires_once_on_the_nights_when_clocks_change(begin, fires):
    assert in_utc(list(between("30 2 * * *", BERLIN, begin, begin + DAY))) == fires


@pytest.mark.parametrize("begin", [SPRING, AUTUMN])
@pytest.mark.parametrize("expression", ["30 2 * * *", "0,30 2 * * *", "*/15 * * * *", "*/30 2 * * *"])
def test_every_question_has_the_same_answer_at_every_moment_of_such_a_night(expression, begin):
    fires = [fired.astimezone(UTC) for fired in between(expression, BERLIN, begin - 3 * DAY, begin + 3 * DAY)]
    assert fires == sorted(set(fires))
    for quarter in range(96):
        now = begin + quarter * timedelta(minutes=15)
        assert following(expression, BERLIN, now).astimezone(UTC) == min(f for f in fires if f > now)
        assert latest(expression, BERLIN, now).astimezone(UTC) == max(f for f in fires if f <= now)
        assert latest(expression, BERLIN, now.astimezone(BERLIN)) == latest(expression, BERLIN, now)


@pytest.mark.parametrize("day", ["0", "7", "sun", "SUN"])
def test_sunday_has_two_numbers_and_a_name(day):
    assert following(f"0 6 * * {day}", HANOI, at("2026-05-01 00:00")) == at("2026-05-03 06:00")


@pytest.mark.parametrize("days", ["1-5", "mon-fri", "MON,TUE,WED,THU,FRI"])
def test_weekdays_are_numbered_from_monday(days):
    found = between(f"0 6 * * {days}", HANOI, at("2026-05-01 12:00"), at("2026-05-09 00:00"))
    assert [fired.day for fired in found] == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("good", ["0 6 * * *", "*/15 * * * *", "0 6 * * mon", "0 0 29 2 *", "0 0 L * *"])
def test_good_expressions_have_no_fault(good):
    assert fault_in(good) == ""


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("", "not five fields: minute, hour, day of the month, month, weekday"),
        ("@daily", "not five fields: minute, hour, day of the month, month, weekday"),
        ("0 0 6 * * *", "not five fields: minute, hour, day of the month, month, weekday"),
        ("60 6 * * *", "bad minute"),
        ("0 24 * * *", "bad hour"),
        ("0 6 0 * *", "bad day of month"),
        ("0 6 30 2 *", "bad day of month"),
        ("0 6 * 13 *", "bad month"),
        ("0 6 * * moon", "bad weekday"),
        ("*/0 * * * *", "bad minute"),
        (f"{'9' * 5000} * * * *", "not a number that a clock shows"),
    ],
)
def test_fault_names_the_field(bad, fault):
    assert fault_in(bad) == fault


@pytest.mark.parametrize(
    ("expression", "several"),
    [
        ("0 6 * * *", False),
        ("0 6 * * 1-5", False),
        ("0 6,18 * * *", True),
        ("*/15 6 * * *", True),
        ("0 * * * *", True),
    ],
)
def test_several_a_day(expression, several):
    assert several_a_day(expression) is several


def test_where_clocks_move_by_half_an_hour_no_moment_is_passed_over():
    """cronsim steps by whole hours: after the half one it is beyond 06:15, and takes 12:15 for the next."""
    zone = ZoneInfo("Australia/Lord_Howe")
    night = datetime(2026, 4, 4, 13, 15, tzinfo=UTC)  # 00:15, before clocks go back from 02:00 to 01:30
    assert in_utc(list(between("15 */6 * * *", zone, night, night + DAY))) == [
        "04 19:45",
        "05 01:45",
        "05 07:45",
    ]
    for minutes in range(0, 1440, 5):
        now = night + timedelta(minutes=minutes)
        after = following("15 */6 * * *", zone, now)
        assert latest("15 */6 * * *", zone, after).astimezone(UTC) == after.astimezone(UTC)
        assert latest("15 */6 * * *", zone, after - timedelta(minutes=1)).astimezone(UTC) <= now
