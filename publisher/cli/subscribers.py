"""``publish subscribers``: who gets mail."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from publisher.cli.choosing import (
    FORMS,
    WEEKDAYS,
    Choosing,
    choosing,
    exists,
    filtering,
    form_of,
    write_all,
    written,
)
from publisher.cli.context import Chosen, now, show_json

if TYPE_CHECKING:
    from publisher.config import Config
    from publisher.deciding import Progress
    from publisher.mailing.importing import Refusal, Terms
    from publisher.model import Admission, Subscriber, SubscriberState, Subscription
    from publisher.store import Store

_BY_OWNER = "command line"
_VERDICTS = {
    "added": "added",
    "known": "known already",
    "left": "kept as not to be mailed",
    "refused": "refused",
}
_ADDRESSES = click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
_FORM = click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="The form.  [default: by the name of the file, else csv]",
)


@click.group()
def subscribers() -> None:
    """Who gets mail: add and import people, list, export, remove and erase them."""


@subscribers.command()
@_ADDRESSES
@choosing
@_JSON
@click.pass_context
def add(context: click.Context, /, addresses: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Add people who asked for it, or change what they get.

    Nobody is brought back who left, complained, was erased, or whose address is dead: they can
    subscribe again themselves. What somebody gets already changes only where an option says so.
    """
    from publisher.errors import UsageError
    from publisher.store import Store

    config, said = _loaded(context), Choosing(**options)
    choices = said.choices(config)
    if not choices:
        names = ", ".join(digest.name for digest in config.digest)
        raise UsageError("which digest they get is not said", hint=f"--digest: {names}")
    if not said.consent:
        hint = '--consent "Yes, I want to get the news by mail."'
        raise UsageError("to which words they agreed is not said", hint=hint)
    people = [_somebody(address, said, choices) for address in addresses]
    able = [person for person in people if not isinstance(person, str)]
    admitted = iter(Store.open(config.database_at).admit(able, _BY_OWNER, now(), change=said.changes))
    verdicts = [person if isinstance(person, str) else _words(next(admitted)) for person in people]
    _report(
        context, dict(zip(addresses, verdicts, strict=True)), ("added", "changed", "known already"), as_json
    )


@subscribers.command()
@_ADDRESSES
@click.option("--digest", default="", help="Only from the list of this digest.")
@click.option("--reason", default=_BY_OWNER, show_default=True, help="What their history says.")
@_JSON
@click.pass_context
def remove(
    context: click.Context, addresses: tuple[str, ...], digest: str, reason: str, as_json: bool
) -> None:
    """Take people off the lists, as if they had left: only they themselves can come back."""
    config = _loaded(context, digest)

    def leave(store: Store, key: str) -> str:
        person = store.subscriber_with_key(key)
        if person is None:
            return "is not known"
        return "removed" if store.unsubscribe(person.number, digest, reason, now()) else "off already"

    _report(context, _each(config, addresses, leave), ("removed", "off already"), as_json)


@subscribers.command()
@_ADDRESSES
@_JSON
@click.pass_context
def erase(context: click.Context, addresses: tuple[str, ...], as_json: bool) -> None:
    """Forget people with their history and deliveries, for good.

    What stays is a hash by which imports and lists refuse the address. An address that was never known
    is refused from then on too.
    """

    def forget(store: Store, key: str) -> str:
        return "erased" if store.erase(key, now()) else "kept out"

    _report(context, _each(_loaded(context), addresses, forget), ("erased", "kept out"), as_json)


@subscribers.command("list")
@filtering
@click.option("--count", is_flag=True, help="Print only how many there are.")
@_JSON
@click.pass_context
def list_(context: click.Context, state: str | None, digest: str, count: bool, as_json: bool) -> None:
    """Everybody with his state and what he gets."""
    from publisher.mailing import exporting

    _loaded(context, digest)
    chosen: Chosen = context.obj
    with chosen.store() as store:
        if count:
            number = store.subscriber_count(_state(state), digest)
            click.echo(f'{{"subscribers": {number}}}' if as_json else f"{number:,}")
            return
        people = store.subscribers(_state(state), digest)
        lines = exporting.as_json(people) if as_json else map(_line, people)
        if not write_all(sys.stdout.write, lines):
            click.echo("Nobody: publish subscribers add, or import.")


@subscribers.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default=Path("-"))
@filtering
@_FORM
@click.pass_context
def export(context: click.Context, file: Path, state: str | None, digest: str, form: str | None) -> None:
    """Write people to FILE (default: stdout): csv for other programs, json with consent and history.

    In csv, a cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    from publisher.mailing.exporting import WRITERS

    _loaded(context, digest)
    chosen: Chosen = context.obj
    form = form_of(file, form)
    with chosen.store() as store, written(file) as write:
        write_all(write, WRITERS[form](store.subscribers(_state(state), digest, history=form == "json")))


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True))
@choosing
@_FORM
@click.option("--dry-run", is_flag=True, help="Say what would come of it, and do none of it.")
@_JSON
@click.pass_context
def import_(
    context: click.Context, /, file: Path, form: str | None, dry_run: bool, as_json: bool, **options: Any
) -> None:
    """Take in the people of FILE (- for stdin), an export of listmonk, Mailchimp, Ghost or this program.

    Whom the source says not to mail is kept as such. Nobody is brought back who left, complained, was
    erased, or whose address is dead. Each line that is not taken is named with the reason.
    """
    from publisher.mailing.importing import Terms

    config, said = _loaded(context), Choosing(**options)
    name = "stdin" if file == Path("-") else file.name
    terms = Terms(
        source=f"import:{name}",
        now=now(),
        consent=said.consent,
        choices=said.choices(config),
        language=said.language,
        digests=[digest.name for digest in config.digest],
    )
    with _opened(config, dry_run) as store, _bytes_of(file) as stream:
        counts = _take_in(store, stream, form_of(file, form), terms, name)
    if as_json:
        show_json({"dry_run": dry_run, **counts})
    else:
        click.echo(", ".join(f"{counts[verdict]:,} {words}" for verdict, words in _VERDICTS.items()))
        if dry_run:
            click.echo("Dry run: nothing was written.")
    context.exit(1 if counts["refused"] else 0)


def _take_in(store: Store, stream: io.BufferedReader, form: str, terms: Terms, name: str) -> dict[str, int]:
    from publisher.cli.progress import shown
    from publisher.mailing.importing import READERS
    from publisher.subscribing import enroll

    total = os.fstat(stream.fileno()).st_size

    def refuse(refusal: Refusal) -> None:
        click.echo(f"{name}:{refusal.line}: {refusal.reason}", err=True)

    with shown() as progress:
        step = partial(_step, progress, stream, total) if total else lambda: None
        counts = enroll(store, READERS[form](stream, terms), terms.source, terms.now, refuse, step)
    return {verdict: counts[verdict] for verdict in _VERDICTS}


def _step(progress: Progress, stream: io.BufferedReader, total: int) -> None:
    progress("importing", stream.tell(), total)


def _loaded(context: click.Context, digest: str = "") -> Config:
    chosen: Chosen = context.obj
    config = chosen.load()
    if digest:
        exists(config, digest)
    return config


@contextmanager
def _opened(config: Config, dry_run: bool) -> Iterator[Store]:
    from publisher.store import Store

    if dry_run:
        with Store.rehearsal(config.database_at) as store:
            yield store
    else:
        yield Store.open(config.database_at)


def _bytes_of(file: Path) -> io.BufferedReader:
    stdin = file == Path("-")
    return open(sys.stdin.fileno() if stdin else file, "rb", closefd=not stdin)


def _somebody(mailbox: str, said: Choosing, choices: Sequence[Subscription]) -> Subscriber | str:
    """Somebody who is to be added, or what is wrong with his address."""
    from publisher import mailboxes
    from publisher.model import Consent, Subscriber, SubscriberState

    if fault := mailboxes.fault_in_mailbox(mailbox):
        return fault
    address, consent = mailboxes.parted(mailbox)[1], Consent(now(), _BY_OWNER, said.consent)
    key, state = mailboxes.key_of(address), SubscriberState.ACTIVE
    return Subscriber(0, address, key, state, said.language, consent=consent, subscriptions=tuple(choices))


def _each(config: Config, addresses: Sequence[str], do: Callable[[Store, str], str]) -> dict[str, str]:
    """What became of each address that is one."""
    from publisher import mailboxes
    from publisher.store import Store

    store = Store.open(config.database_at)
    return {
        address: mailboxes.fault_in_mailbox(address) or do(store, mailboxes.key_of(address))
        for address in addresses
    }


def _report(context: click.Context, results: dict[str, str], good: Sequence[str], as_json: bool) -> None:
    """A line for each address: on stdout what was done, on stderr what was not."""
    if as_json:
        show_json([{"address": address, "result": result} for address, result in results.items()])
    for address, result in results.items():
        if result not in good:
            click.echo(f"{address}: {result}", err=True)
        elif not as_json:
            click.echo(f"{result:<13} {address}")
    context.exit(0 if all(result in good for result in results.values()) else 1)


def _words(admission: Admission) -> str:
    return admission.reason or {"known": "known already"}.get(admission.verdict, admission.verdict.value)


def _state(name: str | None) -> SubscriberState | None:
    from publisher.model import SubscriberState

    return SubscriberState(name) if name else None


def _line(person: Subscriber) -> str:
    gets = "  ".join(map(_choice, person.subscriptions))
    return f"{person.state:<12} {person.address}  {gets}".rstrip() + "\n"


def _choice(mine: Subscription) -> str:
    weekly = f"weekly on {WEEKDAYS[mine.weekday]}" if mine.rhythm == "weekly" else ""
    daily = "daily" if mine.rhythm == "daily" else ""
    most = f"{mine.length} articles" if mine.length else ""
    owner = "by the owner's list" if mine.origin == "owner" else ""
    facts = "; ".join(filter(None, (weekly, daily, most, ", ".join(mine.keywords), owner)))
    return f"{mine.digest} ({facts})" if facts else mine.digest
