"""Whole sites move between databases: nothing is lost on the way or half there, and what comes out is alike."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import Site
from databases import DATABASES, Raw, fresh
from documented import ROOT
from lived import LATEST, lived, twin
from movings import SQLITE, count_of, go, publish, tables_in
from sqlalchemy import Boolean, Column, Connection, Float, Integer, LargeBinary, Table, literal_column, update

from publisher.store import Store, database, moving, postgres, rows
from publisher.store.columns import Moment
from publisher.store.tables import metadata

PAIRS = list(product(DATABASES, repeat=2))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site on SQLite with something in every table; nobody changes it."""
    site = Site(tmp_path_factory.mktemp("model") / "site")
    lived(site)
    return site


@pytest.fixture
def there(model: Site, tmp_path: Path) -> Site:
    """A site that has lived a while, on SQLite."""
    return twin(model, tmp_path / "there")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fresh("postgresql", tmp_path) as found:
        assert isinstance(found, str)
        yield found


def started(site: Site, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "publisher", *words]
    return subprocess.Popen(command, cwd=site.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextmanager
def opened(place: Path | str) -> Iterator[Connection]:
    """A connection whose changes are undone, and for which no row refers to another."""
    if isinstance(place, Path):
        with database.still(place) as connection:
            yield connection
        return
    with postgres.writing(place) as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        connection.rollback()


def everything(place: Path | str) -> dict[str, list[rows.Row]]:
    """Every row of every table, in order."""
    with opened(place) as connection:
        return {name: list(rows.read(connection, table)) for name, table in metadata.tables.items()}


def letters(site: Site) -> list[bytes]:
    """What was sent, but for the bounds that were drawn."""
    mails = (site.config.maildir / "new").glob("*")
    return sorted(re.sub(rb"={15}\d+==", b"", mail.read_bytes()) for mail in mails)


def until(condition: Any) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def move_over(site: Site, url: str) -> None:
    """Do as the command says."""
    done = publish(site, "db", "copy", SQLITE, url)
    assert (done.returncode, done.stderr) == (0, "")
    line = re.search(r"^  url = .*$", done.stdout, re.MULTILINE)
    assert line
    site.configure(f"{(site.root / 'config.toml').read_text(encoding='utf-8')}\n[database]\n{line[0]}\n")
    assert site.config.database_at == url


def test_a_moved_site_has_nothing_to_do_and_goes_on_as_if_it_had_stayed(
    there: Site, url: str, tmp_path: Path
) -> None:
    here = twin(there, tmp_path / "here")
    again = ("--at", (LATEST + timedelta(minutes=1)).isoformat())
    for site in (here, there):  # which forgets the hub, for no configuration names it
        publish(site, *again)
    move_over(here, url)
    before, mails = here.tree(here.output), len(letters(here))
    for site in (here, there):
        done = publish(site, *again)
        assert (done.returncode, done.stdout, done.stderr) == (0, "Nothing to do.\n", "")
    assert here.tree(here.output) == before
    for site in (here, there):
        site.article("later.txt", "Đường mới", "Giao thông ưu tiên. Kiến An.", "13:26 30/11/2026")
        (site.seeds / "7.txt").unlink()
        assert site.run(LATEST + timedelta(days=1)).failures == []
    assert here.bytes_of(here.output) == there.bytes_of(there.output)
    assert letters(here) == letters(there)
    assert len(letters(here)) > mails > 3


@pytest.mark.parametrize(("kind", "other"), PAIRS)
def test_every_row_and_every_last_number_goes_along(
    model: Site, tmp_path: Path, kind: str, other: str
) -> None:
    with fresh(kind, tmp_path / "one") as first, fresh(other, tmp_path / "two") as last:
        (tmp_path / "two").mkdir()
        source: Path | str = model.config.database_file
        if kind == "postgresql":
            go(source, first)
            source = first
        moved = go(source, last)
        there = everything(model.config.database_file)
        assert {each.table: each.verified for each in moved} == {name: len(r) for name, r in there.items()}
        assert all(each.copied == each.verified > 0 for each in moved)
        assert everything(last) == there
        gone = 14
        assert max(row[0] for row in there["subscriber"]) < gone
        assert _next_number(last) == gone + 1


def _next_number(place: Path | str) -> int:
    """The number of the next subscriber."""
    raw = Raw(place)
    with closing(raw):
        new = "INSERT INTO subscriber (address, key, state, since) VALUES ('n@e.org', 'n@e.org', 'active', 5)"
        raw.execute(new)
        return int(raw.execute("SELECT number FROM subscriber WHERE key = 'n@e.org'").fetchone()[0])


_VALUES = {"state": "'bounced'", "rhythm": "'weekly'", "origin": "'reader'", "weekday": "(weekday + 1) % 7"}
"""Other values than those of `lived` for columns that take few."""


def _other(table: Table, column: Column[Any]) -> str:
    """Another value for a column of the row that is changed, in SQL."""
    if table.name == "delivery" and column.name == "state":
        return "'failed'"
    if column.name in _VALUES and table.name in ("subscriber", "subscription"):
        return _VALUES[column.name]
    if isinstance(column.type, LargeBinary):
        return "'\\x00ff5c42'::bytea"
    if isinstance(column.type, Boolean):
        return f"NOT {column.name}"
    if isinstance(column.type, Integer | Float | Moment):
        return f"coalesce({column.name}, 0) + 1"
    return f"coalesce({column.name}, '') || ' '"


def test_no_column_of_any_table_can_change_without_being_noticed(model: Site, url: str) -> None:
    """Of each table, one value of its last row is changed in the copy."""
    go(model.config.database_file, url)
    with opened(model.config.database_file) as old, opened(url) as new:
        for table in metadata.sorted_tables:
            row = list(rows.read(new, table))[-1]
            where = [
                column == literal_column(_literal(value))
                for column, value in zip(table.c, row, strict=True)
                if column.primary_key
            ]
            for column in table.c:
                point = new.begin_nested()
                value = literal_column(_other(table, column))
                done = new.execute(update(table).where(*where).values({column.name: value}))
                assert done.rowcount == 1
                told = [
                    fault
                    for fault in moving.compared(table, rows.read(old, table), rows.read(new, table))
                    if fault
                ]
                if column.primary_key:
                    assert [each.rpartition(": ")[2] for each in told] == ["missing in TO", "not in FROM"]
                else:
                    assert [each.rpartition(": ")[2] for each in told] == [f"other {column.name}"]
                point.rollback()


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("NEW.title := NEW.title || ' '; RETURN NEW", r"article \(id '.*'\): other title"),
        ("NEW.body := normalize(NEW.body, NFD); RETURN NEW", r"article \(id '.*'\): other body"),
        ("RETURN NULL", r"article \(id '.*'\): missing in TO\nand \d more"),
        ("NEW.published_at := NEW.published_at + 1; RETURN NEW", r"article \(id '.*'\): other published_at"),
    ],
)
def test_what_a_server_does_to_a_row_is_found_and_nothing_stays(
    there: Site, url: str, body: str, told: str
) -> None:
    Store.upgrade(url)
    with closing(Raw(url)) as raw:
        raw.execute(f"CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$")
        raw.execute("CREATE TRIGGER spoil BEFORE INSERT ON article FOR EACH ROW EXECUTE FUNCTION spoil()")
        raw.execute("ALTER TABLE article DISABLE TRIGGER ALL; ALTER TABLE article ENABLE TRIGGER spoil")
        for table in metadata.tables.keys() - {"article"}:
            raw.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")  # foreign keys, that is
        done = publish(there, "db", "copy", SQLITE, url)
        assert done.returncode == 1
        assert re.search(rf"^the copy is not like its source in \d+ rows\n.*{told}", done.stderr, re.DOTALL)
        assert "nothing was kept of it" in done.stderr
        assert done.stdout == ""
        assert not any(raw.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in metadata.tables)
        raw.execute("DROP TRIGGER spoil ON article")
    assert publish(there, "db", "copy", SQLITE, url).returncode == 0


def test_a_killed_copy_leaves_the_server_as_it_was_and_nobody_writes_meanwhile(there: Site, url: str) -> None:
    Store.upgrade(url)
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY delivery%'"
    )
    with psycopg.connect(url) as blocking:
        blocking.execute("LOCK TABLE delivery IN SHARE MODE")
        process = started(there, "db", "copy", SQLITE, url)
        until(lambda: count_of(url, waiting))
        with closing(Raw(there.config.database_file)) as raw:
            raw.execute("PRAGMA busy_timeout=0")
            with pytest.raises(Exception, match="database is locked"):
                raw.execute("UPDATE setting SET value = ''")
        done = publish(there, "--at", LATEST.isoformat(), "--force")
        assert f"a run is under way: process {process.pid} (publish db copy)" in done.stderr
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    with closing(Raw(url)) as raw:
        until(lambda: not count_of(url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
        assert not any(raw.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in metadata.tables)
    done = publish(there, "db", "copy", SQLITE, url)
    assert (done.returncode, done.stderr) == (0, "")


def test_killed_at_any_instant_there_is_no_table_or_every_row(there: Site, url: str) -> None:
    with closing(Raw(there.config.database_file)) as raw:
        raw.execute(
            "INSERT INTO tally WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
            " SELECT i, 'relay', i FROM n"
        )
    delay, killed = 0.2, 0
    while True:
        process = started(there, "db", "copy", SQLITE, url)
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        if process.returncode == 0:
            break
        killed += 1
        until(lambda: not count_of(url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
        if tables_in(url):  # it was killed between its last deed and its last word
            break
        delay += 0.25
    assert killed > 2
    assert count_of(url, "SELECT count(*) FROM tally WHERE relay = 'relay'") == 40001


def test_a_killed_copy_into_a_file_leaves_none_and_can_be_repeated(there: Site, url: str) -> None:
    go(there.config.database_file, url)
    with psycopg.connect(url) as blocking:
        blocking.execute("LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE")
        process = started(there, "db", "copy", url, "sqlite:///data/back.db")
        until((there.root / "data/back.db.unfinished").exists)
        process.kill()
        process.communicate()
    assert not (there.root / "data/back.db").exists()
    until(lambda: not count_of(url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
    done = publish(there, "db", "copy", url, "sqlite:///data/back.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(file.name for file in (there.root / "data").glob("back*")) == ["back.db"]
    assert os.stat(there.root / "data/back.db").st_mode & 0o777 == 0o600
    assert everything(there.root / "data/back.db") == everything(there.config.database_file)


def test_the_command_prints_each_table_and_what_to_change_and_leaves_the_source_alone(
    there: Site, url: str
) -> None:
    before = there.tree()
    done = publish(there, "db", "copy", SQLITE, url)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["copied", "verified"]
    assert ["subscriber", "12", "12"] in [line.split() for line in lines]
    assert len(lines) == len(metadata.tables) + 6
    assert lines[-4] == f"{url} holds every row of {SQLITE}."
    assert lines[-2:] == ["  [database]", f'  url = "{url}"']
    page = (ROOT / "docs/howto/postgresql.md").read_text(encoding="utf-8")
    assert f" holds every row of {SQLITE}.\n{lines[-3]}\n{lines[-2]}\n" in page
    assert there.tree() == before


def test_a_password_in_the_query_is_starred_in_what_is_printed(there: Site, url: str) -> None:
    done = publish(there, "db", "copy", SQLITE, f"{url}&sslpassword=geheim")
    assert done.returncode == 0
    assert f'url = "{url}&sslpassword=***"' in done.stdout
    assert "geheim" not in done.stdout


@pytest.mark.parametrize(("kind", "other"), PAIRS)
def test_a_table_of_any_size_takes_little_memory(there: Site, tmp_path: Path, kind: str, other: str) -> None:
    """Forty rows of a megabyte, of which no more than a few are here at once."""
    with fresh(kind, tmp_path / "one") as first, fresh(other, tmp_path / "two") as last:
        (tmp_path / "two").mkdir()
        source: Path | str = there.config.database_file
        with closing(Raw(there.config.database_file)) as raw:
            raw.execute(
                "INSERT INTO article WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
                " SELECT 'x' || i, 'x' || i, 'T', 1, 0, 1, 0, 'd', 'v', hex(zeroblob(500000)), 0, 0, '[]', '' FROM n"
            )
        if kind == "postgresql":
            go(source, first)
            source = first
        tracemalloc.start()
        try:
            go(source, last)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 16_000_000
