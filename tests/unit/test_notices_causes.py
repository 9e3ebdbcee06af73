"""What the owner is told, and when: once for each cause, once when it is over, and never in a flood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from publisher.config import Notices
from publisher.model import Facts, Progress, Pulse
from publisher.notices.causes import Cause, Told, after, causes, due

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def before(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


WELL = Pulse(before(6000), looked=NOW, moved=before(30), ended=before(30))
SENDING = Progress("delivering", 4, 9, before(200))


def sending(moved: datetime) -> Facts:
    pulse = Pulse(before(99), moved=moved)
    return Facts(NOW, waiting=4, waiting_since=before(61), pulse=pulse, progress=SENDING)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (Facts(NOW), []),
        (Facts(NOW, pulse=WELL, published=before(60)), []),
        (
            Facts(NOW, pulse=Pulse(before(9), ended=before(1), broken=True, failures=("no seeds folder",))),
            [Cause("run", ("no seeds folder",), before(1))],
        ),
        (Facts(NOW, pulse=Pulse(before(9), ended=before(1), failures=("a seed in quarantine",))), []),
        (Facts(NOW, waiting=4, waiting_since=before(60)), []),
        (Facts(NOW, waiting=4, waiting_since=before(61)), [Cause("deliveries", (), before(61), 4)]),
        (Facts(NOW, waiting=4, waiting_since=before(61), limited=True), []),
        (
            Facts(
                NOW,
                waiting=4,
                waiting_since=before(61),
                pulse=Pulse(before(99), moved=before(2)),
                progress=SENDING,
            ),
            [],
        ),
        (
            Facts(
                NOW,
                waiting=4,
                waiting_since=before(61),
                pulse=Pulse(before(99), moved=before(11)),
                progress=SENDING,
            ),
            [Cause("deliveries", (), before(61), 4)],
        ),
        (
            Facts(NOW, held=("digests/daily/2026-11-24/",), limited=True),
            [Cause("deliveries", ("digests/daily/2026-11-24/",))],
        ),
        (Facts(NOW, pulse=WELL, published=before(48 * 60)), []),
        (Facts(NOW, pulse=WELL, published=before(48 * 60 + 1)), [Cause("silence", (), before(48 * 60 + 1))]),
        (Facts(NOW, pulse=WELL), [Cause("silence", (), before(6000))]),
    ],
)
def test_what_is_wrong(facts: Facts, found: list[Cause]) -> None:
    assert causes(facts, Notices(silence_hours=48)) == found


def test_silence_is_no_cause_where_nobody_asked() -> None:
    assert causes(Facts(NOW, pulse=WELL, published=before(99_999)), Notices()) == []


class Story:
    """What an owner hears while time goes by."""

    def __init__(self) -> None:
        self.now, self.told, self.heard = NOW, dict[str, Told](), list[str]()

    def live(self, minutes: int, *names: str, deaf: bool = False) -> list[str]:
        heard: list[str] = []
        for _ in range(minutes):
            found = [Cause(name) for name in names]
            news = [] if deaf else due(self.told, found, self.now)
            heard += [f"{notice.cause.name} {'over' if notice.over else 'began'}" for notice in news]
            self.told = after(self.told, found, news, self.now)
            self.now += MINUTE
        return heard


def test_each_cause_is_told_once_and_once_when_it_is_over() -> None:
    story = Story()
    assert story.live(600, "run") == ["run began"]
    assert story.live(600, "run", "silence") == ["silence began"]
    assert story.live(600, "silence") == ["run over"]
    assert story.live(600) == ["silence over"]
    assert story.live(6000) == []


def test_what_is_gone_for_a_moment_is_not_over() -> None:
    story = Story()
    story.live(10, "run")
    assert story.live(14) + story.live(10, "run") + story.live(14) + story.live(10, "run") == []
    assert story.live(60) == ["run over"]


def test_what_comes_and_goes_is_soon_one_notice_that_stands() -> None:
    story, heard = Story(), list[str]()
    for _ in range(200):
        heard += story.live(20, "run") + story.live(20)
    assert heard == ["run began", "run over", "run began"]


def test_after_a_day_a_cause_is_new() -> None:
    story = Story()
    story.live(5, "run")
    assert story.live(30 * 60) == ["run over"]
    assert story.told == {}
    assert story.live(5, "run") + story.live(17) == ["run began", "run over"]


def test_what_was_not_heard_is_told_again() -> None:
    story = Story()
    assert story.live(10, "run", deaf=True) == []
    assert story.live(10, "run") == ["run began"]
    assert story.live(60, deaf=True) == []
    assert story.live(1) == ["run over"]
