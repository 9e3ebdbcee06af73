"""``publish db``: the database itself."""

from __future__ import annotations

from pathlib import Path

import click

from publisher.cli.context import Chosen, counted, name_of, now


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@click.pass_obj
def upgrade(chosen: Chosen) -> None:
    """Make the database, or bring its schema up to date; a copy of an older file stays beside it."""
    from publisher.store import Store

    config = chosen.load()
    Store.upgrade(config.database_at)
    click.echo(f"{name_of(config)} is up to date")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.pass_obj
def backup(chosen: Chosen, file: Path | None) -> None:
    """Copy the database to FILE, or beside itself, while everything runs.

    The copy holds the addresses of subscribers. Seeds and config.toml are not in it, nor is the output,
    which a run makes again.
    """
    from publisher.backups import back_up

    target = back_up(chosen.load(), now(), file)
    click.echo(f"{target}: {counted(target.stat().st_size // 1024 or 1, 'KiB', 'KiB')}")
    click.echo("Not in it: seeds, config.toml, and the output, which a run makes again.", err=True)


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def restore(chosen: Chosen, file: Path) -> None:
    """Put the backup FILE in the place of the database, which is kept beside it; nothing may run meanwhile.

    Deliveries that are open in the backup wait for a person, for they may have been sent after it was made.
    """
    from publisher import backups

    config = chosen.load()
    done = backups.restore(config, file, now())
    click.echo(f"{config.database_file} is now {file}")
    if done.until:
        click.echo(f"  it knows what happened until {done.until.astimezone(config.zone):%Y-%m-%d %H:%M %z}")
    if done.kept:
        click.echo(f"  the old one is kept as {done.kept}")
    if done.waiting:
        click.echo(
            f"  {counted(done.waiting, 'delivery', 'deliveries')} held (hint: publish deliveries retry)"
        )
    if done.left:
        click.echo(f"  {counted(done.left, 'person', 'people')} left since, and stay away")
    for page in done.unknown:
        click.echo(f"  not in it, and made and sent again by the next run: {page}")
