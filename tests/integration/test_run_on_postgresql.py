"""Whole sites on PostgreSQL: the same bytes come out as with SQLite, whatever happened in between."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW, Site
from databases import fresh

from publisher.errors import RunHeld, StoreError
from publisher.model import DeliveryState
from publisher.store import Store, locks
from publisher.store.locks import held, holder

MORE = """
[[digest]]
name = "weekly"
title = "Tin tuần"
schedule = "0 6 * * 2"
max_articles = 2
recipients = ["desk@example.org", "Ban biên tập <a.b@example.org>"]
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fresh("postgresql", tmp_path) as found:
        assert isinstance(found, str)
        yield found


@pytest.fixture
def here(tmp_path: Path, url: str) -> Site:
    """A site on PostgreSQL."""
    return Site(tmp_path / "here", url)


@pytest.fixture
def there(tmp_path: Path) -> Site:
    """The same site on SQLite."""
    return Site(tmp_path / "there")


def seed(site: Site) -> None:
    for number in range(12):
        word = ("Kiến An", "giao thông", "ưu tiên", "Ánh sáng", "zebra", "Đường")[number % 6]
        site.article(
            f"{number}.txt",
            f"{word} {number}",
            f"Tin {word}. Giao thông.",
            f"1{number % 9}:26 {number + 1}/05/2023",
        )
    site.change("found = 0", "found = 3")


def letters(site: Site) -> list[bytes]:
    """What was sent, but for the secrets of the site and the bounds that it drew."""
    mails = sorted((site.config.maildir / "new").glob("*"), key=lambda file: file.stat().st_size)
    return sorted(re.sub(rb"[0-9A-Za-z_.=-]{16,}", b"", mail.read_bytes()) for mail in mails)


def year(site: Site) -> None:
    """Two days in the life of a site: news, a corrected and a vanished article, a new topic."""
    seed(site)
    site.configure((site.root / "config.toml").read_text(encoding="utf-8").split("\n[database]")[0] + MORE)
    assert site.run().failures == []
    site.article("3.txt", "Ánh sáng 3, sửa", "Tin mới. Kiến An.", "13:26 4/05/2023")
    site.article("new.txt", "Ẩn số", "Giao thông Kiến An.", "13:26 20/11/2026")
    (site.seeds / "5.txt").unlink()
    assert site.run(NOW + timedelta(days=1)).failures == []
    site.change('name = "Kiến An"', 'name = "Kiến An quận"')
    assert site.run(NOW + timedelta(days=1, hours=1)).failures == []


def test_the_same_bytes_come_out_of_both_databases(here: Site, there: Site) -> None:
    for site in (here, there):
        year(site)
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    assert letters(here) == letters(there)
    assert len(letters(here)) > 3


def test_a_second_run_changes_nothing_and_a_dry_run_says_so(here: Site) -> None:
    year(here)
    before = here.tree()
    outcome = here.run(NOW + timedelta(days=1, hours=2))
    assert (here.tree(), outcome.counts["files written"]) == (before, 0)
    assert here.plan(NOW + timedelta(days=1, hours=2)).plan.documents == ()


def test_a_dry_run_before_the_first_run_makes_no_table(here: Site) -> None:
    seed(here)
    assert here.plan().plan.articles
    with here.reading() as store:
        assert store.known().settings == {}
        with pytest.raises(StoreError, match="no database yet"):
            store.secret()


def test_a_rehearsal_is_seen_while_it_lasts_and_never_was(here: Site) -> None:
    here.run()
    with Store.rehearsal(here.config.database_at) as store:
        store.hold_next("daily", "a test")
        assert store.held_next("daily") == "a test"
        with pytest.raises(AssertionError), store._transaction():
            raise AssertionError
        assert store.held_next("daily") == "a test"
    assert Store.open(here.config.database_at).held_next("daily") == ""


def test_one_run_at_a_time_and_the_other_says_who_is_at_it(here: Site, url: str) -> None:
    with (
        held(url, "lock", "publish serve"),
        pytest.raises(RunHeld, match=r"process \d+ \(publish serve\) on "),
    ):
        here.run()
    assert here.run().failures == []


def test_a_server_that_goes_while_a_lock_is_taken_is_told_as_such(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is broken then, so that nothing can be let go of: that must not hide why."""
    monkeypatch.setattr(locks, "_TRY", "SELECT pg_terminate_backend(pg_backend_pid()), %s")
    with pytest.raises(StoreError, match="the database cannot be used"), held(url, "lock", "publish"):
        pass


def test_whoever_serves_is_seen_and_another_machine_may_serve_too(url: str) -> None:
    with held(url, "serving", "publish serve"), held(url, "serving", "publish serve"):
        assert re.fullmatch(r"process \d+ \(publish serve\) on .+", holder(url, "serving"))
    assert holder(url, "serving") == ""


def test_two_machines_that_record_the_same_edition_make_it_once(here: Site, url: str) -> None:
    """Each with a plan made before the other recorded: the key of an edition says who was first."""
    seed(here)
    plans = [here.plan(), here.plan()]
    stores = [Store.open(url) for _ in plans]
    lists = {"daily": ["desk@example.org"]}
    threads = [
        threading.Thread(target=store.record, args=(job.plan, lists))
        for store, job in zip(stores, plans, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[0].edition_count() == 1
    assert stores[0].delivery_counts() == {DeliveryState.PENDING: 1}


def test_a_new_program_refuses_an_older_schema_and_says_what_to_do(here: Site, url: str) -> None:
    here.run()
    store = Store.open(url)
    with store._transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
        connection.exec_driver_sql("DROP TABLE ping, correction, article_phrases, phrase")
        connection.exec_driver_sql("ALTER TABLE edition_article DROP COLUMN updated_at")
        connection.exec_driver_sql("ALTER TABLE part DROP COLUMN corrections")
        connection.exec_driver_sql("ALTER TABLE article_keyword DROP COLUMN spelling")
        connection.exec_driver_sql("ALTER TABLE keyword DROP COLUMN origin")
        connection.exec_driver_sql("ALTER TABLE delivery DROP COLUMN rank")  # and its index with it
        connection.exec_driver_sql(
            "CREATE INDEX ix_delivery_open ON delivery (due_at, part) WHERE state IN ('pending', 'uncertain')"
        )
        connection.exec_driver_sql("DROP INDEX ix_seed_digest, ix_article_digest, ix_article_pictured")
        connection.exec_driver_sql(
            'CREATE TABLE ping (hub TEXT COLLATE "C", topic TEXT COLLATE "C", attempts INTEGER NOT NULL,'
            ' due_at BIGINT NOT NULL, reason TEXT COLLATE "C" NOT NULL, CONSTRAINT pk_ping PRIMARY KEY (hub, topic))'
        )
        connection.exec_driver_sql("CREATE INDEX ix_ping_due_at ON ping (due_at)")
        connection.exec_driver_sql("INSERT INTO ping VALUES ('b', 't', 1, 5, ''), ('a', 't', 2, 5, '')")
    for opened in (lambda: Store.open(url), here.run, lambda: here.reading().__enter__()):
        with pytest.raises(StoreError, match="schema 0004, this program needs") as told:
            opened()
        assert told.value.hint == "publish db upgrade"
    done = publish(here, "db", "upgrade")
    assert (done.returncode, done.stdout) == (0, f"{url} is up to date\n")
    assert [(ping.hub, ping.attempts) for ping in Store.open(url).waiting_pings()] == [("a", 2), ("b", 1)]
    with pytest.raises(StoreError, match="schema 9999, this program knows"):
        with Store.open(url)._transaction() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        Store.open(url)


def test_every_text_is_compared_by_code_point(url: str) -> None:
    with Store.open(url)._transaction() as connection:
        others = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
        ).all()
    assert [tuple(row) for row in others] == [("alembic_version", "version_num")]


def test_a_server_that_is_not_there_is_told_in_one_line(here: Site, tmp_path: Path) -> None:
    here.change(here.config.database.url, f"postgresql://press@/news?host={tmp_path}")
    done = publish(here)
    assert done.returncode == 1
    assert "the database cannot be used: " in done.stderr
    assert "see that the server runs and can be reached" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_commands_work_and_copies_are_left_to_the_server(here: Site) -> None:
    here.article("a.txt", "Một tin")
    assert publish(here).returncode == 0
    for words in (
        ["status"],
        ["check"],
        ["--dry-run"],
        ["deliveries", "list"],
        ["subscribers", "list"],
        ["keywords"],
    ):
        done = publish(here, *words)
        assert (done.returncode, done.stderr) == (0, ""), words
    done = publish(here, "subscribers", "add", "reader@example.org", "--digest", "daily", "--consent", "Ja")
    assert done.returncode == 0, done.stderr
    done = publish(here, "db", "backup")
    assert done.returncode == 1
    assert "pg_dump" in done.stderr


def test_without_the_library_the_extra_is_named(here: Site) -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from publisher.cli import main; sys.argv = ['publish', 'status']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=here.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "pip install 'publisher[postgres]'" in done.stderr


def publish(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publisher", *words]
    return subprocess.run(command, cwd=site.root, capture_output=True, text=True, check=False, timeout=120)
