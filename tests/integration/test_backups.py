"""The database is copied while others write, and put back while nothing runs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import alembic.command
import alembic.config
import pytest
from conftest import NOW, Site
from sqlalchemy import create_engine

from publisher.backups import back_up, restore
from publisher.errors import StoreError
from publisher.locking import held, sharing
from publisher.mailboxes import key_of
from publisher.model import Consent, Subscriber, SubscriberState, Subscription
from publisher.store import Store, migrations
from publisher.store.tables import SCHEMA


@pytest.fixture
def published(site: Site) -> Site:
    site.article("a.txt", "Bài một")
    site.run()
    return site


def rows(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def person(number: int) -> Subscriber:
    address = f"r{number}@example.org"
    return Subscriber(0, address, key_of(address), SubscriberState.ACTIVE, consent=Consent(NOW, "test"))


def test_a_backup_is_private_and_stands_beside_the_database_under_its_moment(published: Site) -> None:
    made = back_up(published.config, NOW)
    assert made == published.root / "data/publisher-2026-11-24-110000.db"
    assert os.stat(made).st_mode & 0o777 == 0o600
    assert rows(made, "article") == 1
    assert not list(made.parent.glob("*.unfinished*"))


def test_a_backup_is_one_state_while_another_thread_writes(published: Site, tmp_path: Path) -> None:
    store, over, begun = Store.open(published.config.database_file), Event(), Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            # Ten at once or none: a copy that has another number is of no state that ever was.
            store.admit([person(number + each) for each in range(10)], "test", NOW)
            number += 10
            begun.set()

    writer = Thread(target=write)
    writer.start()
    begun.wait()
    try:
        copies = [back_up(published.config, NOW, tmp_path / f"{number}.db") for number in range(5)]
    finally:
        over.set()
        writer.join()
    counts = [rows(copy, "subscriber") for copy in copies]
    assert all((count - 1) % 10 == 0 for count in counts)
    assert counts == sorted(counts)
    assert counts[-1] > 1


def test_no_file_is_overwritten_and_no_half_copy_stays(published: Site, tmp_path: Path) -> None:
    target = tmp_path / "there.db"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="stands there already"):
        back_up(published.config, NOW, target)
    assert target.read_text(encoding="utf-8") == "mine"
    with pytest.raises(StoreError, match="no such folder"):
        back_up(published.config, NOW, target / "below.db")
    assert [file.name for file in tmp_path.glob("there*")] == ["there.db"]


def test_without_a_database_there_is_nothing_to_copy(site: Site) -> None:
    with pytest.raises(StoreError, match="there is no database yet"):
        back_up(site.config, NOW)


def test_a_restore_brings_the_site_back_and_keeps_what_was_there(published: Site) -> None:
    made = back_up(published.config, NOW)
    published.article("b.txt", "Bài hai", date="12:00 24/11/2026")
    later = NOW + timedelta(days=1)
    published.run(later)
    done = restore(published.config, made, later)
    assert done.kept == published.root / "data/publisher.db.before-2026-11-25-110000"
    assert (done.until, done.waiting) == (NOW, 0)
    assert done.unknown == ("digests/daily/2026-11-25/",)
    assert (rows(published.config.database_file, "edition"), rows(done.kept, "edition")) == (1, 2)
    assert published.run(later).counts["added"] == 1
    assert "Bài hai" in (published.output / "feed.atom").read_text(encoding="utf-8")


def test_what_was_open_in_a_backup_waits_for_a_person(site: Site) -> None:
    site.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "a@e.org"\ntransport = "sendmail"\nsendmail.command = ["/bin/false"]',
    )
    site.article("a.txt", "Bài một")
    site.run()
    done = restore(site.config, back_up(site.config, NOW), NOW)
    assert done.waiting == 1
    with site.reading() as store:
        (held_edition,) = store.held_editions()
        assert store.waiting_deliveries(NOW + timedelta(days=1)) == 0
    assert held_edition.held.startswith("restored from a backup")
    assert Store.open(site.config.database_file).retry_deliveries(NOW) == 1


class Killed(BaseException):
    """The process is no more."""


@pytest.mark.parametrize("step", [0, 1])
def test_killed_as_it_puts_the_copy_in_place_a_restore_is_whole_or_was_not(
    site: Site, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    site.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "a@e.org"\ntransport = "sendmail"\nsendmail.command = ["/bin/false"]',
    )
    site.article("a.txt", "Bài một")
    site.run()
    file, move = site.config.database_file, os.replace
    store = Store.open(file)
    store.admit([replace(person(1), subscriptions=(Subscription("daily"),))], "test", NOW)
    made = back_up(site.config, NOW)
    (number,) = (each.number for each in store.subscribers() if each.address == "r1@example.org")
    store.unsubscribe(number, "", "he asked", NOW)

    def killed(source: Path, target: Path) -> None:
        if Path(target) != file:
            return move(source, target)
        if step:
            move(source, target)
        raise Killed

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(Killed):
        restore(site.config, made, NOW)
    monkeypatch.undo()
    after = Store.open(file)
    known = after.subscriber(number)
    assert (known and known.state, len(after.held_editions())) == (SubscriberState.UNSUBSCRIBED, step)
    restore(site.config, made, NOW + step * timedelta(1))
    again = Store.open(file)
    known = again.subscriber(number)
    assert (known and known.state, len(again.held_editions())) == (SubscriberState.UNSUBSCRIBED, 1)
    assert not [each.name for each in file.parent.iterdir() if ".restored" in each.name]


def test_two_restores_of_one_second_do_not_take_each_others_place(published: Site) -> None:
    made = back_up(published.config, NOW)
    done = restore(published.config, made, NOW)
    before = published.tree()
    with pytest.raises(StoreError, match="stands there already"):
        restore(published.config, made, NOW)
    assert (published.tree(), done.kept and done.kept.exists()) == (before, True)


def of_schema(version: str, file: Path) -> None:
    """An empty database as an older program made it."""
    settings = alembic.config.Config()
    settings.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with create_engine(f"sqlite:///{file}").connect() as connection:
        settings.attributes["connection"] = connection
        alembic.command.upgrade(settings, version)
        connection.commit()


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
def test_a_backup_of_an_older_program_is_brought_up_to_date_before_it_is_put_in_place(
    published: Site, tmp_path: Path, version: str
) -> None:
    old = tmp_path / "old.db"
    of_schema(version, old)
    before = old.read_bytes()
    store = Store.open(published.config.database_file)
    store.erase(key_of("desk@example.org"), NOW)
    done = restore(published.config, old, NOW)
    assert (done.until, done.waiting, done.left) == (None, 0, 0)
    assert done.unknown == ("digests/daily/2026-11-24/",)
    assert old.read_bytes() == before
    with closing(sqlite3.connect(published.config.database_file)) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == (SCHEMA,)
    assert not list((published.root / "data").glob("*.bak"))


def test_a_backup_that_cannot_be_brought_up_to_date_changes_nothing(published: Site, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    of_schema("0003", old)
    change(old, "DROP TABLE edition")
    before = published.tree()
    with pytest.raises(StoreError, match="no such table: edition"):
        restore(published.config, old, NOW)
    assert published.tree() == before


def test_a_site_without_a_database_takes_one(published: Site, new_site) -> None:
    fresh = new_site("fresh")
    done = restore(fresh.config, back_up(published.config, NOW), NOW)
    assert done.kept is None
    assert rows(fresh.config.database_file, "article") == 1


@pytest.mark.parametrize("suffix", [".serving", ".lock"])
def test_nothing_is_restored_while_a_process_is_at_work(published: Site, suffix: str) -> None:
    made = back_up(published.config, NOW)
    lock, sending = (published.config.database_file.with_suffix(each) for each in (suffix, ".sending"))
    in_use = r"in use: process \d+ \(publish serve\)"
    with held(lock, "publish serve"), pytest.raises(StoreError, match=in_use):
        restore(published.config, made, NOW)
    with sharing(sending), pytest.raises(StoreError, match="a process sends mail"):
        restore(published.config, made, NOW)
    assert not list((published.root / "data").glob("*.before-*"))
    restore(published.config, made, NOW)


def broken(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 5000] = b"\xff" * 5000
    file.write_bytes(content)


def newer(file: Path) -> None:
    change(file, "UPDATE alembic_version SET version_num = '9999'")


def strange(file: Path) -> None:
    change(file, "DROP TABLE alembic_version")


def dangling(file: Path) -> None:
    change(file, "DELETE FROM edition")


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute(statement)
        database.commit()


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (broken, "malformed|Tree|page|row"),
        (newer, "schema 9999, this program knows"),
        (strange, "not a database of this program"),
        (dangling, "broken references"),
        (lambda file: file.write_text("no database"), "file is not a database"),
        (lambda file: file.unlink(), "no such file"),
    ],
)
def test_what_is_no_whole_database_of_ours_changes_nothing(published: Site, spoil, fault: str) -> None:
    made = back_up(published.config, NOW)
    spoil(made)
    before = published.tree()
    with pytest.raises(StoreError, match=fault):
        restore(published.config, made, NOW)
    assert published.tree() == before


def test_the_database_itself_is_no_backup(published: Site) -> None:
    with pytest.raises(StoreError, match="the database itself"):
        restore(published.config, published.config.database_file, NOW)


def test_a_broken_database_gives_way_and_takes_its_journal_along(published: Site) -> None:
    made = back_up(published.config, NOW)
    file = published.config.database_file
    file.write_bytes(b"no database at all" * 1000)
    Path(f"{file}-wal").write_bytes(b"what was not brought in")
    done = restore(published.config, made, NOW)
    assert done.kept is not None
    assert not Path(f"{file}-wal").exists()
    assert Path(f"{done.kept}-wal").read_bytes() == b"what was not brought in"
    assert rows(file, "article") == 1


def test_who_left_after_the_backup_stays_away(published: Site) -> None:
    store = Store.open(published.config.database_file)
    wishes = (Subscription("daily"),)
    people = [replace(person(number), subscriptions=wishes) for number in range(6)]
    store.admit(people, "test", NOW)
    numbers = {each.address: each.number for each in store.subscribers()}
    made = back_up(published.config, NOW)
    store.unsubscribe(numbers["r0@example.org"], "", "he asked", NOW)
    store.unsubscribe(numbers["r1@example.org"], "daily", "he asked", NOW)
    store.bounced(numbers["r2@example.org"], hard=True, limit=5, reason="550", now=NOW)
    store.complained(numbers["r3@example.org"], "spam", NOW)
    store.erase(key_of("r4@example.org"), NOW)
    assert restore(published.config, made, NOW).left == 5
    after = Store.open(published.config.database_file)
    states = {each.address.partition("@")[0]: str(each.state) for each in after.subscribers()}
    assert states == {
        "desk": "active",
        "r0": "unsubscribed",
        "r1": "unsubscribed",
        "r2": "bounced",
        "r3": "complained",
        "r5": "active",
    }
    assert after.admit([people[4]], "test", NOW)[0].verdict == "refused"
    assert (
        restore(published.config, back_up(published.config, NOW + timedelta(1)), NOW + timedelta(2)).left == 0
    )
