"""``publish worker``: one more machine for a big site."""

from __future__ import annotations

import logging
import signal

import click

from publisher.cli.context import Chosen


@click.command()
@click.option(
    "--queues",
    metavar="NAME,…",
    default="",
    help="Take jobs of these kinds alone: read, render, deliver, ping, bounces.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes, each with a job at a time.",
)
@click.pass_obj
def worker(chosen: Chosen, queues: str, concurrency: int) -> None:
    """Do the work that runs on other machines put up, until stopped; what is in hand is finished.

    The site must be on PostgreSQL, with [work] engine = "procrastinate".
    """
    from publisher.jobs.engine import QUEUES
    from publisher.jobs.worker import work
    from publisher.log import set_up
    from publisher.stopping import Stop

    wanted = [name.strip() for name in queues.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(QUEUES)):
        raise click.BadParameter(
            f"no queue {', '.join(unknown)}; there are {', '.join(QUEUES)}", param_hint="--queues"
        )
    stop = Stop()
    set_up(logging.INFO, chosen.load().log.format)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.ask())
    work(chosen.load, wanted, concurrency, stop)
