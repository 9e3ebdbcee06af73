"""What the commands share: the configuration that was named, the clock, and the store to look into."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from publisher.config import Config
    from publisher.store import Store


@dataclass(frozen=True)
class Chosen:
    """The options of the group."""

    file: Path

    def load(self) -> Config:
        """The configuration (`publisher.errors.ConfigError`)."""
        from publisher.config.load import load

        return load(self.file)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store of the site, to look into."""
        from publisher.store import Store

        with Store.read_only(self.load().database_at) as store:
            yield store


def name_of(config: Config) -> str:
    """The database as people know it."""
    at = config.database_at
    return at.name if isinstance(at, Path) else config.database.url


def now() -> datetime:
    """The present, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def moment(text: str, config: Config) -> datetime:
    """A time given as ISO 8601; without a zone it is the site's."""
    from publisher.errors import UsageError

    try:
        given = datetime.fromisoformat(text).replace(microsecond=0)
    except ValueError:
        raise UsageError(f"--at: not a time: {text}", hint="for example 2026-11-24T06:00") from None
    if not 1000 <= given.year <= 9998:
        raise UsageError(f"--at: not a year to publish in: {given.year}")
    return given if given.tzinfo else given.replace(tzinfo=config.zone)


def show_json(value: Any) -> None:
    """Print a value for machines."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 file``, ``2 files``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
