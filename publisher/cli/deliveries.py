"""``publish deliveries``: the ledger."""

from __future__ import annotations

import click

from publisher.cli.context import Chosen, counted, now, show_json

_STATES = ("pending", "claimed", "sending", "uncertain", "sent", "failed", "suppressed")


@click.group()
def deliveries() -> None:
    """What was sent, what waits, and what failed."""


@deliveries.command("list")
@click.option("--limit", default=50, show_default=True, help="The most to show.")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_obj
def list_(chosen: Chosen, limit: int, state: str | None, as_json: bool) -> None:
    """The newest deliveries with their state."""
    from publisher.model import DeliveryState

    with chosen.store() as store:
        found = store.deliveries(limit, DeliveryState(state) if state else None)
    if as_json:
        rows = [
            {
                "to": d.address,
                "edition": d.edition,
                "subscriber": d.subscriber,
                "state": d.state,
                "attempts": d.attempts,
                "repeats": d.repeats,
                "due": d.due,
                "reason": d.reason,
            }
            for d in found
        ]
        show_json(rows)
        return
    for d in found:
        again = f", {d.repeats} repeated" if d.repeats else ""
        click.echo(f"{d.state:<10} {d.attempts:>2} ×{again} {d.address}  {d.reason}".rstrip())
    if not found:
        click.echo("Nothing was ever due." if state is None else "There are none.")


@deliveries.command()
@click.option("--uncertain", is_flag=True, help="Those too that may have arrived.")
@click.pass_obj
def retry(chosen: Chosen, uncertain: bool) -> None:
    """Take up failed deliveries and held editions again; the next run sends them."""
    from publisher.store import Store

    store = Store.open(chosen.load().database_at)
    number = store.retry_deliveries(now(), uncertain=uncertain)
    click.echo(f"{counted(number, 'delivery', 'deliveries')} will be tried again by the next run")
