"""Whether a run would find nothing to do, told without loading what decides, makes or sends.

Most runs come upon a site on which nothing has changed since the last one. What that one left is compared with what
is there: seeds, pictures and documents by size and time, and everything else by a digest. In doubt it is not idle.
A run that follows need not look again at what was looked at for that.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from publisher import __version__, schedules
from publisher.collecting import resting
from publisher.config import Config
from publisher.render import sources
from publisher.states import State, amiss, seeds_and_pictures

IDLE = "idle"
"""The setting with the digest of what a run left that wrote everything as it was planned; empty before it has."""

_LEFT = "SELECT key, value FROM setting WHERE key IN ('idle', 'as_of')"
_BUSY = (
    "SELECT 1 FROM article WHERE withdrawn = 0 AND published_at > :as_of LIMIT 1",
    "SELECT 1 FROM seed WHERE reason IS NOT NULL LIMIT 1",
    "SELECT 1 FROM ping LIMIT 1",
    "SELECT 1 FROM delivery WHERE state IN ('pending', 'uncertain') AND due_at IS NOT NULL LIMIT 1",
    "SELECT 1 FROM delivery WHERE state IN ('claimed', 'sending') LIMIT 1",
)
"""Whatever one of these finds may have to be done, or told."""
_SEEDS = "SELECT path, size, mtime_ns FROM seed"
_DOCUMENTS = "SELECT path, size, mtime_ns FROM document"
_NUMBER = "SELECT count(*) FROM document"
_MANY = 20_000
"""Documents at which it pays to look at them in a process beside the one that looks at seeds."""


def left_by(config: Config, pictures: Mapping[str, State]) -> str:
    """The digest of all but seeds, documents and the clock on which it depends what a run does."""
    parts = (__version__, config, sources.fingerprint(config.templates_folder), sorted(pictures.items()))
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a site has found: whether it is `idle`, and what a run that follows may go by if it is not.

    `seeds` and `pictures` are those that are there, `read` the seeds as they were read. `stands` tells whether every
    document is in place. `mark` is how the database was.
    """

    idle: bool
    seeds: Mapping[str, State]
    pictures: Mapping[str, State]
    read: Mapping[str, State]
    stands: Callable[[], bool]
    mark: tuple[int, ...]

    def holds(self, config: Config) -> bool:
        """Whether nobody has written to the database since."""
        return self.mark == _mark(config.database_file)


def is_idle(config: Config, now: datetime) -> bool:
    """Whether a run at `now` would do nothing and have nothing to tell."""
    with looked(config, now) as look:
        return look is not None and look.idle


@contextmanager
def looked(config: Config, now: datetime) -> Iterator[Look | None]:
    """Look whether a run at `now` would do nothing and have nothing to tell; None where that is clear at once.

    What was found is good until the end of the `with`.
    """
    with ExitStack() as stack:
        try:
            look = _looked(config, now, stack)
        except sqlite3.Error:  # another schema, a journal to be rolled back, no database at all
            look = None
        yield look


def _looked(config: Config, now: datetime, stack: ExitStack) -> Look | None:
    at, bounces = config.database_at, config.mail.bounces
    elsewhere = config.bucket or config.seeds_bucket or bounces.maildir or bounces.imap.host
    if elsewhere or not isinstance(at, Path) or not at.is_file() or not (mark := _mark(at)):
        return None
    # Nobody else is at work where no journal stands beside it, and none is made by looking.
    with _looking(at) as connection:
        left = dict(connection.execute(_LEFT))
        if not left.get(IDLE) or "as_of" not in left or _has_struck(config, as_of := _moment(left), now):
            return None
        if any(connection.execute(query, {"as_of": as_of.timestamp()}).fetchone() for query in _BUSY):
            return None
        many = connection.execute(_NUMBER).fetchone()[0] >= _MANY
        stands = stack.enter_context(_beside(lambda: _stands(config), many))
        with resting():
            seeds, pictures = seeds_and_pictures(config.seeds_folder, config.seeds.ignore)
            read = _states(connection, _SEEDS)
    same = left[IDLE] == left_by(config, pictures) and _are_as_read(seeds, read)
    return Look(same and stands(), seeds, pictures, read, stands, mark)


def _mark(database: Path) -> tuple[int, ...]:
    """Changes with every change to the database; nothing while one is under way, or may be."""
    if os.path.exists(f"{database}-wal"):
        return ()
    found = os.stat(database)
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _looking(file: Path) -> AbstractContextManager[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True))


def _stands(config: Config) -> bool:
    """Whether every document is in place as it was left; asked by a connection of its own."""
    with resting(), _looking(config.database_file) as connection:
        documents = _states(connection, _DOCUMENTS)
    return not amiss(str(config.output_folder), documents, config.feeds.compressed)


@contextmanager
def _beside(ask: Callable[[], bool], fork: bool) -> Iterator[Callable[[], bool]]:
    """Have something asked by a fork of this process meanwhile, which has no threads yet, or else when it is wanted."""
    child = os.fork() if fork else -1
    if child == 0:
        answer = False
        try:
            answer = ask()
        finally:
            os._exit(0 if answer else 1)  # no clean-up: files and connections are the parent's
    if not fork:
        yield ask
        return
    ended = list[int]()

    def answered() -> bool:
        if not ended:
            ended.append(os.waitpid(child, 0)[1])
        return ended == [0]

    try:
        yield answered
    finally:
        if not ended:  # nobody wants to know any more
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _has_struck(config: Config, as_of: datetime, now: datetime) -> bool:
    """Whether a digest may be due, or the clock was put back."""
    latest = (schedules.latest(digest.schedule, config.zone, now) for digest in config.digest)
    return now < as_of or any(moment and moment > as_of for moment in latest)


def _are_as_read(here: Mapping[str, State], known: Mapping[str, State]) -> bool:
    """Whether every seed is as it was read; one in a file that holds many has the size and time of that file."""
    if here == known:
        return True
    return here.keys() <= known.keys() and all(
        state in (here.get(path), here.get(path.rpartition("/")[0])) for path, state in known.items()
    )


def _moment(left: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(left["as_of"])


def _states(connection: sqlite3.Connection, query: str) -> dict[str, State]:
    return {path: (size, mtime_ns) for path, size, mtime_ns in connection.execute(query)}
