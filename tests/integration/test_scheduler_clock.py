"""The scheduler under a clock that the test moves: outages, a clock that is set, what waits for its moment."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from conftest import NOW, Site

from publisher.locking import held
from publisher.model import DeliveryState, Progress
from publisher.scheduler import Scheduler
from publisher.stopping import Stop
from publisher.timetable import delay

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Clock:
    """Shows what it is set to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scheduler(site: Site, clock: Clock) -> Scheduler:
    site.article("a.txt", "Bài một", date="08:00 01/11/2026")
    started = Scheduler(site.config, clock)
    started.tick()
    return started


def editions(site: Site) -> list[str]:
    with site.reading() as store:
        return sorted(f"{edition.due:%d %H:%M}" for edition in store.known().editions)


def test_nothing_is_done_between_two_moments(scheduler: Scheduler, clock: Clock) -> None:
    for _ in range(14):
        clock.forward(timedelta(minutes=1))
        assert scheduler.look() == []
    assert scheduler.pulse.runs == 1
    clock.forward(timedelta(minutes=1))
    assert scheduler.look() == ["feeds"]
    assert scheduler.look() == []
    assert (scheduler.pulse.runs, scheduler.pulse.looked) == (2, clock.now)


@pytest.mark.parametrize(("missed", "made"), [("merge", ["24 06:00", "27 06:00"]), ("skip", ["24 06:00"])])
def test_an_outage_over_three_editions_is_one_or_none_by_the_wish_of_the_owner(
    site: Site, clock: Clock, missed: str, made: list[str]
) -> None:
    site.change('name = "daily"', f'name = "daily"\nmissed = "{missed}"')
    site.article("a.txt", "Bài một", date="08:00 01/11/2026")
    clock.now = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)  # ten minutes after 06:00 of the 24th
    Scheduler(site.config, clock).tick()
    for day in (24, 25, 26):
        site.article(f"{day}.txt", f"Bài {day}", date=f"09:00 {day}/11/2026")
    clock.forward(3 * DAY + 2 * HOUR)  # nothing ran at 06:00 of the 25th, 26th and 27th
    after = Scheduler(site.config, clock)
    after.tick()
    after.tick()
    assert editions(site) == made
    assert len(site.messages()) == len(made)
    clock.forward(DAY - 2 * HOUR)
    site.article("27.txt", "Bài 27", date="09:00 27/11/2026")
    assert after.look() == ["feeds", "digest daily"]
    assert editions(site) == [*made, "28 06:00"]
    with site.reading() as store:
        covered = [article for edition in store.known().editions for article in edition.shown]
    assert len(covered) == len(set(covered)) == 5


def test_a_clock_that_jumps_forward_makes_up_and_one_that_is_set_back_doubles_nothing(
    site: Site, scheduler: Scheduler, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    site.article("b.txt", "Bài hai", date="13:00 24/11/2026")
    clock.forward(DAY)
    assert scheduler.look() == ["feeds", "digest daily"]
    assert editions(site) == ["24 06:00", "25 06:00"]
    site.article("c.txt", "Bài ba", date="13:00 23/11/2026")
    clock.forward(-DAY - 2 * HOUR)
    assert scheduler.look() == ["the clock"]
    assert "the clock was set back" in caplog.text
    assert scheduler.look() == []
    clock.forward(timedelta(minutes=15))
    assert scheduler.look() == ["feeds"]
    clock.forward(DAY)  # over 06:00 of the 25th once more
    scheduler.look()
    assert editions(site) == ["24 06:00", "25 06:00"]
    clock.forward(DAY)
    scheduler.look()
    assert editions(site) == ["24 06:00", "25 06:00", "26 06:00"]


def test_a_clock_that_is_put_right_by_a_second_is_no_event(scheduler: Scheduler, clock: Clock) -> None:
    clock.forward(timedelta(minutes=20))
    scheduler.look()
    clock.forward(timedelta(seconds=-2))
    assert scheduler.look() == []


def test_who_asks_is_served_at_the_next_look_and_once(scheduler: Scheduler) -> None:
    scheduler.wake()
    scheduler.wake()
    scheduler.look()
    scheduler.look()
    assert scheduler.pulse.runs == 2


def test_a_run_of_another_process_is_waited_for_and_is_no_failure(
    site: Site, scheduler: Scheduler, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock.forward(timedelta(minutes=15))
    with held(site.config.database_file.with_suffix(".lock"), "publish"):
        scheduler.look()
        scheduler.look()
    assert [record.levelname for record in caplog.records].count("INFO") == 1
    assert "waiting for another process" in caplog.text
    assert (scheduler.pulse.runs, scheduler.pulse.failed) == (1, 0)
    scheduler.look()
    assert (scheduler.pulse.runs, scheduler.pulse.failed) == (2, 0)


def test_a_delivery_that_was_put_off_wakes_the_site_when_it_is_due(site: Site, clock: Clock) -> None:
    site.change("[mail]", '[schedule]\nfeeds = "0 0 1 1 *"\n\n[mail]')
    site.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "a@e.org"\ntransport = "sendmail"\nsendmail.command = ["/bin/false"]',
    )
    site.article("a.txt", "Bài một", date="08:00 01/11/2026")
    scheduler = Scheduler(site.config, clock)
    scheduler.tick()
    with site.reading() as store:
        (delivery,) = store.deliveries()
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 1)
    assert delivery.due is not None
    clock.now = delivery.due - timedelta(seconds=1)
    assert scheduler.look() == []
    clock.now = delivery.due
    assert scheduler.look() == ["what waited"]
    with site.reading() as store:
        assert store.deliveries()[0].attempts == 2
    assert scheduler.look() == []


def test_what_waited_is_not_forgotten_by_a_run_that_fails(
    site: Site, scheduler: Scheduler, clock: Clock
) -> None:
    site.article("b.txt", "Bài sau", date="11:07 24/11/2026")
    scheduler.wake()
    scheduler.look()
    clock.forward(timedelta(minutes=7))
    site.seeds.rename(site.root / "elsewhere")
    assert scheduler.look() == ["what waited"]
    assert scheduler.pulse.broken
    assert scheduler.look() == []  # a fault that lasts is not a run at every look
    (site.root / "elsewhere").rename(site.seeds)
    clock.forward(timedelta(minutes=1))
    assert scheduler.look() == ["what waited"]
    assert "Bài sau" in (site.output / "feed.atom").read_text(encoding="utf-8")
    clock.forward(timedelta(minutes=1))
    assert scheduler.look() == []


def test_an_article_of_the_future_comes_out_at_its_minute(
    site: Site, scheduler: Scheduler, clock: Clock
) -> None:
    site.article("b.txt", "Bài sau", date="11:07 24/11/2026")
    scheduler.wake()
    scheduler.look()
    assert "Bài sau" not in (site.output / "feed.atom").read_text(encoding="utf-8")
    clock.forward(timedelta(minutes=7))
    assert scheduler.look() == ["what waited"]
    assert "Bài sau" in (site.output / "feed.atom").read_text(encoding="utf-8")


def test_a_bug_in_a_run_is_told_with_its_traceback_and_the_clock_goes_on(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    shown = iter([NOW, NOW, NOW, ZeroDivisionError("a bug")])

    def broken_once() -> datetime:
        time = next(shown, NOW)
        if isinstance(time, Exception):
            raise time
        return time

    scheduler = Scheduler(site.config, broken_once)
    assert scheduler.tick()
    assert (scheduler.pulse.broken, scheduler.pulse.failed) == (True, 1)
    assert "ZeroDivisionError: a bug" in caplog.text
    assert scheduler.tick()
    assert (scheduler.pulse.broken, scheduler.pulse.failed, scheduler.pulse.runs) == (False, 1, 2)


def test_a_database_that_cannot_be_opened_is_one_line(
    site: Site, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    site.config.database_file.mkdir(parents=True)
    scheduler = Scheduler(site.config, clock)
    assert scheduler.tick()
    assert (scheduler.pulse.broken, len(scheduler.pulse.failures)) == (True, 1)
    assert "Traceback" not in caplog.text


def test_whoever_asks_meanwhile_sees_how_far_a_run_has_come(site: Site, clock: Clock) -> None:
    for number in range(3):
        site.article(f"{number}.txt", f"Bài {number}")
    seen: list[Progress | None] = []
    running: list[Scheduler] = []

    def look() -> datetime:
        seen.extend(scheduler.progress for scheduler in running)
        return NOW

    scheduler = Scheduler(site.config, look)
    running.append(scheduler)
    scheduler.tick()
    assert scheduler.progress is None
    stages = [each.stage for each in seen if each]
    assert stages[0] == "looking"
    assert "writing" in stages
    assert all(each.since == NOW for each in seen if each)


def test_a_run_that_is_asked_to_stop_before_it_reads_changes_nothing(site: Site, clock: Clock) -> None:
    site.article("a.txt", "Bài một")
    stop = Stop()
    stop.ask()
    assert Scheduler(site.config, clock, stop=stop).tick()
    assert editions(site) == []
    assert not (site.output / "feed.atom").exists()


def test_a_run_that_is_stopped_between_two_files_leaves_the_rest_to_the_next(
    site: Site, clock: Clock, new_site
) -> None:
    whole = new_site("whole")
    for each in (site, whole):
        for number in range(5):
            each.article(f"{number}.txt", f"Bài {number}")
    whole.run()
    stop, started = Stop(), site.config

    from publisher.pipeline import run

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "writing" and done == 4:
            stop.ask()

    outcome = run(started, clock, progress=progress, stop=stop)
    assert (outcome.stopped, outcome.failures) == (True, [])
    assert outcome.counts["files written"] == 4
    assert (outcome.counts["editions"], outcome.counts["sent"]) == (1, 0)
    after = site.run()
    assert (after.counts["sent"], after.counts["editions"]) == (1, 0)
    assert site.bytes_of(site.output) == whole.bytes_of(whole.output)


def test_a_moment_that_is_put_off_changes_nothing_of_what_is_due(site: Site, clock: Clock) -> None:
    site.change("[mail]", '[schedule]\nfeeds = "0 6 * * *"\njitter = 600\n\n[mail]')
    site.article("a.txt", "Bài một", date="08:00 01/11/2026")
    scheduler = Scheduler(site.config, clock)
    scheduler.tick()
    site.article("b.txt", "Bài hai", date="12:00 24/11/2026")
    moment = datetime(2026, 11, 24, 23, tzinfo=UTC)  # 06:00 of the 25th
    late = delay(site.config.site.url, moment, 600)
    assert timedelta(0) < late < timedelta(minutes=10)
    clock.now = moment + late - timedelta(seconds=1)
    assert scheduler.look() == []
    clock.now = moment + late
    assert scheduler.look() == ["feeds", "digest daily"]
    assert editions(site) == ["24 06:00", "25 06:00"]
    assert scheduler.upcoming()[0][1] > clock.now
