"""Seeds are watched: something changed, so a run is asked for. The only door to watchfiles.

What changed is not looked at further: the run scans the folder itself. Saved files come in bursts, of an
editor's temporary files and of seeds written piece by piece; a burst is told once, when it is over or
has lasted half a second. A seed that grows on is told again, and read again. A bucket is listed now and then.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path
from threading import Event

from publisher.config import Config
from publisher.errors import BucketError
from publisher.reading import source_of
from publisher.states import passed_over
from publisher.stopping import Stop

_LOG = logging.getLogger(__name__)

_QUIET, _LONGEST = 100, 500
"""Milliseconds: without a change, and a burst is over; of a burst, after which it is told although it goes on."""
_BREATH = 1000
"""Milliseconds until it is looked whether the folder is still the one that is watched."""


_PAUSE = 60
"""Seconds between two lists of a bucket; a list costs a request for each thousand objects."""


class Watcher:
    """Calls `changed` after each burst of changes, until it is time to stop."""

    def __init__(self, config: Config, changed: Callable[[], None], stop: Stop) -> None:
        self._folder, self._ignore = config.seeds_folder, config.seeds.ignore
        self._poll = config.schedule.poll
        self._changed, self._stop = changed, stop

    def run(self) -> None:
        """Watch; a folder that vanishes is waited for, and has changed when it comes back."""
        over, gone, watched = Event(), False, False
        with self._stop.telling(over.set):
            while not self._stop.asked:
                if not self._folder.is_dir():
                    if not gone:
                        _LOG.warning("the seeds folder is gone", extra={"folder": str(self._folder)})
                    gone = True
                    self._stop.wait(_BREATH / 1000)
                    continue
                if gone or watched:
                    self._changed()
                gone, watched = False, True
                self._watch(over)

    def matters(self, path: str) -> bool:
        """Whether a change at `path` may change what a scan finds."""
        below = os.path.relpath(path, os.path.realpath(self._folder))
        steps = below.split(os.sep)
        return not any(
            passed_over(step, "/".join(steps[: number + 1]), self._ignore)
            for number, step in enumerate(steps)
        )

    def _watch(self, over: Event) -> None:
        """Until the folder is another, or none."""
        folder = os.path.realpath(self._folder)
        identity = _identity(self._folder)
        try:
            for paths in _bursts(folder, over, self._poll):
                if any(path == folder or self.matters(path) for path in paths):
                    self._changed()
                if _identity(self._folder) != identity:
                    return
        except (OSError, RuntimeError) as error:  # the latter: watchfiles lost its own footing
            self._fall_back(error)

    def _fall_back(self, error: Exception) -> None:
        """Where the system gives no more watches, or cannot watch such a disk, it is looked again and again."""
        if not self._folder.is_dir():
            return
        self._poll = self._poll or 2
        _LOG.warning("the system does not tell of changes", extra={"why": str(error), "poll": self._poll})
        self._stop.wait(_BREATH / 1000)


class Lookout:
    """The same for a bucket, which tells nobody: it is listed again and again."""

    def __init__(self, config: Config, changed: Callable[[], None], stop: Stop) -> None:
        self._config, self._changed, self._stop = config, changed, stop
        self._pause = config.schedule.poll or _PAUSE

    def run(self) -> None:
        """Look; while the bucket does not answer nothing has changed, and each run says so itself."""
        before = self._seen()
        while not self._stop.wait(self._pause):
            now = self._seen()
            if now and before and now != before:
                self._changed()
            before = now or before

    def _seen(self) -> bytes:
        try:
            found = source_of(self._config).look()
        except BucketError as error:
            _LOG.warning("the bucket of the seeds does not tell", extra={"why": str(error)})
            return b""
        return blake2b(repr([sorted(files.items()) for files in found]).encode()).digest()


def watcher_of(config: Config, changed: Callable[[], None], stop: Stop) -> Watcher | Lookout:
    """What watches the seeds of a site."""
    return (Lookout if config.seeds_bucket else Watcher)(config, changed, stop)


def _bursts(folder: str, over: Event, poll: int) -> Iterable[list[str]]:
    """The paths of each burst of changes; none of them where nothing changed for a while."""
    from watchfiles import watch

    for changes in watch(
        folder,
        watch_filter=None,
        debounce=_LONGEST,
        step=_QUIET,
        stop_event=over,
        rust_timeout=_BREATH,
        yield_on_timeout=True,
        force_polling=bool(poll),
        poll_delay_ms=max(poll, 1) * 1000,
        ignore_permission_denied=True,
    ):
        yield [path for _, path in changes]


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells one folder from another that has its name."""
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return found.st_dev, found.st_ino
