"""``publish serve``: wake on the schedules and do what is due."""

from __future__ import annotations

import click

from publisher.cli.context import Chosen


@click.command()
@click.pass_obj
def serve(chosen: Chosen) -> None:
    """Run on the configured schedules until stopped; what was missed meanwhile is caught up."""
    from publisher.scheduler import Scheduler

    def say(line: str) -> None:
        click.echo(line, err=True)

    Scheduler(chosen.load(), say).run()
