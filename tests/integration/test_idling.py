"""A run that finds nothing to do is told beforehand, and only where it is true."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import CONFIG, NOW, Site

from publisher import idling
from publisher.cli import publish
from publisher.errors import StoreError, TooManyVanished
from publisher.idling import is_idle, looked
from publisher.model import Ping
from publisher.pipeline import Outcome, is_empty, run
from publisher.store import Store

SOON = NOW + timedelta(minutes=5)
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


@pytest.fixture(autouse=True, params=["here", "beside"])
def documents(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are looked at by this process, or by one beside it."""
    monkeypatch.setattr(idling, "_MANY", 0 if request.param == "beside" else 1_000_000)


@pytest.fixture
def settled(site: Site) -> Site:
    """A site on which everything was done, with a seed in a folder, a picture, and a file that holds two articles."""
    site.article("a.txt", "Bài một")
    site.write(
        "b/hai.md", "---\ntitle: Bài hai\ndate: 2023-05-30T17:26:00+07:00\n---\n\n![Ảnh](anh.gif)\n\nThân.\n"
    )
    site.write("b/anh.gif", PIXEL)
    lines = (
        f'{{"id": "{n}", "title": "Bài {n}", "date": "2023-05-30T17:26:00+07:00", "body": "Thân."}}'
        for n in "34"
    )
    site.write("nhieu.jsonl", "\n".join(lines) + "\n")
    site.run()
    return site


def add(site: Site) -> None:
    site.article("c.txt", "Bài mới")


def edit(site: Site) -> None:
    site.article("a.txt", "Bài một", "Thân khác.")


def touch(site: Site) -> None:
    os.utime(site.seeds / "a.txt", ns=(1, 1))


def delete(site: Site) -> None:
    (site.seeds / "a.txt").unlink()


def rename(site: Site) -> None:
    (site.seeds / "a.txt").rename(site.seeds / "z.txt")


def edit_one_of_many(site: Site) -> None:
    file = site.seeds / "nhieu.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("Bài 3", "Bài ba"), encoding="utf-8")


def lose_many(site: Site) -> None:
    (site.seeds / "nhieu.jsonl").unlink()


def change_picture(site: Site) -> None:
    (site.seeds / "b/anh.gif").write_bytes(PIXEL + b"\0")


def add_picture(site: Site) -> None:
    (site.seeds / "b/khac.gif").write_bytes(PIXEL)


def quarantine(site: Site) -> None:
    site.write("hong.txt", b"\xff\xfe\x00")
    site.run()


def damage_output(site: Site) -> None:
    (site.output / "index.html").write_text("x", encoding="utf-8")


def remove_output(site: Site) -> None:
    shutil.rmtree(site.output)


def damage_sibling(site: Site) -> None:
    os.utime(site.output / "feed.rss.gz", ns=(1, 1))


def reconfigure(site: Site) -> None:
    site.change('title = "Tin thử"', 'title = "Tin khác"')


def own_template(site: Site) -> None:
    folder = site.root / "templates"
    folder.mkdir()
    (folder / "article.html").write_text("x", encoding="utf-8")
    site.change("[keywords]", '[output]\ntemplates = "templates"\n\n[keywords]')
    site.run()
    (folder / "article.html").write_text("y", encoding="utf-8")


def wait_for_hub(site: Site) -> None:
    Store.open(site.config.database_at).record_documents(
        (), (), [Ping("https://hub.example.org/", "https://x/")]
    )


def await_future(site: Site) -> None:
    site.article("sau.txt", "Bài sau", date="17:26 30/05/2027")
    site.run()


def unfinished(site: Site) -> None:
    Store.open(site.config.database_at).record_settings({"idle": ""})


def no_database(site: Site) -> None:
    site.config.database_file.unlink()


def damaged_database(site: Site) -> None:
    site.config.database_file.write_bytes(b"SQLite format 3\0" + b"x" * 9000)


def bounces(site: Site) -> None:
    site.change("[mail]", '[mail.bounces]\nmaildir = "bounces"\n\n[mail]')


CHANGES: list[Callable[[Site], None]] = [
    *(add, edit, touch, delete, rename, edit_one_of_many, lose_many, change_picture, add_picture, quarantine),
    *(damage_output, remove_output, damage_sibling, reconfigure, own_template, wait_for_hub, await_future),
    *(unfinished, no_database, damaged_database, bounces),
]


def test_where_nothing_changed_a_run_is_idle_and_plans_nothing(settled: Site) -> None:
    before = settled.tree()
    assert is_idle(settled.config, SOON)
    assert settled.tree() == before
    assert is_empty(settled.plan(SOON).plan)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whatever_may_be_to_do_is_looked_into(settled: Site, change: Callable[[Site], None]) -> None:
    assert is_idle(settled.config, SOON)
    change(settled)
    assert not is_idle(settled.config, SOON)


@pytest.mark.parametrize("change", [add, edit, touch, delete, rename, add_picture, reconfigure])
def test_after_the_next_run_it_is_idle_again(settled: Site, change: Callable[[Site], None]) -> None:
    change(settled)
    settled.run(SOON)
    assert is_idle(settled.config, SOON)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_run_that_goes_by_the_look_does_the_same(
    settled: Site, change: Callable[[Site], None], tmp_path: Path
) -> None:
    change(settled)
    other = Site(tmp_path / "other")
    shutil.copytree(settled.root, other.root, dirs_exist_ok=True)

    def counts(do: Callable[[], Outcome]) -> object:
        try:
            return do().counts
        except (StoreError, TooManyVanished) as error:
            return type(error)

    with looked(settled.config, SOON) as look:
        told = counts(lambda: run(settled.config, lambda: SOON, look=look))
    assert told == counts(lambda: other.run(SOON))
    assert settled.bytes_of(settled.output) == other.bytes_of(other.output)


def test_a_look_is_worth_nothing_once_another_has_run(settled: Site) -> None:
    add(settled)
    with looked(settled.config, SOON) as look:
        assert look is not None
        assert look.holds(settled.config)
        settled.run(SOON)
        (settled.seeds / "c.txt").unlink()
        assert not look.holds(settled.config)
        assert run(settled.config, lambda: SOON, look=look).counts["withdrawn"] == 1


def test_the_hour_of_a_digest_is_not_idle_until_it_has_passed(settled: Site) -> None:
    due = NOW + timedelta(hours=19)  # 06:00 in Hải Phòng
    assert is_idle(settled.config, due - timedelta(minutes=1))
    assert not is_idle(settled.config, due)
    settled.run(due)
    assert is_idle(settled.config, due + timedelta(hours=1))


def test_a_clock_that_was_put_back_is_not_idle(settled: Site) -> None:
    assert not is_idle(settled.config, NOW - timedelta(hours=1))


def test_a_site_that_was_never_published_is_not_idle(site: Site) -> None:
    assert not is_idle(site.config, NOW)


def test_a_message_that_waits_is_not_idle(site: Site) -> None:
    site.article("a.txt", "Bài một", date="17:26 23/11/2026")
    site.configure(CONFIG + '\ntransport = "smtp"\n\n[mail.smtp]\nport = 9\n')
    outcome = site.run()
    assert outcome.counts["editions"]
    assert not is_idle(site.config, SOON)


def test_the_command_says_the_same_either_way(settled: Site, tmp_path: Path) -> None:
    from click.testing import CliRunner

    words = ["-c", str(settled.root / "config.toml"), "--at", SOON.isoformat()]
    quick = CliRunner().invoke(publish, words)
    unfinished(settled)
    whole = CliRunner().invoke(publish, words)
    assert (quick.output, quick.exit_code) == (whole.output, whole.exit_code) == ("Nothing to do.\n", 0)
