"""Documents in shards: one code path, run in this process or in several.

::

    documents ─ in_shards ─▶ shards ─ bench(order) ─▶ Put …   here, or in the processes of a `publisher.crew`

A shard needs nothing but its documents and an `Order`, both of which can be pickled: articles come from the
database, templates from their folder. Whoever has the two can make it, in any process and on any machine that
sees both, and twice does no harm: the same bytes are put in place whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice

from publisher.config import Config
from publisher.errors import RenderError
from publisher.keywords import sort_key
from publisher.model import (
    FEED_KINDS,
    Article,
    Document,
    DocumentKind,
    Edition,
    Feed,
    KeywordCount,
    Listing,
    SeedFile,
)
from publisher.output import output_of, siblings_of
from publisher.planning import Names
from publisher.reading import Source, load_picture, source_of
from publisher.render.documents import Fetch, Renderer
from publisher.render.templates import Templates
from publisher.store import Store

_SHARD = 60
"""Documents of a shard, nearly: much less than a process makes, so that all end together."""
_WHOLE = 4 * _SHARD
"""Articles that a process keeps at hand whole: those of a shard, also of one for other machines, which is larger."""
_ROOM = 10_000
"""Articles that a process keeps at hand, without their blocks: the lists of a site share many."""
_LINKED_TO = (DocumentKind.ASSET, DocumentKind.PICTURE, DocumentKind.ARTICLE, DocumentKind.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Order:
    """What all shards of a run have in common; `site` is the name from which ids are made."""

    config: Config
    site: str
    counts: tuple[KeywordCount, ...]
    catalogue: tuple[Feed, ...]
    editions: tuple[Edition, ...]
    withdrawn: Mapping[str, Listing]

    def renderer(
        self, templates: Templates, fetch: Fetch, outlines: Fetch, coming: Sequence[Document] = ()
    ) -> Renderer:
        """What makes the documents; articles come through `fetch`, and through `outlines` without their blocks."""
        names = Names(self.site)
        return Renderer(
            self.config,
            templates,
            fetch,
            outlines,
            counts=self.counts,
            catalogue=self.catalogue,
            editions=self.editions,
            withdrawn=self.withdrawn,
            feed_id=lambda name: names.urn("feed", name),
            order=sort_key,
            picture=partial(_picture, source_of(self.config)),
            coming=coming,
        )


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a document: whether bytes changed, size and mtime of what stands; `failures` where it failed."""

    changed: bool = False
    state: tuple[int, int] = (0, 0)
    failures: tuple[str, ...] = ()


Shard = Sequence[Document]
Done = tuple[list[Put], Mapping[str, str]]
"""What became of the documents of a shard, in their order; why articles were left out of feeds, by id."""


def _picture(source: Source, path: str) -> bytes:
    with source.at_hand([SeedFile(path, 0, 0)]) as folder:
        return load_picture(folder, path)


class Workbench:
    """Makes documents in this process, and puts them in place."""

    def __init__(self, config: Config, renderer: Renderer) -> None:
        self._config, self._renderer = config, renderer
        self._output = output_of(config)

    @property
    def at_once(self) -> int:
        """Documents of a shard that are worth being put together."""
        return self._output.at_once

    def done(self, shard: Shard) -> Done:
        """Make a whole shard; what cannot be made or written is told, and what stood there stays."""
        puts = list(self._output.each(self._put, ((document, self._made(document)) for document in shard)))
        return puts, dict(self._renderer.faults)

    def _made(self, document: Document) -> bytes | Put:
        try:
            return self._renderer.render(document)
        except RenderError as error:
            return Put(failures=error.lines)

    def _put(self, made: tuple[Document, bytes | Put]) -> Put:
        document, content = made
        if isinstance(content, Put):
            return content
        path, siblings = document.path, siblings_of(document, self._config)
        try:
            changed = self._output.put(path, content, siblings)
            if document.kind in FEED_KINDS:
                self._output.remove_siblings(path, keep=siblings)
        except OSError as error:
            return Put(failures=(f"{path or 'index.html'}: cannot be written: {error.strerror}",))
        state = self._output.state(path, siblings)
        if state is None:
            return Put(failures=(f"{path or 'index.html'}: vanished while it was written",))
        return Put(changed, state)


def in_shards(
    documents: Sequence[Document], size: int = _SHARD, larger: int = 1
) -> Iterator[list[list[Document]]]:
    """The documents in their order, in steps that must follow each other, each of shards that need not.

    The formats of a feed share entries, so they are in one shard.
    """
    for _, step in groupby(documents, key=_step):
        shards = list[list[Document]]()
        for document in step:
            last = shards[-1] if shards else None
            if last and (len(last) < size * larger or (document.form and document.chain == last[-1].chain)):
                last.append(document)
            else:
                shards.append([document])
        yield shards


def _step(document: Document) -> int:
    """What is linked to comes first: articles, then pages that list them, then what readers poll."""
    return 0 if document.kind in _LINKED_TO else 1 if document.kind not in FEED_KINDS else 2


class Shelf:
    """Articles at hand: asked for many at once, and kept for the documents to come while there is room."""

    def __init__(self, fetch: Fetch, room: int) -> None:
        self._fetch, self._room = fetch, room
        self._kept: dict[str, Article] = {}

    def stock(self, documents: Iterable[Document]) -> None:
        """Have what these need at hand, if there is room for so much."""
        wanted = dict.fromkeys(key for document in documents for key in document.articles)
        self.articles(list(islice(wanted, self._room)))

    def articles(self, ids: Sequence[str]) -> dict[str, Article]:
        """Articles by id; ids that are not known are missing."""
        absent = [key for key in ids if key not in self._kept]
        found = dict(self._fetch(absent)) if absent else {}
        found |= {key: self._kept[key] for key in ids if key in self._kept}
        self._kept |= found
        for key in list(islice(self._kept, max(0, len(self._kept) - self._room))):
            del self._kept[key]
        return found


def bench(order: Order) -> Callable[[Shard], Done]:
    """What makes the shards of an order, in a process that knows nothing else of the run."""
    config = order.config
    templates = Templates(config.templates_folder, config.site.language, config.zone)
    store = Store.open(config.database_at, often=True)
    whole, outlines = Shelf(store.articles, _WHOLE), Shelf(store.outlines, _ROOM)
    made = Workbench(config, order.renderer(templates, whole.articles, outlines.articles))

    def make(shard: Shard) -> Done:
        # Feeds keep entries themselves.
        whole.stock(one for one in shard if one.kind is DocumentKind.ARTICLE)
        outlines.stock(
            one for one in shard if one.kind is not DocumentKind.ARTICLE and one.kind not in FEED_KINDS
        )
        return made.done(shard)

    return make
