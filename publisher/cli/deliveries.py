"""``publish deliveries``: the ledger."""

from __future__ import annotations

import click

from publisher.cli.context import Chosen, counted, now, show_json


@click.group()
def deliveries() -> None:
    """What was sent, what waits, and what failed."""


@deliveries.command("list")
@click.option("--limit", default=50, show_default=True, help="The most to show.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_obj
def list_(chosen: Chosen, limit: int, as_json: bool) -> None:
    """The newest deliveries with their state."""
    with chosen.store() as store:
        found = store.deliveries(limit)
    if as_json:
        rows = [
            {
                "to": d.address,
                "state": d.state,
                "attempts": d.attempts,
                "due": d.due,
                "message_id": d.message_id,
                "reason": d.reason,
            }
            for d in found
        ]
        show_json(rows)
        return
    for d in found:
        click.echo(f"{d.state:<10} {d.attempts:>2} × {d.address}  {d.message_id}  {d.reason}".rstrip())
    if not found:
        click.echo("Nothing was ever due.")


@deliveries.command()
@click.pass_obj
def retry(chosen: Chosen) -> None:
    """Take up failed deliveries again; the next run sends them."""
    from publisher.store import Store

    number = Store.open(chosen.load().database_file).retry_deliveries(now())
    click.echo(f"{counted(number, 'delivery', 'deliveries')} will be tried again by the next run")
