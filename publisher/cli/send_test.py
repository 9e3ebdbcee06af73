"""``publish send-test``: the next edition in one's own mailbox."""

from __future__ import annotations

import os

import click

from publisher.cli.context import Chosen, now


@click.command("send-test")
@click.argument("digest")
@click.argument("address")
@click.pass_context
def send_test(context: click.Context, digest: str, address: str) -> None:
    """Send the next edition of DIGEST to ADDRESS, marked as a test.

    It goes at once, through the configured transport. Nothing is recorded, ADDRESS is put on no list,
    and the links in it unsubscribe nobody.
    """
    from publisher import rehearsal
    from publisher.mailing.outgoing import Fate

    chosen: Chosen = context.obj
    config = chosen.load()
    with chosen.store() as store:
        outcome = rehearsal.send_test(config, store, now(), digest, address)
    answer = " ".join(filter(None, [str(outcome.code or ""), outcome.answer]))
    if outcome.fate is Fate.SENT:
        place = f" (in {os.path.relpath(config.maildir)}/)" if config.mail.transport == "maildir" else ""
        click.echo(f"{address}: sent{place}{f': {answer}' if answer else ''}")
        return
    click.echo(f"{address}: {outcome.fate}: {answer or 'no answer'}", err=True)
    context.exit(1)
