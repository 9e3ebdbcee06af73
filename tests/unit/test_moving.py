"""Comparing two streams of rows, and the ways in which a row cannot be moved."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from databases import fresh

from publisher.errors import StoreError
from publisher.store import Store, database, postgres, rows, tables
from publisher.store.moving import Progress, Side, compared, move, refuse_other_numbers, verified_rows
from publisher.store.rows import Row, key_of

EVENT = (1, 5, "subscribed", "", 7)
"""A row whose primary key stands last."""


def amiss(source: list[Row], target: list[Row]) -> list[str]:
    return list(compared(tables.tally, iter(source), iter(target)))


def test_rows_that_are_alike_are_counted_each() -> None:
    assert amiss([], []) == []
    assert amiss([(1, "a", 2), (1, "b", 2)], [(1, "a", 2), (1, "b", 2)]) == ["", ""]


def test_another_value_is_told_with_its_row_and_column() -> None:
    assert amiss([(1, "a", 2), (1, "b", 2)], [(1, "a", 2), (1, "b", 3)]) == [
        "",
        "tally (hour 1, relay 'b'): other sent",
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_that_one_side_lacks_is_told_wherever_it_stands(place: int) -> None:
    every: list[Row] = [(1, "a", 2), (1, "b", 2), (2, "a", 2)]
    some = every[:place] + every[place + 1 :]
    key = f"hour {every[place][0]}, relay {every[place][1]!r}"
    assert sorted(amiss(every, some)) == ["", "", f"tally ({key}): missing in TO"]
    assert sorted(amiss(some, every)) == ["", "", f"tally ({key}): not in FROM"]


def test_texts_are_in_the_order_of_their_code_points() -> None:
    every: list[Row] = [(1, text, 0) for text in ("", "Z", "a", "é", "\uffff", "\U0001f600")]
    assert amiss(every, [every[0], *every[2:]]) == ["", "tally (hour 1, relay 'Z'): missing in TO"] + [""] * 4


def test_the_key_of_a_row_is_found_where_the_table_has_it() -> None:
    assert key_of(tables.subscriber_event)(EVENT) == (7,)
    assert key_of(tables.article_keyword)(("k", 5, "a", 0, "", 0.5, "")) == ("k", 5, "a")


def test_a_counter_that_did_not_come_along_is_told() -> None:
    with pytest.raises(StoreError, match="subscriber: the last number is 14, in the copy it is 13"):
        refuse_other_numbers({"subscriber": 14}, {"subscriber": 13})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with one article."""
    made = tmp_path / "data" / "publisher.db"
    Store.open(made)
    change(made, "INSERT INTO article VALUES ('a', 'p/', 'T', 1, 0, 1, 0, 'd', 'v', '{}', 0, 5, '[]', '')")
    return made


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fresh("postgresql", tmp_path) as found:
        assert isinstance(found, str)
        yield found


def change(file: Path, statement: str) -> None:
    """Do to a file what this program would not."""
    with closing(sqlite3.connect(file)) as database:
        database.execute(statement)
        database.commit()


def moved(source: Path | str, target: Path | str) -> list[tuple[str, int, int]]:
    """Move; what was told meanwhile."""
    told: list[tuple[str, int, int]] = []
    move(Side("FROM", source), Side("TO", target), lambda *progress: told.append(progress))
    return told


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE article SET title = 'x' || char(0)", r"^article \(id 'a'\): title holds a NUL$"),
        (
            "UPDATE article SET weight = 3000000000",
            r"^article \(id 'a'\): value .3000000000. is out of range",
        ),
        (
            "UPDATE article SET weight = 'many'",
            r"^article \(id 'a'\): invalid input syntax .*integer: .many.",
        ),
        (
            "UPDATE article SET title = CAST(X'41FF' AS TEXT)",
            r"^article, first row: cannot be read: Could not decode",
        ),
        (
            "INSERT INTO seed VALUES ('gone.txt', 1, 1, 'd', 'nobody', NULL, 0, '')",
            r"^seed: .*violates foreign key.*: Key \(article\)=\(nobody\) is not present",
        ),
        (
            "INSERT INTO keyword SELECT group_concat(hex(randomblob(9999))), 'k', 'K', '' FROM article",
            r"^keyword \(slug .*: index row size|^keyword \(slug .*index row requires",
        ),
    ],
)
def test_a_row_that_cannot_stand_in_postgresql_is_named(
    file: Path, url: str, statement: str, told: str
) -> None:
    change(file, statement)
    with pytest.raises(StoreError, match=told):
        moved(file, url)
    with postgres.asking(url) as connection:
        assert not connection.dialect.has_table(connection, "article")


def test_a_row_behind_the_first_batch_is_named_as_well(file: Path, url: str) -> None:
    change(
        file,
        "INSERT INTO tally WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 7000)"
        " SELECT i, 'relay', CASE i WHEN 6500 THEN 3000000000 ELSE i END FROM n",
    )
    with pytest.raises(StoreError, match=r"^tally \(hour 6500, relay 'relay'\): value"):
        moved(file, url)
    change(file, "UPDATE tally SET sent = 0 WHERE hour = 6500")
    total = 7002
    assert moved(file, url) == [
        (stage, done * 1000, total) for stage in ("copied", "verified") for done in range(1, 8)
    ]


def test_rows_that_were_not_read_on_either_side_are_missed(file: Path) -> None:
    with database.still(file) as connection:
        sizes = {name: rows.size(connection, table) for name, table in tables.metadata.tables.items()}
        progress = Progress("verified", 1, lambda stage, done, total: None)
        assert verified_rows(connection, connection, sizes, progress) == sizes
        with pytest.raises(StoreError, match="the copy is not like its source in 3 rows"):
            verified_rows(connection, connection, sizes | {"seed": 3}, progress)


def test_what_a_file_does_not_take_is_named_too(file: Path, tmp_path: Path) -> None:
    change(file, "INSERT INTO seed VALUES ('gone.txt', 1, 1, 'd', 'nobody', NULL, 0, '')")
    with pytest.raises(StoreError, match=r"^seed \(path 'gone.txt'\): FOREIGN KEY constraint failed$"):
        moved(file, tmp_path / "other.db")
    assert [each.name for each in tmp_path.iterdir()] == ["data"]
