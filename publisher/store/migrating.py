"""The schema of a database: which it has, and the way from an older one to `publisher.store.tables.SCHEMA`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from publisher.errors import StoreError
from publisher.store.tables import SCHEMA

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def version_of(engine: Engine) -> str:
    """The schema of a database; empty where it has none; a newer one than ours is refused."""
    with engine.connect() as connection:
        return version_in(connection.execution_options(publisher_reads=True))


def version_in(connection: Connection) -> str:
    """The schema as a connection sees it; see `version_of`."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    version = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    if version > SCHEMA:
        raise StoreError(
            f"the database has schema {version}, this program knows {SCHEMA}",
            hint="install the newer publisher",
        )
    return version


def upgrade(connection: Connection) -> None:
    """Bring the schema to `SCHEMA` in the transaction of the caller."""
    from alembic import command

    command.upgrade(_settings(connection), SCHEMA)


def stamp(connection: Connection) -> None:
    """Say that the tables of a connection are those of `SCHEMA`."""
    from alembic import command

    command.stamp(_settings(connection), SCHEMA)


def _settings(connection: Connection) -> Config:
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
