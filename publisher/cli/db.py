"""``publish db``: the database itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.context import Chosen, counted, name_of, now

if TYPE_CHECKING:
    from publisher.config import Config
    from publisher.store.moving import Moved, Side

_PASSWORD = re.compile(r"(?i)(password=)[^&]+")


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


@db.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.pass_obj
def copy(chosen: Chosen, source: str, target: str) -> None:
    """Move a site from the database FROM to the database TO, and compare every row; nothing may run meanwhile.

    Both are URLs as database.url has them: sqlite:///data/publisher.db, or postgresql://USER@HOST/NAME. TO must hold
    nothing yet. It is whole in the end, or as it was; FROM stays as it is.
    """
    from publisher.cli.progress import shown
    from publisher.store.moving import move

    config = chosen.load()
    sides = _side(config, "FROM", source), _side(config, "TO", target)
    with shown() as progress:
        moved = move(*sides, progress)
    click.echo("\n".join(_moved(moved)))
    click.echo(f"{sides[1].name} holds every row of {sides[0].name}.")
    click.echo("Now say so in config.toml, and let nothing run on the old one again:")
    click.echo(f'  [database]\n  url = "{sides[1].name}"')


def _side(config: Config, which: str, url: str) -> Side:
    """One of two databases; a fault of its URL is told without the URL, which may hold a password."""
    from publisher.config.values import database_fault
    from publisher.errors import UsageError
    from publisher.store.moving import Side

    if fault := database_fault(url):
        raise UsageError(f"{which}: {fault}", hint="for example sqlite:///data/publisher.db")
    return Side(_PASSWORD.sub(r"\1***", url), config.place_of(url))


def _moved(moved: Sequence[Moved]) -> Iterator[str]:
    wide = max(len(each.table) for each in moved)
    yield f"{'':<{wide}}  {'copied':>13}  {'verified':>13}"
    for each in moved:
        yield f"{each.table:<{wide}}  {each.copied:>13,}  {each.verified:>13,}"
    copied, verified = sum(each.copied for each in moved), sum(each.verified for each in moved)
    yield f"{'in all':<{wide}}  {copied:>13,}  {verified:>13,}"
