"""Documents of a plan → files in place; what cannot be made is named, and what stood there stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from publisher import addresses
from publisher.crew import WORTH_IT, Crew
from publisher.model import (
    ANNOUNCED_KINDS,
    Document,
    DocumentRecord,
    Fault,
    Known,
    Plan,
    SeedRecord,
)
from publisher.output import output_of
from publisher.render.documents import Renderer
from publisher.shards import Done, Order, Put, Shard, Workbench, bench, in_shards
from publisher.stopping import NEVER, Stop
from publisher.store import Store
from publisher.websub import pings_for


class Writer:
    """Puts the documents of one run in place, then remembers them and the hubs that must be told."""

    def __init__(
        self,
        store: Store,
        known: Known,
        order: Order,
        renderer: Renderer,
        crew: Crew,
        progress: Callable[[str, int, int], None],
        stop: Stop = NEVER,
    ) -> None:
        self._crew = crew
        self._config, self._store, self._known, self._order = order.config, store, known, order
        self._progress, self._stop = progress, stop
        self._output = output_of(self._config)
        self._bench = Workbench(self._config, renderer)
        self._written: list[DocumentRecord] = []
        self._changed: list[str] = []
        self._failed: set[str] = set()
        self._faults: dict[str, str] = {}

    def write(self, plan: Plan, counts: Counter[str], failures: list[str]) -> None:
        """Write and remove what the plan says; each failure becomes a line. Asked to stop, it remembers what it did."""
        self._output.sweep()
        number, every = 0, len(plan.documents)
        self._progress("writing", number, every)
        for shard, (done, faults) in self._made(plan.documents):
            self._faults |= faults
            for document, put in zip(shard, done, strict=True):
                self._take(document, put, counts)
            number += len(shard)
            self._progress("writing", number, every)
        self._output.sweep()
        removed = [path for path in plan.removed if not self._stop.asked and self._remove(path, counts)]
        failures += sorted(self._failed)
        left_out = self._quarantined(counts, failures)
        urls = [addresses.absolute(self._config.site.url, path) for path in self._changed]
        self._store.record_documents(self._written, removed, pings_for(self._config, urls), left_out)

    def _made(self, documents: Sequence[Document]) -> Iterator[tuple[Shard, Done]]:
        """Every document made, in several processes where there are enough for it."""
        if self._crew.number == 1 or len(documents) < WORTH_IT:
            for step in in_shards(documents, self._bench.at_once):
                for shard in step:
                    if self._stop.asked:
                        return
                    yield shard, self._bench.done(shard)
            return
        for step in in_shards(documents, larger=self._crew.larger):
            yield from self._crew.each(bench, self._order, step, lambda: self._stop.asked)

    def _take(self, document: Document, put: Put, counts: Counter[str]) -> None:
        if put.failures:
            self._failed.update(put.failures)
            counts["files not made"] += 1
            return
        counts["files written"] += put.changed
        before = self._known.documents.get(document.path)
        self._written.append(DocumentRecord(document.path, document.inputs, *put.state))
        # A run that was killed may have put the file in place and told nobody: what counts is what is remembered.
        if document.kind in ANNOUNCED_KINDS and (
            before is None or (before.size, before.mtime_ns) != put.state
        ):
            self._changed.append(document.path)

    def _remove(self, path: str, counts: Counter[str]) -> bool:
        try:
            counts["files removed"] += self._output.remove(path)
        except OSError as error:
            self._failed.add(f"{path}: cannot be removed: {error.strerror}")
            return False
        return True

    def _quarantined(self, counts: Counter[str], failures: list[str]) -> list[SeedRecord]:
        """Articles that could not stand in a feed: the feeds were made without them.

        Those that were known for it are among the faults of the plan already.
        """
        found = list(_left_out(self._store, self._faults))
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
