"""``publish db``: the database itself."""

from __future__ import annotations

import click

from publisher.cli.context import Chosen


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@click.pass_obj
def upgrade(chosen: Chosen) -> None:
    """Make the database, or bring its schema up to date; a copy of an older one stays beside it."""
    from publisher.store import Store

    file = chosen.load().database_file
    Store.open(file)
    click.echo(f"{file.name} is up to date")
