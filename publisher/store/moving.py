"""A site moves from one database to another: every row is copied, and compared on both sides before it counts.

Whatever happens on the way, the target is empty or whole: PostgreSQL gets all of it in one transaction, and a file
gets its name in the end. Nobody is at work on the site meanwhile, so nothing is written that would be left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, inspect, literal, select

from publisher.errors import StoreError, UsageError
from publisher.store import copies, database, locks, migrating, postgres, rows
from publisher.store.dialects import is_postgres
from publisher.store.rows import Row
from publisher.store.tables import SCHEMA, metadata

Told = Callable[[str, int, int], None]
"""Told of a stage, how many rows it has behind it, and how many there are."""

_DOING = "publish db copy"
_VERSION = "alembic_version"
_STEP = 1_000
_SHOWN = 10
"""Rows that are named where a comparison fails."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two databases: a file, or the URL of one on PostgreSQL; its `name` may be shown to anybody."""

    name: str
    at: Path | str


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of a table were written, and how many were found alike on both sides."""

    table: str
    copied: int
    verified: int


def move(source: Side, target: Side, told: Told) -> list[Moved]:
    """Copy a site into a database that holds nothing, and compare every row; what became of each table.

    `publisher.errors.StoreError` where that cannot be, or where a row does not come back as it was: the target then
    is as it was before.
    """
    _refuse_at_once(source, target)
    with (
        locks.alone(source.at, _DOING),
        _still(source) as old,
        _filling(target) as new,
    ):
        sizes = {table.name: rows.size(old, table) for table in metadata.sorted_tables}
        total = sum(sizes.values())
        copied = _copied(old, new, Progress("copied", total, told))
        last = rows.numbers(old)
        rows.number_on(new, last)
        verified = verified_rows(old, new, sizes, Progress("verified", total, told))
        refuse_other_numbers(last, rows.numbers(new))
        if is_postgres(new):
            new.exec_driver_sql("ANALYZE")
    return [Moved(name, copied[name], verified[name]) for name in metadata.tables]


def compared(table: Table, source: Iterator[Row], target: Iterator[Row]) -> Iterator[str]:
    """For each row of either side, in the order of the primary key: what is amiss with it, empty where nothing is."""
    key = rows.key_of(table)
    one, other = next(source, None), next(target, None)
    while one is not None or other is not None:
        if one == other:
            yield ""
            one, other = next(source, None), next(target, None)
        elif one is not None and other is not None and key(one) == key(other):
            yield _difference(table, one, other)
            one, other = next(source, None), next(target, None)
        elif one is not None and (other is None or key(one) < key(other)):
            yield f"{rows.named(table, key(one))}: missing in TO"
            one = next(source, None)
        elif other is not None:
            yield f"{rows.named(table, key(other))}: not in FROM"
            other = next(target, None)


class Progress:
    """Tells of a stage how many rows it has behind it, over all tables; `total` is how many there are."""

    def __init__(self, stage: str, total: int, told: Told) -> None:
        self._stage, self._total, self._told = stage, total, told
        self._done = 0

    def counting(self, some: Iterator[Row]) -> Iterator[Row]:
        """The same rows; it is told of each thousandth."""
        for row in some:
            yield row
            self._done += 1
            if self._done % _STEP == 0:
                self._told(self._stage, self._done, self._total)


def _copied(old: Connection, new: Connection, progress: Progress) -> dict[str, int]:
    """How many rows of each table were written, those first that others refer to."""
    return {
        table.name: rows.write(new, table, progress.counting(rows.read(old, table)))
        for table in metadata.sorted_tables
    }


def verified_rows(
    old: Connection, new: Connection, sizes: Mapping[str, int], progress: Progress
) -> dict[str, int]:
    """How many rows of each table are alike on both sides, which all are (`publisher.errors.StoreError`).

    As many must have been looked at as the source counts: what was not read was not compared.
    """
    alike = dict.fromkeys(metadata.tables, 0)
    amiss: list[str] = []
    number = 0
    for table in metadata.sorted_tables:
        for fault in compared(table, progress.counting(rows.read(old, table)), rows.read(new, table)):
            if not fault:
                alike[table.name] += 1
                continue
            number += 1
            amiss += [fault] if len(amiss) < _SHOWN else []
    if number or alike != sizes:
        more = [f"and {number - len(amiss):,} more"] if number > len(amiss) else []
        unlike = max(number, sum(sizes.values()) - sum(alike.values()))
        fault = f"the copy is not like its source in {unlike:,} rows"
        hint = "nothing was kept of it; does something at TO change rows, such as a trigger?"
        raise StoreError(fault, *amiss, *more, hint=hint)
    return alike


def _difference(table: Table, one: Row, other: Row) -> str:
    values = zip(table.c, one, other, strict=True)
    names = [column.name for column, here, there in values if here != there]
    return f"{rows.named(table, rows.key_of(table)(one))}: other {', '.join(names)}"


def refuse_other_numbers(source: dict[str, int], target: dict[str, int]) -> None:
    """The next row must not get a number that was given before, which may stand in a message that was sent."""
    for name, last in source.items():
        if target[name] != last:
            fault = f"{name}: the last number is {last:,}, in the copy it is {target[name]:,}"
            raise StoreError(fault, hint="nothing was kept of it; does something at TO count as well?")


@contextmanager
def _still(source: Side) -> Iterator[Connection]:
    """A connection to ask the source by; nobody writes to it meanwhile."""
    writing = database.still(source.at) if isinstance(source.at, Path) else postgres.writing(source.at)
    with writing as connection:
        _refuse_other_schema(source, connection)
        yield connection


@contextmanager
def _filling(target: Side) -> Iterator[Connection]:
    """A connection to fill the target by, whose tables are empty; what fails leaves nothing."""
    if isinstance(target.at, Path):
        with copies.whole(target.at) as unfinished, database.filling(unfinished) as connection:
            yield connection
        return
    with postgres.writing(target.at) as connection:
        _refuse_anything(target, connection)
        locks.take_all(connection)
        postgres.make_tables(connection)
        yield connection


def _refuse_at_once(source: Side, target: Side) -> None:
    """What can be told before anybody is kept from work; nothing is made by looking for it."""
    if source.at == target.at:
        raise UsageError("FROM and TO are the same database", hint="name an empty one as TO")
    if isinstance(source.at, Path):
        if not source.at.is_file():
            raise StoreError(f"{source.name}: no such file", hint="name the database of the site as FROM")
    else:
        with postgres.asking(source.at) as connection:
            _refuse_other_schema(source, connection)
    if not isinstance(target.at, Path):
        with postgres.asking(target.at) as connection:
            _refuse_anything(target, connection)


def _refuse_other_schema(side: Side, connection: Connection) -> None:
    try:
        version = migrating.version_in(connection)
    except StoreError as error:
        raise StoreError(f"{side.name}: {error.lines[0]}", hint=error.hint) from None
    if not version:
        raise StoreError(f"{side.name}: not a database of this program", hint="name another")
    if version != SCHEMA:
        fault = f"{side.name}: schema {version}, this program needs {SCHEMA}"
        raise StoreError(fault, hint="publish db upgrade, with this database in config.toml")


def _refuse_anything(target: Side, connection: Connection) -> None:
    """A database that holds a row or somebody else's table is not written to; empty tables of ours may be there."""
    there = set(inspect(connection).get_table_names())
    others = sorted(there - metadata.tables.keys() - {_VERSION})
    full = [
        table.name for table in metadata.sorted_tables if table.name in there and _holds(connection, table)
    ]
    if others or full:
        raise StoreError(
            f"{target.name}: holds something already: {_some([*full, *others])}",
            hint="name an empty database; createdb --encoding=UTF8 NAME makes one",
        )
    if there:
        _refuse_other_schema(target, connection)


def _holds(connection: Connection, table: Table) -> bool:
    return connection.execute(select(literal(1)).select_from(table).limit(1)).first() is not None


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
