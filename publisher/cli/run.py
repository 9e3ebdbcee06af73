"""``publish``: one run, or with ``--dry-run`` what it would do."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher import __version__
from publisher.cli.context import Chosen, moment, now

if TYPE_CHECKING:
    from datetime import datetime

    from publisher.config import Config
    from publisher.idling import Look


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="publish")
@click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    help="The configuration; paths in it are relative to it.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
@click.option("--debug", is_flag=True, help="Say everything on stderr.")
@click.option("--dry-run", is_flag=True, help="Print what the next run would do, and do none of it.")
@click.option(
    "--preview",
    type=click.Path(path_type=Path),
    help="With --dry-run: write pages and mails into this folder.",
)
@click.option("--at", help="Run as if it were this time (ISO 8601).")
@click.option("--force", is_flag=True, help="Go on although more than half of the seeds are gone.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_context
def publish(
    context: click.Context,
    file: Path,
    verbose: bool,
    debug: bool,
    dry_run: bool,
    preview: Path | None,
    at: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """A folder of articles becomes feeds, pages and e-mail digests grouped by keyword.

    Without a command: one run. It reads what changed, writes the feeds and pages that changed,
    records the editions that are due, and delivers them.
    """
    if debug or verbose:
        import logging

        from publisher.log import set_up

        set_up(logging.DEBUG if debug else logging.INFO)
    chosen = Chosen(file)
    context.obj = chosen
    if context.invoked_subcommand is not None:
        return
    if preview and not dry_run:
        raise click.UsageError("--preview goes with --dry-run")
    config = chosen.load()
    fixed = moment(at, config) if at else None
    if dry_run:
        failed = _dry_run(config, fixed or now(), preview, force, as_json)
    else:
        context.exit(_run(config, fixed, force, as_json))
    context.exit(1 if failed else 0)


def _dry_run(config: Config, at: datetime, preview: Path | None, force: bool, as_json: bool) -> bool:
    from publisher import pipeline
    from publisher.cli import words
    from publisher.cli.context import show_json
    from publisher.cli.progress import shown
    from publisher.crew import Crew
    from publisher.store import Store
    from publisher.websub import prospects

    with Store.read_only(config.database_at) as store:
        with shown() as progress, Crew(config.work.processes) as crew:
            job = pipeline.plan_run(config, store, at, force=force, progress=progress, crew=crew)
        waiting = store.waiting_deliveries(at)
        hubs = prospects(config, job.plan.documents, store.waiting_pings(), at)
        if as_json:
            show_json(words.plan_as_data(job.plan, waiting, hubs))
        else:
            click.echo("\n".join(words.plan_as_text(job.plan, config, waiting, hubs)))
        failures: list[str] = []
        if preview:
            made = pipeline.preview(job, preview, failures)
            click.echo(f"{made['documents']} documents and {made['mails']} mails are in {preview}", err=True)
            for line in failures:
                click.echo(line, err=True)
    return bool(job.plan.faults or failures)


def _run(config: Config, at: datetime | None, force: bool, as_json: bool) -> int:
    from publisher.idling import looked

    with looked(config, at or now()) as look:
        if look and look.idle and not as_json:
            click.echo("Nothing to do.")
            return 0
        return _busy(config, at, force, as_json, look)


def _busy(config: Config, at: datetime | None, force: bool, as_json: bool, look: Look | None) -> int:
    from publisher import pipeline
    from publisher.cli import words
    from publisher.cli.context import show_json
    from publisher.cli.progress import shown
    from publisher.errors import Stopped
    from publisher.stopping import Stop

    stop = Stop()
    signal.signal(signal.SIGTERM, lambda *_: stop.ask())
    with shown() as progress:
        outcome = pipeline.run(
            config, lambda: at or now(), force=force, progress=progress, stop=stop, look=look
        )
    if as_json:
        show_json(words.outcome_as_data(outcome))
    else:
        click.echo("\n".join(words.outcome_as_text(outcome, config)))
    for line in outcome.failures:
        click.echo(line, err=True)
    sys.stdout.flush()
    if outcome.stopped:
        click.echo("stopped; the next run goes on from there", err=True)
        return Stopped.exit_code
    return 1 if outcome.failures else 0
