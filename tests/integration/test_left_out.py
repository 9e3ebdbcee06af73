"""An article that was read but that no feed can carry: named once a run, and back when it can be carried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import NOW, Site

from publisher.errors import EntryError
from publisher.pipeline import Outcome
from publisher.render.feeds import FORMATS, Entry, Pieces

LINE = "b.txt: left out of the feeds: no way to write it"


@pytest.fixture
def spoilt(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site of three articles, one of which cannot be made an entry of RSS."""
    made = FORMATS["rss"]

    def entry(article: Entry) -> Pieces:
        if article.title == "Bài hai":
            raise EntryError("no way to write it")
        return made.entry(article)

    monkeypatch.setitem(FORMATS, "rss", replace(made, entry=entry))
    for name, title in (("a.txt", "Bài một"), ("b.txt", "Bài hai"), ("c.txt", "Bài ba")):
        site.article(name, title)
    return site


def named(outcome: Outcome) -> list[str]:
    return [line for line in outcome.failures if line.startswith("b.txt")]


def test_feeds_are_made_without_it_and_its_page_stays(spoilt: Site) -> None:
    outcome = spoilt.run()
    assert named(outcome) == [LINE]
    assert outcome.counts["quarantined"] == 1
    for form in ("rss", "atom", "json"):
        feed = (spoilt.output / f"feed.{form}").read_text(encoding="utf-8")
        assert "Bài hai" not in feed
        assert "Bài một" in feed
        assert "Bài ba" in feed
    assert (spoilt.output / "articles/2023/05/30/bai-hai/index.html").exists()


def test_it_is_named_once_in_every_run(spoilt: Site) -> None:
    spoilt.run()
    idle = spoilt.run(NOW + timedelta(hours=1))
    assert (named(idle), idle.counts["files written"]) == ([LINE], 0)
    assert [fault.path for fault in spoilt.plan(NOW + timedelta(hours=2)).plan.faults] == ["b.txt"]
    spoilt.article("d.txt", "Bài bốn")
    busy = spoilt.run(NOW + timedelta(hours=2))
    assert (named(busy), busy.counts["quarantined"]) == ([LINE], 1)
    assert "Bài bốn" in (spoilt.output / "feed.rss").read_text(encoding="utf-8")


def test_it_comes_out_when_it_was_mended(spoilt: Site) -> None:
    spoilt.run()
    spoilt.article("b.txt", "Bài hai, đã sửa")
    mended = spoilt.run(NOW + timedelta(hours=1))
    assert mended.failures == []
    assert "Bài hai, đã sửa" in (spoilt.output / "feed.rss").read_text(encoding="utf-8")


def test_it_comes_out_when_a_new_program_can_carry_it(spoilt: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt.run()
    monkeypatch.undo()
    monkeypatch.setattr("publisher.deciding.__version__", "9.9.9")
    upgraded = spoilt.run(NOW + timedelta(hours=1))
    assert upgraded.failures == []
    assert "Bài hai" in (spoilt.output / "feed.rss").read_text(encoding="utf-8")
    assert spoilt.run(NOW + timedelta(hours=2)).failures == []


def test_nothing_is_said_of_it_when_its_seed_is_gone(spoilt: Site) -> None:
    spoilt.run()
    (spoilt.seeds / "b.txt").unlink()
    assert spoilt.run(NOW + timedelta(hours=1)).failures == []
