"""The database is put aside while everything runs, and put back while nothing does.

The output is not in a copy: it is made again from seeds and database. Neither are config.toml and seeds.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.config import Config
from publisher.errors import RunHeld, StoreError
from publisher.locking import held, sharing
from publisher.store import copies

_REASON = "restored from a backup: what was sent after it is not known"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: where the old database is `kept`, and what the new one knows `until`.

    `waiting` deliveries are held, since they may have been sent after the backup was made; `unknown` are
    pages of editions that only the old one knows.
    """

    kept: Path | None
    until: datetime | None
    waiting: int
    unknown: tuple[str, ...]


def back_up(config: Config, now: datetime, target: Path | None = None) -> Path:
    """Copy the database, beside itself unless a `target` is named; where the copy is."""
    source = config.database_file
    if not source.exists():
        raise StoreError(f"{source}: there is no database yet", hint="publish makes it")
    moment = f"{now.astimezone(config.zone):%Y-%m-%d-%H%M%S}"
    target = target or source.with_name(f"{source.stem}-{moment}{source.suffix}")
    copies.copy(source, target)
    return target


def restore(config: Config, source: Path, now: datetime) -> Restored:
    """Put a copy in the place of the database; the old one stays beside it.

    `publisher.errors.StoreError` where the copy is no whole database of this program or a newer one's,
    or where a process is at work on the site.
    """
    file = config.database_file
    if faults := list(copies.faults_of(source)):
        raise StoreError(*(f"{source}: {fault}" for fault in faults), hint="nothing was changed")
    if file.exists() and file.samefile(source):
        raise StoreError(f"{source}: that is the database itself", hint="name a backup")
    file.parent.mkdir(parents=True, exist_ok=True)
    with _nobody_at_work(file):
        kept = file.with_name(f"{file.name}.before-{now.astimezone(config.zone):%Y-%m-%d-%H%M%S}")
        there = file.exists()
        copies.replace(file, source, kept)
        waiting = copies.hold_open(file, _REASON)
        unknown = copies.editions_after(kept, file) if there else []
        return Restored(kept if there else None, copies.last_moment(file), waiting, tuple(unknown))


def _nobody_at_work(file: Path) -> ExitStack:
    """Whoever serves, runs or sends holds one of these."""
    with ExitStack() as stack:
        for suffix in (".serving", ".lock"):
            try:
                stack.enter_context(held(file.with_suffix(suffix), "publish db restore"))
            except RunHeld as error:
                holder = error.lines[0].partition(": ")[2]
                raise StoreError(f"the site is in use: {holder}", hint="stop it first") from None
        if not stack.enter_context(sharing(file.with_suffix(".sending"))):
            raise StoreError("the site is in use: a process sends mail", hint="wait until it has ended")
        return stack.pop_all()
