"""Kinds of columns, and how times are kept: whole seconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

COUNTER = Integer().with_variant(BigInteger(), "postgresql")
"""A number that the database gives; SQLite counts in 64 bits by itself."""
WORDS = Text().with_variant(Text(collation="C"), "postgresql")
"""A text, compared by code point whatever the database's own language is."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime as epoch seconds; refuses naive ones."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Aware datetime to seconds."""
        return None if value is None else seconds_of(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Seconds to a datetime in UTC."""
        return None if value is None else moment_of(value)


def text(name: str, *rest: Any, **options: Any) -> Column[str]:
    """A column of text, which is never null."""
    return Column(name, WORDS, *rest, nullable=False, **options)


def moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    """A column of moments, as the database keeps them: whole seconds."""
    return Column(name, Moment, nullable=nullable)


class Octets(GenericFunction[Any]):
    """A text as octets of UTF-8 where the driver would make a `str` of it; as it comes elsewhere."""

    name = "octets"
    inherit_cache = True


class BeforeLast(GenericFunction[Any]):
    """Of a JSON object as text all that stands before its last key, which is given; see `Octets`.

    Empty where that key comes first.
    """

    name = "before_last"
    inherit_cache = True


@compiles(Octets)
def _octets(element: Octets, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS BLOB)"


@compiles(Octets, "postgresql")
def _octets_as_text(element: Octets, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(BeforeLast)
def _before_last(element: BeforeLast, compiler: SQLCompiler, **options: Any) -> str:
    text, key = (f"CAST({compiler.process(part, **options)} AS BLOB)" for part in element.clauses)
    return f"substr({text}, 1, max(instr({text}, {key}) - 2, 0))"


@compiles(BeforeLast, "postgresql")
def _before_last_as_text(element: BeforeLast, compiler: SQLCompiler, **options: Any) -> str:
    text, key = (compiler.process(part, **options) for part in element.clauses)
    return f"left({text}, greatest(strpos({text}, {key}) - 2, 0))"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def seconds_of(moment: datetime) -> int:
    """An aware datetime as it is kept, in whole seconds since 1970."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment}")
    return int((moment - _EPOCH) // _SECOND)


def moment_of(seconds: int) -> datetime:
    """The datetime in UTC of whole seconds since 1970."""
    return _EPOCH + seconds * _SECOND


def offset_of(moment: datetime) -> int:
    """The offset of an aware datetime from UTC, in minutes."""
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)


def at_offset(moment: datetime, minutes: int) -> datetime:
    """The same moment, shown at an offset of `minutes`."""
    return moment.astimezone(timezone(timedelta(minutes=minutes)))
