"""The database is put aside while everything runs, and put back while nothing does.

The output is not in a copy: it is made again from seeds and database. Neither are config.toml and seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.config import Config
from publisher.errors import StoreError
from publisher.model import Subscriber, SubscriberState
from publisher.store import Store, copies
from publisher.store.locks import alone
from publisher.store.secret import hash_of

_KNOWN = "known from the database before a restore"
_REASON = "restored from a backup: what was sent after it is not known"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: where the old database is `kept`, and what the new one knows `until`.

    `waiting` deliveries are held, since they may have been sent after the backup was made; `unknown` are
    pages of editions that only the old one knows. `left` people went since, and stay away.
    """

    kept: Path | None
    until: datetime | None
    waiting: int
    unknown: tuple[str, ...]
    left: int


def back_up(config: Config, now: datetime, target: Path | None = None) -> Path:
    """Copy the database, beside itself unless a `target` is named; where the copy is."""
    source = _file_of(config, "pg_dump --format=custom")
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
    file = _file_of(config, "pg_restore")
    if faults := list(copies.faults_of(source)):
        raise StoreError(*(f"{source}: {fault}" for fault in faults), hint="nothing was changed")
    if file.exists() and file.samefile(source):
        raise StoreError(f"{source}: that is the database itself", hint="name a backup")
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = file.with_name(f"{file.name}.before-{now.astimezone(config.zone):%Y-%m-%d-%H%M%S}")
    with alone(file, "publish db restore"), copies.prepared(source, file) as fresh:
        # All that must hold is done before the copy is in place: nobody sees it without.
        there = file.exists()
        waiting = copies.hold_open(fresh, _REASON)
        left = _keep_away(Store.open(fresh), copies.gone(file), now) if there else 0
        unknown = copies.editions_after(file, fresh) if there else []
        until = copies.last_moment(fresh)
        copies.replace(file, fresh, kept)
        return Restored(kept if there else None, until, waiting, tuple(unknown), left)


def _file_of(config: Config, instead: str) -> Path:
    """The file of the database; a server has its own ways, which keep one state while everything runs."""
    if not isinstance(config.database_at, Path):
        raise StoreError(
            f"{config.database.url}: PostgreSQL is copied by its own programs", hint=f"use {instead}"
        )
    return config.database_at


def _keep_away(store: Store, gone: Sequence[tuple[str, str, str]], now: datetime) -> int:
    """Let nobody come back by the restore who left after the backup was made; how many they are."""
    erased = {key for key, state, _ in gone if state == "erased"}
    secret, people = store.secret(), set[str]()
    keys = [person.key for person in store.subscribers()] if erased else []
    for key in keys:
        if hash_of(secret, key) in erased:
            store.erase(key, now)
            people.add(key)
    for key, state, digest in gone:
        person = store.subscriber_with_key(key) if state != "erased" else None
        if person and _left(store, person, state, digest, now):
            people.add(key)
    return len(people)


def _left(store: Store, person: Subscriber, state: str, digest: str, now: datetime) -> bool:
    """Bring somebody into the state that he had; whether that was news."""
    if person.state == state or (digest and all(each.digest != digest for each in person.subscriptions)):
        return False
    if state == SubscriberState.COMPLAINED:
        return store.complained(person.number, _KNOWN, now)
    if state == SubscriberState.BOUNCED:
        return store.bounced(person.number, hard=True, limit=1, reason=_KNOWN, now=now) == state
    return store.unsubscribe(person.number, digest, _KNOWN, now)
