"""Documents of a plan → files in place; what cannot be made is named, and what stood there stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher import addresses
from publisher.config import Config
from publisher.errors import RenderError
from publisher.model import (
    ANNOUNCED_KINDS,
    FEED_KINDS,
    Document,
    DocumentRecord,
    Fault,
    Known,
    Plan,
    SeedRecord,
)
from publisher.output import Folder
from publisher.stopping import NEVER, Stop
from publisher.store import Store
from publisher.websub import pings_for

if TYPE_CHECKING:
    from publisher.render.documents import Renderer


def siblings_of(document: Document, config: Config) -> Collection[str]:
    """The compressed forms that stand beside a document."""
    return config.feeds.compressed if document.kind in FEED_KINDS else ()


class Writer:
    """Puts the documents of one run in place, then remembers them and the hubs that must be told."""

    def __init__(
        self,
        config: Config,
        store: Store,
        known: Known,
        renderer: Renderer,
        progress: Callable[[str, int, int], None],
        stop: Stop = NEVER,
    ) -> None:
        self._config, self._store, self._known = config, store, known
        self._renderer, self._progress, self._stop = renderer, progress, stop
        self._folder = Folder(config.output_folder)
        self._written: list[DocumentRecord] = []
        self._changed: list[str] = []
        self._failed: set[str] = set()

    def write(self, plan: Plan, counts: Counter[str], failures: list[str]) -> None:
        """Write and remove what the plan says; each failure becomes a line. Asked to stop, it remembers what it did."""
        self._folder.sweep()
        for number, document in enumerate(plan.documents):
            if self._stop.asked:
                break
            self._progress("writing", number, len(plan.documents))
            try:
                counts["files written"] += self._put(document)
            except RenderError as error:
                self._failed.update(error.lines)
                counts["files not made"] += 1
            except OSError as error:
                self._failed.add(f"{document.path or 'index.html'}: cannot be written: {error.strerror}")
                counts["files not made"] += 1
        self._folder.sweep()
        removed = [path for path in plan.removed if not self._stop.asked and self._remove(path, counts)]
        failures += sorted(self._failed)
        left_out = self._quarantined(counts, failures)
        urls = [addresses.absolute(self._config.site.url, path) for path in self._changed]
        self._store.record_documents(self._written, removed, pings_for(self._config, urls), left_out)

    def _put(self, document: Document) -> bool:
        content = self._renderer.render(document)
        siblings = siblings_of(document, self._config)
        changed = self._folder.put(document.path, content, siblings)
        if document.kind in FEED_KINDS:
            self._folder.remove_siblings(document.path, keep=siblings)
        state = self._folder.state(document.path, siblings)
        if state is None:
            raise RenderError(f"{document.path}: vanished while it was written")
        record, before = (
            DocumentRecord(document.path, document.inputs, *state),
            self._known.documents.get(document.path),
        )
        self._written.append(record)
        # A run that was killed may have put the file in place and told nobody: what counts is what is remembered.
        if document.kind in ANNOUNCED_KINDS and (before is None or (before.size, before.mtime_ns) != state):
            self._changed.append(document.path)
        return changed

    def _remove(self, path: str, counts: Counter[str]) -> bool:
        try:
            counts["files removed"] += self._folder.remove(path)
        except OSError as error:
            self._failed.add(f"{path}: cannot be removed: {error.strerror}")
            return False
        return True

    def _quarantined(self, counts: Counter[str], failures: list[str]) -> list[SeedRecord]:
        """Articles that could not stand in a feed: the feeds were made without them.

        Those that were known for it are among the faults of the plan already.
        """
        found = list(_left_out(self._store, self._renderer.faults))
        for record in found:
            if record.fault:
                failures.append(f"{record.fault.path}: {record.fault.reason}")
        counts["quarantined"] += len(found)
        return found


def _left_out(store: Store, faults: Mapping[str, str]) -> Iterator[SeedRecord]:
    for path, seed in sorted(store.seeds_of(faults).items()) if faults else ():
        fault = Fault(path, f"left out of the feeds: {faults[seed.article]}")
        if seed.fault != fault:
            yield replace(seed, fault=fault)
