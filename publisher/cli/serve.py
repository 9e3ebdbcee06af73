"""``publish serve``: wake on the schedules and do what is due."""

from __future__ import annotations

import logging
import signal

import click

from publisher.cli.context import Chosen


@click.command()
@click.pass_obj
def serve(chosen: Chosen) -> None:
    """Run on the configured schedules until stopped; what was missed meanwhile is caught up."""
    from publisher.log import set_up
    from publisher.scheduler import Scheduler
    from publisher.stopping import Stop

    config, stop = chosen.load(), Stop()
    set_up(logging.INFO, config.log.format)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.ask())
    Scheduler(config, stop=stop).run()
