"""Whole runs over a small site: what comes out, what stays, and what is never done twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, Site

from publisher.errors import RunHeld, StoreError, TooManyVanished
from publisher.planning import is_empty

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = timedelta(days=1)
LATER = NOW + timedelta(minutes=30)


def fill(site: Site) -> None:
    site.article("a.txt", "Bài một", "Chuyện giao thông ở phố.")
    site.article("b.txt", "Bài hai", "Chuyện ở Kiến An.", date="08:00 31/05/2023")


def items(site: Site, folder: str = "") -> list[dict[str, Any]]:
    found = json.loads((site.output / folder / "feed.json").read_bytes())["items"]
    assert isinstance(found, list)
    return found


def item(site: Site, title: str) -> dict[str, Any]:
    return next(entry for entry in items(site) if entry["title"] == title)


def page(site: Site, entry: dict[str, Any]) -> str:
    path = str(entry["url"]).removeprefix("https://news.example.org/")
    return (site.output / path / "index.html").read_text(encoding="utf-8")


def shown(site: Site) -> list[tuple[str, ...]]:
    with site.reading() as store:
        return [edition.shown for edition in sorted(store.known().editions, key=lambda one: one.due)]


KEYWORDS = ("keywords/giao-thong/", "keywords/kien-an/")


def test_the_first_run_makes_every_file_of_the_tree(site: Site) -> None:
    fill(site)
    outcome = site.run()
    assert outcome.failures == []
    compressed = ("", ".gz", ".br")
    feeds = [f"{folder}feed.{form}" for folder in ("", *KEYWORDS) for form in ("rss", "atom", "json")]
    assert set(site.tree(site.output)) == {
        "index.html",
        "style.css",
        "feed.css",
        "icon.png",
        "feeds/index.html",
        "articles/2023/05/30/bai-mot/index.html",
        "articles/2023/05/31/bai-hai/index.html",
        "keywords/index.html",
        *(f"{folder}index.html" for folder in KEYWORDS),
        *(
            f"{name}{suffix}"
            for name in (*feeds, "feeds.opml", "digests/daily/feed.atom")
            for suffix in compressed
        ),
        "digests/daily/index.html",
        "digests/daily/2026-11-24/index.html",
    }
    assert [entry["title"] for entry in items(site)] == ["Bài hai", "Bài một"]
    assert [entry["title"] for entry in items(site, "keywords/kien-an")] == ["Bài hai"]


def test_the_first_run_mails_the_edition_once(site: Site) -> None:
    fill(site)
    assert site.run().counts["sent"] == 1
    (message,) = site.messages()
    assert message["To"] == "desk@example.org"
    text = message.get_body(("plain",))
    assert text is not None
    assert "Bài một" in text.get_content()
    assert "Bài hai" in text.get_content()


def test_a_second_run_changes_no_file_and_sends_nothing(site: Site) -> None:
    fill(site)
    site.run()
    before = site.tree()
    outcome = site.run(NOW + timedelta(minutes=1))
    assert is_empty(outcome.plan)
    assert outcome.counts["sent"] == 0
    assert site.tree() == before


def test_a_dry_run_before_the_first_run_changes_nothing(site: Site) -> None:
    fill(site)
    before, folders = site.tree(), set(site.root.rglob("*"))
    assert len(site.plan().plan.articles) == 2
    assert site.tree() == before
    assert set(site.root.rglob("*")) == folders


def test_a_dry_run_later_changes_nothing(site: Site) -> None:
    fill(site)
    site.run()
    site.article("c.txt", "Bài ba")
    before, folders = site.tree(), set(site.root.rglob("*"))
    assert [change.kind for change in site.plan(NOW + DAY).plan.articles] == ["added"]
    assert site.tree() == before
    assert set(site.root.rglob("*")) == folders


def test_a_dry_run_tells_what_the_run_then_does(site: Site) -> None:
    fill(site)
    assert site.plan().plan == site.run().plan
    site.article("a.txt", "Bài một", "Nay ở Kiến An.")
    site.article("c.txt", "Bài ba", "Về giao thông.")
    site.write("d.txt", "")
    (site.seeds / "b.txt").unlink()
    expected = site.plan(NOW + DAY).plan
    assert expected == site.run(NOW + DAY).plan
    assert len(expected.editions) == len(expected.withdrawn) == len(expected.faults) == 1


def test_an_edited_seed_keeps_id_and_page_and_is_updated_later(site: Site) -> None:
    fill(site)
    site.run()
    old = item(site, "Bài một")
    site.article("a.txt", "Bài một, sửa", "Chuyện khác.")
    site.run(LATER)
    new = item(site, "Bài một, sửa")
    assert (new["id"], new["url"], new["date_published"]) == (old["id"], old["url"], old["date_published"])
    assert old["date_modified"] == old["date_published"]
    assert datetime.fromisoformat(new["date_modified"]) == LATER
    assert len(items(site)) == 2
    assert "Chuyện khác." in page(site, new)


def test_a_renamed_seed_keeps_its_id_and_is_not_mailed_again(site: Site) -> None:
    fill(site)
    site.run()
    before = items(site)
    (site.seeds / "a.txt").rename(site.seeds / "z.txt")
    outcome = site.run(NOW + DAY)
    assert items(site) == before
    assert (outcome.counts["withdrawn"], outcome.counts["editions"], len(site.messages())) == (0, 0, 1)


def test_a_vanished_seed_leaves_the_feeds_and_its_page_becomes_a_notice(site: Site) -> None:
    fill(site)
    site.run()
    gone = item(site, "Bài một")
    (site.seeds / "a.txt").unlink()
    assert site.run(LATER).counts["withdrawn"] == 1
    assert [entry["title"] for entry in items(site)] == ["Bài hai"]
    assert gone["id"].encode() not in (site.output / "feed.rss").read_bytes()
    assert gone["id"].encode() not in (site.output / "feed.atom").read_bytes()
    assert "Chuyện giao thông" not in page(site, gone)
    assert not (site.output / "keywords/giao-thong").exists()


def test_when_most_seeds_vanish_nothing_is_touched_unless_forced(site: Site) -> None:
    fill(site)
    site.article("c.txt", "Bài ba")
    site.run()
    (site.seeds / "a.txt").unlink()
    (site.seeds / "b.txt").unlink()
    before = site.tree()
    with pytest.raises(TooManyVanished, match="2 of 3 seeds are gone"):
        site.run(LATER)
    assert site.tree() == before
    assert site.run(LATER, force=True).counts["withdrawn"] == 2
    assert [entry["title"] for entry in items(site)] == ["Bài ba"]


def test_a_restored_seed_keeps_its_id_and_page(site: Site) -> None:
    fill(site)
    site.run()
    old = item(site, "Bài một")
    kept = (site.seeds / "a.txt").read_bytes()
    (site.seeds / "a.txt").unlink()
    site.run(LATER)
    site.write("a.txt", kept)
    outcome = site.run(LATER + DAY)
    assert item(site, "Bài một") == old
    assert "Chuyện giao thông" in page(site, old)
    assert (outcome.counts["restored"], outcome.counts["editions"]) == (1, 0)


def test_an_article_from_the_future_is_held_back_until_its_moment(site: Site) -> None:
    fill(site)
    site.article("c.txt", "Bài mai", date="09:00 25/11/2026")
    plan = site.run().plan
    assert [held.title for held in plan.held] == ["Bài mai"]
    assert len(items(site)) == 2
    assert not (site.output / "articles/2026").exists()
    due = datetime(2026, 11, 25, 9, 0, tzinfo=ZONE)
    site.run(due - timedelta(seconds=1))
    assert len(items(site)) == 2
    site.run(due)
    assert [entry["title"] for entry in items(site)] == ["Bài mai", "Bài hai", "Bài một"]


def test_no_edition_before_the_next_due_time_and_none_without_news(site: Site) -> None:
    fill(site)
    site.run()
    site.article("c.txt", "Bài ba")
    six = datetime(2026, 11, 25, 6, 0, tzinfo=ZONE)
    assert site.run(six - timedelta(seconds=1)).counts["editions"] == 0
    assert site.run(six).counts["editions"] == 1
    assert site.run(six + DAY).counts["editions"] == 0
    assert len(site.messages()) == 2


def test_an_article_comes_into_one_edition_only(site: Site) -> None:
    fill(site)
    site.run()
    site.article("c.txt", "Bài ba")
    site.article("a.txt", "Bài một, sửa", "Khác hẳn.")
    site.run(NOW + DAY)
    first, second = shown(site)
    assert second == (item(site, "Bài ba")["id"],)
    assert set(first).isdisjoint(second)


def test_missed_editions_become_one(site: Site) -> None:
    fill(site)
    site.run()
    for number, day in enumerate(("25", "26", "27"), 1):
        site.article(f"c{number}.txt", f"Bài mới {number}", date=f"05:00 {day}/11/2026")
    outcome = site.run(datetime(2026, 11, 27, 20, 0, tzinfo=ZONE))
    (planned,) = outcome.plan.editions
    assert planned.edition.due == datetime(2026, 11, 27, 6, 0, tzinfo=ZONE)
    assert len(planned.edition.shown) == 3
    assert len(site.messages()) == 2


def test_a_missed_edition_may_be_skipped_and_its_articles_wait(site: Site) -> None:
    site.change('schedule = "0 6 * * *"', 'schedule = "0 6 * * *"\nmissed = "skip"')
    fill(site)
    assert site.run().counts["editions"] == 0
    outcome = site.run(datetime(2026, 11, 25, 6, 59, tzinfo=ZONE))
    assert [len(planned.edition.shown) for planned in outcome.plan.editions] == [2]


def test_a_deleted_or_spoilt_file_is_made_again(site: Site) -> None:
    fill(site)
    site.run()
    before = site.bytes_of(site.output)
    (site.output / "feed.rss").unlink()
    (site.output / "keywords/kien-an/feed.atom").write_text("spoilt")
    outcome = site.run(NOW + timedelta(minutes=1))
    assert {document.path for document in outcome.plan.documents} == {
        "feed.rss",
        "keywords/kien-an/feed.atom",
    }
    assert site.bytes_of(site.output) == before


def test_two_sites_with_the_same_seeds_get_the_same_bytes(new_site: Callable[[str], Site]) -> None:
    one, two = new_site("one"), new_site("two")
    for made in (one, two):
        fill(made)
        made.run()
    assert one.bytes_of(one.output) == two.bytes_of(two.output)


def test_a_changed_topic_files_articles_anew_and_leaves_updated_alone(site: Site) -> None:
    fill(site)
    site.run()
    old = item(site, "Bài một")
    site.change('name = "Giao thông"\nany = ["giao thông"]', 'name = "Phố phường"\nany = ["phố"]')
    outcome = site.run(LATER)
    new = item(site, "Bài một")
    assert (old["tags"], new["tags"]) == (["Giao thông"], ["Phố phường"])
    assert new["date_modified"] == old["date_modified"]
    assert outcome.counts["refiled"] == 1
    assert (site.output / "keywords/pho-phuong/feed.rss").exists()
    assert not (site.output / "keywords/giao-thong").exists()


def test_a_run_is_refused_while_another_process_is_at_it(site: Site) -> None:
    fill(site)
    lock = site.config.database_file.with_suffix(".lock")
    program = (
        "import sys; from pathlib import Path; from publisher.locking import held\n"
        "with held(Path(sys.argv[1]), 'test'):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RunHeld, match=rf"process {other.pid} \(test\)"):
            site.run()
        assert not site.output.exists()
        other.communicate("")
    assert site.run().counts["added"] == 2
    assert not lock.exists()


def test_a_second_seed_with_the_same_bytes_adds_no_article(site: Site) -> None:
    fill(site)
    site.write("copy.txt", (site.seeds / "a.txt").read_bytes())
    assert site.run().failures == []
    assert len(items(site)) == 2
    kept = item(site, "Bài một")
    (site.seeds / "a.txt").unlink()
    assert site.run(LATER).counts["withdrawn"] == 0
    assert item(site, "Bài một") == kept


def test_two_articles_of_one_title_and_day_get_two_pages(site: Site) -> None:
    site.article("a.txt", "Bài một", "Thân một.")
    site.article("b.txt", "Bài một", "Thân hai.")
    site.run()
    one, two = items(site)
    assert one["url"] != two["url"]
    assert {"Thân một." in page(site, one), "Thân một." in page(site, two)} == {True, False}


def test_vanished_seeds_in_quarantine_count_although_others_cannot_be_read(site: Site) -> None:
    """Seeds that were too large to be read have no digest: they must not pass for one another."""
    large = b"x" * 10_500_000
    for name in ("a", "b", "c"):
        site.write(f"{name}.txt", large)
    site.run()
    for name in ("a", "b"):
        (site.seeds / f"{name}.txt").unlink()
    site.write("d.txt", large)
    with pytest.raises(TooManyVanished, match="2 of 3 seeds are gone"):
        site.run(LATER)


def test_renaming_seeds_in_a_chain_keeps_every_id(site: Site) -> None:
    """Numbered files are renumbered: the article goes with its text, not with its name."""
    for name in ("1", "2", "3"):
        site.write(f"{name}.txt", f"Bài {name}\n\n17:26 30/05/2023\n\nThân bài {name}.\n")
    ids = {change.article.title: change.article.id for change in site.run().plan.articles}
    for old, new in (("3", "4"), ("2", "3"), ("1", "2")):
        (site.seeds / f"{old}.txt").rename(site.seeds / f"{new}.txt")
    site.write("1.txt", "Bài mới\n\n17:26 30/05/2023\n\nThân bài hoàn toàn mới.\n")
    outcome = site.run()
    assert [(change.article.title, change.kind) for change in outcome.plan.articles] == [("Bài mới", "added")]
    assert outcome.plan.articles[0].article.id not in ids.values()
    assert outcome.plan.withdrawn == ()


def test_an_obstructed_file_is_named_and_the_mail_still_leaves(site: Site) -> None:
    site.write("a.txt", "Bài\n\n17:26 30/05/2023\n\nThân bài.\n")
    (site.output / "feed.rss").mkdir(parents=True)
    outcome = site.run()
    assert outcome.failures == ["feed.rss: cannot be written: Is a directory"]
    assert outcome.counts["sent"] == len(site.messages()) > 0
    (site.output / "feed.rss").rmdir()
    assert site.run().failures == []
    assert (site.output / "feed.rss").is_file()


def test_a_damaged_database_is_one_line(site: Site) -> None:
    site.config.database_file.parent.mkdir(parents=True, exist_ok=True)
    site.config.database_file.write_bytes(b"garbage" * 1000)
    with pytest.raises(StoreError, match="cannot be used"):
        site.run()


def test_a_moment_without_news_passes_and_the_next_article_waits_for_the_next_moment(site: Site) -> None:
    """A daily digest comes at its hour, not at once when something happens to be saved."""
    site.write("a.txt", "Bài\n\n17:26 30/05/2023\n\nThân bài.\n")
    site.run()
    sent = len(site.messages())
    day = timedelta(days=1)
    site.run(NOW + day)
    site.write("b.txt", "Bài hai\n\n17:26 30/05/2023\n\nThân bài hai.\n")
    assert site.run(NOW + day + timedelta(hours=3)).plan.editions == ()
    assert len(site.messages()) == sent
    site.run(NOW + 2 * day)
    assert len(site.messages()) == 2 * sent


def test_one_person_is_planned_once_however_the_address_is_written(site: Site) -> None:
    site.change('["desk@example.org"]', '["desk@example.org", "Desk <DESK@example.org>"]')
    site.write("a.txt", "Bài\n\n17:26 30/05/2023\n\nThân bài.\n")
    outcome = site.run()
    assert [planned.recipients for planned in outcome.plan.editions] == [1]
    assert outcome.counts["sent"] == 1


def test_an_hour_that_comes_twice_has_one_edition_and_no_other_is_announced(site: Site) -> None:
    """The clocks of London go back at 02:00 on that day; what comes in the second hour waits for the next edition."""
    site.change(
        'url = "https://news.example.org/"', 'url = "https://news.example.org/"\ntimezone = "Europe/London"'
    )
    site.change('schedule = "0 6 * * *"', 'schedule = "0 * * * *"')
    first, second = datetime(2026, 10, 25, 0, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, 1, tzinfo=UTC)
    site.article("a.txt", "Bài một")
    assert site.run(first).counts["editions"] == 1
    site.article("b.txt", "Bài hai")
    outcome = site.run(second)
    assert (outcome.plan.editions, outcome.counts["sent"]) == ((), 0)
    [planned] = site.run(second + timedelta(hours=1)).plan.editions
    assert planned.edition.page == "digests/daily/2026-10-25-0200/"
    assert len(site.messages()) == 2
