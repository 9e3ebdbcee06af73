"""``publish bounces``: reads what came back, and acts on it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from publisher.cli.context import Chosen, counted, now, show_json

if TYPE_CHECKING:
    from publisher.config import Config
    from publisher.mailing.inboxes import Letter
    from publisher.returns import Deed, Returns


@click.command()
@click.argument("file", required=False)
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do none of it.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_context
def bounces(context: click.Context, file: str | None, dry_run: bool, as_json: bool) -> None:
    """Read delivery reports, complaints and unsubscribe requests, and act on them.

    FILE is one message or an mbox, - for standard input; without it, the mailboxes of the configuration.
    """
    from publisher import returns
    from publisher.store import Store

    chosen: Chosen = context.obj
    config = chosen.load()
    found = _letters(file, config)
    if dry_run:
        with chosen.store() as store:
            result = returns.take(found, config, store, now(), rehearse=True)
    else:
        result = returns.take(found, config, Store.open(config.database_at), now())
    if as_json:
        show_json(_as_data(result))
    else:
        click.echo("\n".join(_as_text(result, dry_run=dry_run)))
    for line in result.failures:
        click.echo(line, err=True)
    context.exit(1 if result.failures or any(_is_open(deed) for deed in result.deeds) else 0)


def _letters(file: str | None, config: Config) -> Iterable[Iterable[Letter]]:
    from pathlib import Path

    from publisher.errors import UsageError
    from publisher.mailing.inboxes import in_file, in_stream
    from publisher.mailing.reports import MOST_BYTES
    from publisher.returns import configured

    if file == "-":
        return [in_stream(sys.stdin.buffer, "stdin", MOST_BYTES)]
    if file is not None:
        return [in_file(Path(file), MOST_BYTES)]
    found = configured(config)
    if not found:
        raise UsageError(
            "no mailbox to read",
            hint="set maildir or imap under [mail.bounces], or name a file, or - for stdin",
        )
    return found


def _is_open(deed: Deed) -> bool:
    """Whether a person should look at a report."""
    from publisher.returns import Done

    return deed.done is Done.UNREAD


def _as_text(result: Returns, *, dry_run: bool) -> Iterator[str]:
    from publisher.returns import Done

    if not result.deeds:
        yield "Nothing came back."
        return
    if dry_run:
        yield "Dry run; nothing was changed."
    counts = result.counts()
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(counts.items()))
    yield f"{counted(len(result.deeds), 'report')}: {kinds}"
    for deed in result.deeds:
        if deed.done not in (Done.NOTED, Done.KNOWN):
            yield _line(deed)


def _line(deed: Deed) -> str:
    """One deed: what was done, for whom, and why; where there is nobody, where the report stands."""
    words = deed.report.diagnostic or deed.report.status or str(deed.report.kind)
    place = f"  ({deed.place})" if _is_open(deed) else ""
    return f"  {deed.done:<12}  {deed.address or '—'}  {words}{place}"


def _as_data(result: Returns) -> dict[str, Any]:
    return {
        "counts": dict(sorted(result.counts().items())),
        "reports": [
            {
                "done": deed.done,
                "kind": deed.report.kind,
                "address": deed.address,
                "subscriber": deed.reader,
                "status": deed.report.status,
                "diagnostic": deed.report.diagnostic,
                "when": deed.report.when.isoformat(),
                "proven": deed.report.proven,
                "place": deed.place,
            }
            for deed in result.deeds
        ],
        "failures": result.failures,
    }
