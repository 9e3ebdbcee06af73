"""The way of an older database to the newest schema: whole, with everything that it knew."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from publisher.errors import StoreError
from publisher.store import Store, database, migrating, tables

DUE, RECORDED = 1_000_000, 1_000_060

OLD = f"""
INSERT INTO setting VALUES ('secret', 'ab');
INSERT INTO article VALUES ('a1', 'p1/', 'T', 1, 0, 1, 0, 'd', 'v', '{{}}', 0, 5, '[]'),
                           ('a2', 'p2/', 'T', 1, 0, 1, 0, 'd', 'v', '{{}}', 0, 5, '[]'),
                           ('a3', 'p3/', 'T', 1, 0, 1, 0, 'd', 'v', '{{}}', 0, 5, '[]');
INSERT INTO edition VALUES ('e2', 'daily', '2', 'e2/', 'S2', {DUE + 86400}, 420, {RECORDED + 86400}),
                           ('e1', 'daily', '1', 'e1/', 'S1', {DUE}, 420, {RECORDED}),
                           ('w1', 'weekly', '1', 'w1/', 'W1', {DUE + 10}, 420, {RECORDED}),
                           ('n1', 'nobody', '1', 'n1/', 'N1', {DUE + 20}, 420, {RECORDED});
INSERT INTO edition_article VALUES ('daily', 'a1', 'e1', 'giao-thong', 'Giao thông', 1),
                                   ('daily', 'a2', 'e1', '', '', 0),
                                   ('daily', 'a3', 'e1', '', '', NULL),
                                   ('weekly', 'a1', 'w1', 'giao-thong', 'Giao thông', 0);
INSERT INTO subscriber VALUES ('u1', 'Tòa soạn <Desk@Example.org>', 'desk@example.org', 'active', 't1'),
                              ('u2', 'a@báo.example', 'a@báo.example', 'complained', 't2'),
                              ('u3', 'a@xn--bo-mia.example', 'a@xn--bo-mia.example', 'unsubscribed', 't3'),
                              ('u4', 'idle@example.org', 'idle@example.org', 'active', 't4'),
                              ('u5', 'a@exa_mple.org', 'a@exa_mple.org', 'active', 't5');
INSERT INTO delivery VALUES ('d1', 'e1', 'u1', '<m1>', 'sent', 1, {RECORDED}, {RECORDED + 5}, ''),
                            ('d2', 'e2', 'u1', '<m2>', 'sending', 2, {RECORDED + 86400}, NULL, 'lost'),
                            ('d3', 'w1', 'u1', '<m3>', 'pending', 0, {RECORDED}, NULL, ''),
                            ('d4', 'e1', 'u2', '<m4>', 'failed', 8, {RECORDED}, NULL, '550'),
                            ('d5', 'e1', 'u3', '<m5>', 'sent', 1, {RECORDED}, {RECORDED + 9}, ''),
                            ('d6', 'e1', 'u5', '<m6>', 'suppressed', 0, {RECORDED}, NULL, 'no');
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of schema 0002, made by its own migrations, with rows."""
    file = tmp_path / "publisher.db"
    settings = Config()
    settings.set_main_option("script_location", str(migrating.MIGRATIONS))
    with database._engine(database._url(file)).connect() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0002")
        connection.commit()
    with sqlite3.connect(file) as raw:
        raw.executescript("PRAGMA foreign_keys=ON;" + OLD)
    raw.close()
    return file


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    raw = sqlite3.connect(file)
    try:
        return raw.execute(query).fetchall()
    finally:
        raw.close()


def test_subscribers_get_numbers_and_spellings_of_one_address_become_one(old: Path) -> None:
    Store.open(old)
    assert rows(old, "SELECT number, address, key, state, since, bounces FROM subscriber") == [
        (1, "Desk@Example.org", "desk@example.org", "active", RECORDED, 0),
        (2, "a@báo.example", "a@xn--bo-mia.example", "complained", RECORDED, 0),
        (3, "idle@example.org", "idle@example.org", "active", RECORDED, 0),
        (4, "a@exa_mple.org", "a@exa_mple.org", "active", RECORDED, 0),
    ]


def test_recipients_are_on_the_owners_list_of_the_digests_that_they_got(old: Path) -> None:
    Store.open(old)
    query = "SELECT digest, subscriber, keywords, rhythm, weekday, length, origin, through FROM subscription"
    assert rows(old, query) == [
        ("daily", 1, "[]", "edition", 0, 0, "owner", DUE + 86400),
        ("daily", 4, "[]", "edition", 0, 0, "owner", DUE + 86400),
        ("weekly", 1, "[]", "edition", 0, 0, "owner", DUE + 10),
    ]


def test_an_edition_that_went_to_somebody_has_one_part_with_its_sections(old: Path) -> None:
    Store.open(old)
    editions = rows(old, "SELECT number, id, subject, due_offset, held FROM edition")
    assert editions == [
        (1, "e1", "S1", 420, ""),
        (2, "w1", "W1", 420, ""),
        (3, "n1", "N1", 420, ""),
        (4, "e2", "S2", 420, ""),
    ]
    parts = rows(old, "SELECT edition, sections, omitted, body FROM part ORDER BY edition")
    assert [(edition, json.loads(str(sections)), *rest) for edition, sections, *rest in parts] == [
        (1, [["", "", ["a2"]], ["giao-thong", "Giao thông", ["a1"]]], 1, None),
        (2, [["giao-thong", "Giao thông", ["a1"]]], 0, None),
        (4, [], 0, None),
    ]
    assert rows(old, "SELECT edition, article FROM edition_article ORDER BY 1, 2") == [
        ("e1", "a1"),
        ("e1", "a2"),
        ("e1", "a3"),
        ("w1", "a1"),
    ]


def test_deliveries_keep_their_state_and_one_that_was_leaving_is_uncertain(old: Path) -> None:
    Store.open(old)
    query = (
        "SELECT e.id, d.subscriber, d.state, d.attempts, d.repeats, d.doubtful, d.due_at,"
        " d.lease_at, d.sent_at, d.reason"
        " FROM delivery d JOIN edition e ON e.number = d.edition"
        " JOIN part p ON p.number = d.part AND p.edition = d.edition ORDER BY 1, 2"
    )
    assert rows(old, query) == [
        ("e1", 1, "sent", 1, 0, 0, None, None, RECORDED + 5, ""),
        ("e1", 2, "sent", 1, 0, 0, None, None, RECORDED + 9, ""),  # of two spellings, the one that was sent
        ("e1", 4, "suppressed", 0, 0, 0, None, None, None, "no"),
        ("e2", 1, "uncertain", 2, 0, 1, RECORDED + 86400, None, None, "lost"),
        ("w1", 1, "pending", 0, 0, 0, RECORDED, None, None, ""),
    ]


def test_editions_know_how_many_deliveries_they_have(old: Path) -> None:
    Store.open(old)
    counted = rows(old, "SELECT id, recipients FROM edition ORDER BY id")
    assert counted == [("e1", 3), ("e2", 1), ("n1", 0), ("w1", 1)]


def test_the_upgraded_database_is_sound_and_a_copy_of_the_old_one_stays(old: Path) -> None:
    before = rows(old, "SELECT * FROM delivery")
    Store.open(old)
    assert rows(old, "PRAGMA foreign_key_check") == []
    assert rows(old, "PRAGMA integrity_check") == [("ok",)]
    assert rows(old, "SELECT version_num FROM alembic_version") == [(tables.SCHEMA,)]
    names = {str(name) for (name,) in rows(old, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names - {"alembic_version", "sqlite_sequence"} == set(tables.metadata.tables)
    assert rows(old.with_name("publisher.db.0002.bak"), "SELECT * FROM delivery") == before
    with sqlite3.connect(old) as raw:
        raw.execute("INSERT INTO subscriber (address, key, state, since) VALUES ('n', 'n', 'active', 0)")
    raw.close()
    assert rows(old, "SELECT max(number) FROM subscriber") == [(5,)]


def test_an_upgrade_that_fails_half_way_leaves_the_database_as_it_was(old: Path) -> None:
    with sqlite3.connect(old) as raw:
        raw.execute(
            "CREATE INDEX ix_delivery_taken ON seed (path)"
        )  # a name that the upgrade needs at its end
    raw.close()
    before = rows(old, "SELECT sql FROM sqlite_master"), rows(old, "SELECT * FROM subscriber")
    with pytest.raises(Exception, match="already exists"):
        Store.open(old)
    assert (rows(old, "SELECT sql FROM sqlite_master"), rows(old, "SELECT * FROM subscriber")) == before


def test_a_database_with_broken_references_is_told_of_and_not_upgraded(old: Path) -> None:
    with sqlite3.connect(old) as raw:
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("DELETE FROM article WHERE id = 'a3'")
    raw.close()
    with pytest.raises(StoreError, match="1 broken reference"):
        Store.open(old)
    assert rows(old, "SELECT version_num FROM alembic_version") == [("0002",)]
