"""The database: its schema, what it refuses, and what it remembers."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import DATABASES, fresh
from sqlalchemy import BigInteger, Connection, Engine, Index, select
from sqlalchemy.exc import IntegrityError, StatementError

from publisher.errors import StoreError
from publisher.model import Block, BlockKind, DeliveryState, Draft, RunFigures
from publisher.store import Store, database, postgres, tables
from publisher.store.bodies import packed
from publisher.store.columns import Moment, at_offset, offset_of

MOMENT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "publisher.db"


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    with fresh(request.param, tmp_path, tables=True) as found:
        yield found


@pytest.fixture
def connection(place: Path | str) -> Iterator[Connection]:
    """A connection to a fresh database, all in one transaction that is given up."""
    with engine_of(place).connect() as opened:
        yield opened


def engine_of(place: Path | str) -> Engine:
    engine = Store.open(place)._engine
    assert engine is not None
    return engine


def row(table: str, **changes: Any) -> dict[str, Any]:
    article = {
        "id": "a",
        "page": "p/",
        "title": "T",
        "digest": "d",
        "version": "v",
        "body": "{}",
        "withdrawn": False,
    }
    times = {"published_at": MOMENT, "published_offset": 0, "updated_at": MOMENT, "updated_offset": 0}
    edition = {"number": 1, "id": "e", "digest": "daily", "period": "1", "page": "e/", "subject": "S"}
    rows: dict[str, dict[str, Any]] = {
        "article": article | times,
        "seed": {"path": "s", "size": 1, "mtime_ns": 1, "digest": "", "article": "a", "line": 0, "hint": ""},
        "keyword": {"slug": "k", "key": "k", "label": "K"},
        "edition": edition | {"due_at": MOMENT, "due_offset": 420, "recorded_at": MOMENT},
        "edition_article": {"digest": "daily", "article": "a", "edition": "e", "keyword": "", "label": ""},
        "subscriber": {"number": 1, "address": "u@x", "key": "u@x", "state": "active", "since": MOMENT},
        "subscription": {"digest": "daily", "subscriber": 1, "origin": "reader"},
        "departure": {"digest": "weekly", "subscriber": 1, "at": MOMENT},
        "request": {"number": 1, "subscriber": 1, "choices": "[]", "language": "", "at": MOMENT}
        | {"source": "form", "text": ""},
        "subscriber_event": {"subscriber": 1, "at": MOMENT, "what": "subscribed", "detail": ""},
        "part": {"number": 1, "edition": 1, "id": "p", "language": "", "sections": "[]", "omitted": 0},
        "delivery": {"edition": 1, "subscriber": 1, "part": 1, "state": "pending", "attempts": 0}
        | {"repeats": 0, "doubtful": False, "due_at": MOMENT, "reason": ""},
    }
    return rows[table] | changes


def insert(connection: Connection, table: str, **changes: Any) -> None:
    connection.execute(tables.metadata.tables[table].insert(), row(table, **changes))


def fill(connection: Connection) -> None:
    for table in ("article", "keyword", "edition", "subscriber", "part", "delivery"):
        insert(connection, table)
    for table in ("subscription", "departure", "request", "subscriber_event"):
        insert(connection, table)


def same_type(_: object, __: object, ___: object, found: Any, meant: Any) -> bool | None:
    """A `Moment` is kept as a big integer; every other type is compared as Alembic does."""
    return not isinstance(found, BigInteger) if isinstance(meant, Moment) else None


def test_the_migrations_make_the_tables_that_the_program_uses(connection: Connection) -> None:
    def meant_here(item: object, *_: object) -> bool:
        return not isinstance(item, Index) or item.name != "ix_article_outline" or sqlite

    sqlite = connection.dialect.name == "sqlite"
    opts = {"compare_type": same_type, "include_object": meant_here, "render_as_batch": True}
    context = MigrationContext.configure(connection, opts=opts)
    assert compare_metadata(context, postgres.tables()) == []


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_migrations_make_the_same_checks_as_the_tables(connection: Connection, tmp_path: Path) -> None:
    """Alembic compares no CHECK constraints, no options of tables and no conditions of indexes: SQLite tells them."""
    engine = database._engine(f"sqlite:///{tmp_path / 'made.db'}")
    tables.metadata.create_all(engine)
    with engine.connect() as made:
        assert facts(connection) == facts(made)


def facts(connection: Connection) -> dict[str, object]:
    """Per table: whether it has row numbers, keeps them, is strict, and its checks; per index, what it is."""
    query = "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    listed = connection.exec_driver_sql(query).all()
    rows = connection.exec_driver_sql("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL")
    sql = {(str(name), str(kind)): str(text) for name, kind, text in rows}
    indexes: dict[str, object] = {name: text for (name, kind), text in sql.items() if kind == "index"}
    return indexes | {
        name: (
            rowid,
            strict,
            "AUTOINCREMENT" in sql[name, "table"],
            sorted(part.split("\n")[0].rstrip(", )") for part in sql[name, "table"].split("CHECK")[1:]),
        )
        for name, rowid, strict in listed
        if name in tables.metadata.tables
    }


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("article", {"id": "b"}),  # the page is taken
        ("article", {"page": "q/"}),  # the id is taken
        ("article", {"id": "b", "page": "q/", "title": None}),
        ("keyword", {"slug": "l"}),  # the key is taken
        ("seed", {"article": "unknown"}),
        ("edition", {"number": 2, "page": "f/", "period": "2"}),  # the id is taken
        ("edition", {"number": 2, "id": "f", "page": "f/"}),  # the period is taken
        ("edition", {"number": 2, "id": "f", "period": "2"}),  # the page is taken
        ("edition_article", {"edition": "unknown"}),
        ("edition_article", {"article": "unknown"}),
        ("subscriber", {"number": 2, "key": "v", "state": "fond"}),
        ("subscriber", {"number": 2}),  # the key is taken
        ("subscription", {}),  # a second one to the same digest
        ("subscription", {"digest": "weekly", "subscriber": 2}),
        ("subscription", {"digest": "weekly", "rhythm": "hourly"}),
        ("subscription", {"digest": "weekly", "weekday": 7}),
        ("subscription", {"digest": "weekly", "length": -1}),
        ("subscription", {"digest": "weekly", "origin": "friend"}),
        ("departure", {}),
        ("departure", {"digest": "daily", "subscriber": 2}),
        ("request", {"number": 2}),  # a second one of the same address
        ("request", {"number": 2, "subscriber": 2}),
        ("subscriber_event", {"subscriber": 2}),
        ("part", {"number": 2}),  # the id is taken
        ("part", {"number": 2, "id": "q", "edition": 2}),
        ("delivery", {}),  # a second one to the same subscriber
        ("delivery", {"edition": 2}),
        ("delivery", {"subscriber": 2}),
        ("delivery", {"edition": 2, "part": 2}),
    ],
)
def test_the_database_refuses_what_cannot_be(
    connection: Connection, table: str, changes: dict[str, Any]
) -> None:
    fill(connection)
    with pytest.raises(IntegrityError):
        insert(connection, table, **changes)


def test_a_delivery_has_one_of_seven_states(connection: Connection) -> None:
    fill(connection)
    for state in DeliveryState:
        connection.execute(tables.delivery.update().values(state=state))
    with pytest.raises(IntegrityError, match="ck_delivery_state"):
        connection.execute(tables.delivery.update().values(state="lost"))


def test_an_article_stands_in_one_edition_of_a_digest(connection: Connection) -> None:
    fill(connection)
    insert(connection, "edition", number=2, id="f", page="f/", period="2")
    insert(connection, "edition_article")
    with pytest.raises(IntegrityError), connection.begin_nested():
        insert(connection, "edition_article", edition="f")
    insert(connection, "edition_article", digest="weekly", edition="f")


def test_what_others_refer_to_is_not_deleted(connection: Connection) -> None:
    fill(connection)
    insert(connection, "seed")
    for table in (tables.article, tables.edition, tables.subscriber, tables.part):
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(table.delete())


def test_what_belongs_to_a_subscriber_alone_goes_with_him(connection: Connection) -> None:
    fill(connection)
    connection.execute(tables.delivery.delete())
    connection.execute(tables.subscriber.delete())
    for table in (tables.subscription, tables.departure, tables.request, tables.subscriber_event):
        assert connection.execute(select(table)).all() == []


def test_a_number_that_stands_in_links_is_never_given_again(connection: Connection) -> None:
    insert(connection, "subscriber", number=9)
    for name, rest in (("subscriber", {"key": "another"}), ("request", {"subscriber": 9})):
        table = tables.metadata.tables[name]
        new = {key: value for key, value in row(name, **rest).items() if key != "number"}
        given = []
        for _ in range(2):
            connection.execute(table.insert(), new)
            given.append(connection.execute(select(table.c.number).where(table.c.number != 9)).scalar_one())
            connection.execute(table.delete().where(table.c.number != 9))
        assert given[0] < given[1], name


def test_a_time_without_a_zone_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError, match="a time without a zone"):
        insert(connection, "article", published_at=datetime(2026, 11, 24, 4, 0))


@pytest.mark.parametrize("year", [1, 1901, 1970, 2026, 9999])
def test_a_time_comes_back_as_the_same_moment_in_utc(connection: Connection, year: int) -> None:
    moment = datetime(year, 6, 1, 12, 30, 59, tzinfo=timezone(timedelta(hours=7)))
    insert(connection, "article", published_at=moment)
    found = connection.execute(select(tables.article.c.published_at)).scalar_one()
    assert found == moment
    assert found.utcoffset() == timedelta(0)
    assert at_offset(found, offset_of(moment)).isoformat() == moment.isoformat()


def test_a_store_without_a_file_knows_nothing_and_makes_none(file: Path) -> None:
    with Store.read_only(file) as store:
        assert store.known().listings == {}
        assert (store.deliveries(), store.delivery_counts(), store.last_runs()) == ([], {}, [])
    assert not file.parent.exists()


def test_a_newer_database_is_refused_and_left_alone(file: Path) -> None:
    with database.open_file(file).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="schema 9999, this program knows"):
        Store.open(file)
    with pytest.raises(StoreError, match="schema 9999"), Store.read_only(file):
        pass
    assert file.read_bytes() == before


@pytest.mark.parametrize("moment", ["looked at", "copied"])
def test_a_journal_that_vanishes_while_somebody_looks_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    file = tmp_path / "site.db"
    Store.open(file).secret()
    journal = tmp_path / "site.db-wal"
    journal.write_bytes(b"of another process")
    exists, copy = Path.exists, shutil.copy

    def seen(path: Path) -> bool:
        found = exists(path)
        if path == journal and moment == "looked at":
            journal.unlink()
        return found

    def late(source: Path, target: str) -> Any:
        if source == journal:
            journal.unlink()
        return copy(source, target)

    monkeypatch.setattr(Path, "exists", seen)
    monkeypatch.setattr(shutil, "copy", late)
    with Store.read_only(file) as store:
        assert store.article_count() == 0


def test_the_newest_run_comes_first(place: Path | str) -> None:
    store = Store.open(place)
    for number in range(3):
        moment = MOMENT + timedelta(hours=number)
        store.record_run(RunFigures(moment, moment, {"sent": number}, (f"lỗi {number}",)))
    assert [run.counts for run in store.last_runs(2)] == [{"sent": 2}, {"sent": 1}]
    assert store.last_runs(1)[0].faults == ("lỗi 2",)


def test_who_asks_waits_for_nobody_who_writes(place: Path | str) -> None:
    store = Store.open(place)
    with engine_of(place).connect() as writing:
        writing.execute(tables.setting.insert().values(key="half", value="done"))
        began = time.monotonic()
        assert store.known().settings == {}
        assert store.keyword_sources() == []
        assert time.monotonic() - began < 5
        writing.commit()
    assert store.known().settings == {"half": "done"}


def test_a_page_is_known_as_withdrawn_once_its_article_is(place: Path | str) -> None:
    store = Store.open(place)
    with engine_of(place).begin() as connection:
        connection.execute(tables.article.insert().values(row("article")))
    assert store.withdrawn("p/") is False
    assert store.withdrawn("other/") is False
    with engine_of(place).begin() as connection:
        connection.execute(tables.article.update().values(withdrawn=True))
    assert store.withdrawn("p/") is True


TRICKY = 'Nói "blocks": và \\"blocks\\": — cả \\ và Hải Phòng'


def test_an_outline_is_the_article_without_its_blocks(place: Path | str) -> None:
    blocks = (Block(BlockKind.PARAGRAPH, TRICKY), Block(BlockKind.IMAGE, "", '<img src="blocks">'))
    said = Draft(title="T", published=MOMENT, blocks=blocks, summary=TRICKY, authors=("Ban biên tập",))
    body = packed(said)
    # As it was written before blocks came last.
    former = json.dumps(
        {"blocks": [["paragraph", "Cũ", ""]]} | {"summary": "", "authors": [], "declared": []}
    )
    former = former.replace("}", ', "language": ""}').replace('": ', '":')
    with engine_of(place).begin() as connection:
        insert(connection, "article", id="a", page="a/", body=body)
        insert(connection, "article", id="b", page="b/", body=former)
    store = Store.open(place)
    whole, outlines = store.articles(["a", "b", "c"]), store.outlines(["a", "b", "c"])
    assert whole["a"].blocks == blocks and whole["a"].summary == TRICKY
    assert outlines == {"a": replace(whole["a"], blocks=()), "b": whole["b"]}
