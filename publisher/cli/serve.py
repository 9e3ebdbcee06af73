"""``publish serve``: the scheduler, the watcher and the web server in one process."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from publisher.cli.context import Chosen

if TYPE_CHECKING:
    from publisher.config import Config
    from publisher.serving import Standing


@click.command()
@click.option("--host", help="Bind this address instead of that of [web].")
@click.option("--port", type=click.IntRange(0, 65535), help="Bind this port instead; 0: any that is free.")
@click.option("--no-web", is_flag=True, help="Without the web server.")
@click.pass_obj
def serve(chosen: Chosen, host: str | None, port: int | None, no_web: bool) -> None:
    """Run by itself until stopped: on the configured schedules, and with what was missed meanwhile.

    The web server shows the output, and readers subscribe there.
    """
    from publisher.log import set_up
    from publisher.serving import serve as work
    from publisher.stopping import Stop

    config, stop = _with(chosen.load(), host, port), Stop()
    set_up(logging.INFO, config.log.format)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.ask())
    work(config, stop, _told, web=not no_web)


def _with(config: Config, host: str | None, port: int | None) -> Config:
    port = config.web.port if port is None else port
    web = replace(config.web, host=host or config.web.host, port=port)
    changed = replace(config, web=web)
    object.__setattr__(changed, "root", config.root)
    return changed


def _told(standing: Standing) -> None:
    if sys.stderr.isatty():
        click.echo("\n".join(_lines(standing)), err=True)
        return
    next_ = ", ".join(f"{name} at {when.isoformat()}" for name, when in standing.upcoming)
    facts = {"web": standing.web, "console": _console(standing) if standing.web else "", "next": next_}
    logging.getLogger(__name__).info("serving", extra=facts)


def _console(standing: Standing) -> str:
    """Where the console is, or what it lacks."""
    from publisher.web.console import closed

    fault = closed(standing.config)
    return f"none: {fault}" if fault else f"{standing.web}console/"


def _lines(standing: Standing) -> Iterator[str]:
    config = standing.config
    yield config.site.title
    if standing.web:
        yield f"  web      {standing.web}"
        yield f"  console  {_console(standing)}"
    watched = ", watched" if config.schedule.watch else ""
    yield f"  seeds    {config.seeds_bucket or os.path.relpath(config.seeds_folder)}/{watched}"
    if config.bucket:
        yield f"  output   {config.bucket}/, served by the bucket or a CDN, not from here"
    else:
        yield f"  output   {os.path.relpath(config.output_folder)}/"
    for number, (name, when) in enumerate(standing.upcoming):
        yield f"  {'' if number else 'next':<7}  {when:%a %Y-%m-%d %H:%M}  {name}"
    yield "  stop     Ctrl-C"
