"""``publish check``: every fault at once, before it matters."""

from __future__ import annotations

import click

from publisher.cli.context import Chosen, counted, now, show_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Check configuration, keys, templates, seeds and database; every fault at once.

    Where messages are signed, it also prints what must stand in the DNS.
    """
    from publisher import inspection
    from publisher.mailing import dkim

    chosen: Chosen = context.obj
    config = chosen.load()
    with chosen.store() as store:
        faults = inspection.check(config, store, now())
    if as_json:
        show_json({"faults": faults, "dns": dkim.records(config)})
    else:
        for line in (*dkim.records(config), *faults):
            click.echo(line)
        click.echo(counted(len(faults), "fault") if faults else "All is well.")
    context.exit(1 if faults else 0)
