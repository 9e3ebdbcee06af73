"""``publish status``: what happened, what comes next, and what needs a person."""

from __future__ import annotations

import click

from publisher.cli.context import Chosen, now, show_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_obj
def status(chosen: Chosen, as_json: bool) -> None:
    """Last runs, next times, the ledger, and seeds in quarantine."""
    from publisher import inspection

    config = chosen.load()
    with chosen.store() as store:
        report = inspection.report(config, store, now())
    if as_json:
        show_json(report)
        return
    for title, lines in report.items():
        click.echo(f"{title.replace('_', ' ').capitalize()}")
        for line in lines or ["none"]:
            click.echo(f"  {line}")
