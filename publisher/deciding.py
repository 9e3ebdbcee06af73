"""What a run decides on, and what it decided: both ways of deciding, from all or from little, share this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from publisher import __version__
from publisher.config import Config, Digest
from publisher.crew import Crew
from publisher.errors import Stopped
from publisher.gathering import Order as ReadingOrder
from publisher.gathering import gather
from publisher.idling import left_by
from publisher.keywords import Rules
from publisher.model import (
    Article,
    ArticleChange,
    Audience,
    DocumentKind,
    Edition,
    Known,
    Listing,
    Plan,
    SeedFile,
)
from publisher.output import Output, siblings_of
from publisher.planning import Names, Reading, Surroundings, digest_of, site_identity
from publisher.reading import Contents, Options
from publisher.render.templates import Templates
from publisher.stopping import Stop
from publisher.store import Store
from publisher.store.bodies import outline, whole

if TYPE_CHECKING:
    from publisher.posting import Postman
    from publisher.render.documents import Renderer
    from publisher.shards import Order

Progress = Callable[[str, int, int], None]
"""Told of a stage, how far it has come, and how much there is."""


def quiet(stage: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Job:
    """A plan with what it takes to carry it out or to show it."""

    config: Config
    known: Known
    plan: Plan
    templates: Templates
    names: Names
    store: Store
    fresh: Mapping[str, ArticleChange]
    rules: str
    """The digest of the rules by which it was decided."""
    left: str
    """What `publisher.idling` may go by once it was carried out."""

    def fetch(self, ids: Sequence[str]) -> dict[str, Article]:
        """Whole articles, as they are after the plan."""
        absent = [key for key in ids if key not in self.fresh]
        stored = self.store.articles(absent) if absent else {}
        return stored | {key: whole(self.fresh[key]) for key in ids if key in self.fresh}

    def outlines(self, ids: Sequence[str]) -> dict[str, Article]:
        """The same, without blocks where that is cheaper."""
        absent = [key for key in ids if key not in self.fresh]
        stored = self.store.outlines(absent) if absent else {}
        return stored | {key: outline(self.fresh[key]) for key in ids if key in self.fresh}

    @property
    def editions(self) -> tuple[Edition, ...]:
        """Every edition, recorded or about to be."""
        return (*self.known.editions, *(planned.edition for planned in self.plan.editions))

    @property
    def listed(self) -> frozenset[str]:
        """The keywords that have a page."""
        pages = self.config.output.base == "full"
        return frozenset(count.keyword.slug for count in self.plan.counts if pages)

    def postman(self) -> Postman:
        """What writes the mails of the plan, to look at."""
        from publisher.posting import Postman

        return Postman(
            self.config, self.templates, self.store, self.fetch, self.listed, lambda: self.plan.now, quiet
        )

    def order(self) -> Order:
        """What its documents have in common, for whoever makes them."""
        from publisher.shards import Order  # and with it feedgen and lxml, where there is something to make

        withdrawn = self.known.listings | {item.id: item for item in self.plan.withdrawn}
        shown = {item.subject for item in self.plan.documents if item.kind is DocumentKind.WITHDRAWN}
        return Order(
            self.config,
            self.names.site,
            self.plan.counts,
            self.plan.catalogue,
            self.editions,
            {key: item for key, item in withdrawn.items() if key in shown},
        )

    def renderer(self) -> Renderer:
        """What makes the documents of the plan."""
        return self.order().renderer(self.templates, self.fetch, self.outlines, self.plan.documents)


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is to decide by; reading and the world's answers come as values and functions."""

    config: Config
    store: Store
    now: datetime
    contents: Contents
    templates: Templates
    options: Options
    rules: Rules
    force: bool
    keep: bool
    progress: Progress
    stop: Stop
    crew: Crew
    audiences: Callable[[str], Sequence[Audience]] | None
    output: Output

    def read(self, files: Sequence[SeedFile]) -> list[Reading]:
        """Read these seeds (`publisher.errors.Stopped` where it was asked to stop meanwhile)."""
        order = ReadingOrder(self.config, self.options, self.contents.pictures, self.keep)
        readings = list(gather(order, files, self.crew, self.progress, self.stop))
        # Who read what comes back first may be chance: what is decided must not be. An article in a file of many
        # has the place of that.
        places = {file.path: place for place, file in enumerate(files)}
        return sorted(readings, key=lambda reading: _place(reading.file.path, places))

    def go_on(self) -> None:
        """`publisher.errors.Stopped` where it was asked to stop."""
        if self.stop.asked:
            raise Stopped("stopped while it planned; nothing was changed")

    def job(self, known: Known, plan: Plan, names: Names, around: Surroundings) -> Job:
        """A plan with what it takes to carry it out."""
        self.go_on()
        fresh = {change.article.id: change for change in plan.articles}
        rules = rules_of(self.config, around)
        pictures = {file.path: (file.size, file.mtime_ns) for file in self.contents.pictures.values()}
        left = left_by(self.config, pictures)
        return Job(self.config, known, plan, self.templates, names, self.store, fresh, rules, left)

    def around(self, settings: Mapping[str, str], listings: Iterable[Listing]) -> tuple[Names, Surroundings]:
        """What planning asks; `listings` are those to file again where the rules changed."""
        config, store = self.config, self.store
        site = site_identity(config.site.id, settings.get("site", ""), config.site.url)
        names, output = Names(site), self.output
        digests = {digest.name: digest for digest in config.digest}
        refile = settings.get("keywords") not in (None, self.rules.fingerprint)
        living = [item.id for item in listings if not item.withdrawn] if refile else []
        return names, Surroundings(
            names=names,
            rules=self.rules,
            settings={
                "site": site,
                "version": __version__,
                "reading": self.options.fingerprint,
                "keywords": self.rules.fingerprint,
            },
            look=self._look(names),
            refile=lambda: _in_batches(store, living),
            stands=lambda document: output.state(document.path, siblings_of(document, config)),
            subject=lambda name, due: self._subject(digests[name], due),
            had=store.had,
            audiences=self.audiences or (lambda name: store.audiences(name, digests[name].recipients)),
            given=store.given,
            holding=store.holding,
            fetch=lambda ids: _in_batches(store, ids),
            spelled=store.spelled,
            spellings=store.spellings,
            phrases=store.phrases,
            frequencies=store.frequencies_of,
        )

    def _subject(self, digest: Digest, due: datetime) -> str:
        from publisher.render.digest import DigestMail

        return DigestMail(self.config, self.templates, frozenset()).subject(digest, due)

    def _look(self, names: Names) -> str:
        config = self.config
        site = [config.site, config.feeds, config.schedule.feeds, config.output.base, config.web.url]
        return digest_of([__version__, self.templates.fingerprint, *site, names.urn("", "")])


def _place(path: str, places: Mapping[str, int]) -> int:
    place = places.get(path)
    return places[path.rpartition("/")[0]] if place is None else place


def rules_of(config: Config, around: Surroundings) -> str:
    """The digest of everything but seeds and the clock that decides what stands in the output."""
    tables = [
        config.seeds,
        config.keywords,
        config.feed,
        config.digest,
        config.bucket or config.output_folder,
    ]
    return digest_of([around.look, sorted(around.settings.items()), *tables])


def _in_batches(store: Store, ids: Sequence[str]) -> Iterable[Article]:
    for start in range(0, len(ids), 500):
        yield from store.articles(ids[start : start + 500]).values()
