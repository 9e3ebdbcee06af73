"""A run that reads little: what changed since everything stood as it was planned, and what that reaches.

::

    scan × seeds as left ─▶ files ─ gather ─▶ readings ─▶ part (of what is known) ─▶ make_plan ─ widen ─▶ plan
                                                                                 (what the changes reach)

`publisher.planning.TooWide` wherever something else than seeds may have changed; then everything is loaded and
planned anew, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from publisher import addresses, editions
from publisher.config import Config
from publisher.model import (
    ArticleChange,
    DocumentRecord,
    Edition,
    Frequencies,
    Keyword,
    Known,
    Listing,
    SeedFile,
    Standing,
)
from publisher.planning import Bar, Names, Reading, Scope, TooWide, View
from publisher.planning.articles import moved, plain_page
from publisher.planning.documents import FRONT_PAGE
from publisher.planning.scope import Reach, counted, reach_of, widened
from publisher.reading import Contents, holds_many
from publisher.store import Excerpts

MOST = 2_000
"""Seeds that change or go at once, at most: for more, it is no dearer to look at everything."""

STANDS = "stands"
"""The setting that says that everything was written as planned: the digest of the rules by which."""


class Narrow:
    """One run that reads little. `standing` is how everything was left, `contents` what is there now.

    `stands` tells whether the output is as it was left.
    """

    def __init__(
        self,
        config: Config,
        excerpts: Excerpts,
        standing: Standing,
        contents: Contents,
        stands: Callable[[], bool],
        now: datetime,
    ) -> None:
        self._config, self._excerpts, self._standing = config, excerpts, standing
        self._contents, self._stands, self._now = contents, stands, now
        self._since = datetime.fromisoformat(standing.settings.get("as_of", now.isoformat()))
        self._gone: list[str] = []
        self._editions: tuple[Edition, ...] = ()

    def files(self, rules: str) -> list[SeedFile]:
        """The seeds that must be read, where everything else stands by the same `rules`."""
        if self._standing.settings.get(STANDS) != rules or self._now < self._since:
            raise TooWide("other rules, an unfinished run, or an earlier time")
        self._editions = self._excerpts.editions()
        if any(self._is_due(digest.name) for digest in self._config.digest):
            raise TooWide("an edition is due")
        if not self._stands():
            raise TooWide("the output is not as it was left")
        here, known = self._contents.found, self._standing.seeds
        changed = {path for path, state in here.items() if known.get(path) != state}
        self._gone = [path for path in known if path not in here and _folder(path) not in here]
        if len(changed) + len(self._gone) > MOST or len(self._gone) * 2 > len(known):
            raise TooWide("many seeds changed")
        if any(holds_many(path) for path in (*changed, *self._gone, *map(_folder, self._gone))):
            raise TooWide("a file that holds many articles changed")
        return [self._file(path) for path in sorted(changed.union(self._with_other_pictures()))]

    def part(self, readings: Sequence[Reading], names: Names) -> tuple[Known, list[SeedFile]]:
        """What is known of the articles that the readings may be about, and the seeds of it that are there."""
        ask = self._excerpts
        seeds = ask.seeds_at([*self._gone, *(reading.file.path for reading in readings)])
        seeds |= ask.seeds_saying(reading.digest for reading in readings if reading.digest)
        seeds |= ask.seeds_at_fault()
        ids = {seed.article for seed in seeds.values() if seed.article} | set(self._named(readings, names))
        ids.update(ask.ids_between(self._now, None))
        listings = ask.listings(ids)
        # Whoever is known has his seeds with him, so that nobody is taken for one who has none.
        seeds |= ask.seeds_of(listings)
        here = self._contents.found
        known = Known(
            seeds=dict(sorted(seeds.items())),
            listings=dict(sorted(listings.items())),
            keywords=ask.keywords(),
            editions=self._editions,
            settings=self._standing.settings,
            frequencies=ask.frequencies(),
        )
        files = {path for path in seeds if path in here}.union(reading.file.path for reading in readings)
        inside = (
            seed.file for path, seed in known.seeds.items() if path not in here and _folder(path) in here
        )
        return known, [*map(self._file, sorted(files)), *inside]

    def view(
        self,
        known: Known,
        changes: Sequence[ArticleChange],
        withdrawn: Sequence[Listing],
        frequencies: Frequencies,
    ) -> View:
        """What is known of all that the changes reach; phrases have these `frequencies` then."""
        ask = self._excerpts
        come = ask.listings(ask.ids_between(self._since, self._now))
        listings = known.listings | come
        gone = {item.id for item in withdrawn}
        out = [item for key, item in come.items() if key not in gone]
        reach = reach_of(changes, withdrawn, out, listings)
        scope = self._counted(reach, listings, changes, withdrawn, come.values())
        now = {item.slug: item for change in changes for item in change.article.keywords}
        other = self._relisted(scope, {**known.keywords, **now}, known.frequencies, frequencies)
        # What is decided of the others is that they are shown in another way.
        listings = {**other, **listings}
        scope = replace(scope, reach=widened(reach, other.values()))
        reach = scope.reach or reach
        listings = self._reached(reach, listings)
        documents = self._documents(reach, listings, changes, known.keywords) if reach.touched else {}
        return View(
            replace(known, listings=dict(sorted(listings.items())), documents=documents),
            scope,
            ask.fingerprints,
            self._path_of,
        )

    def _counted(
        self,
        reach: Reach,
        old: Mapping[str, Listing],
        changes: Sequence[ArticleChange],
        withdrawn: Sequence[Listing],
        come: Iterable[Listing],
    ) -> Scope:
        totals = self._excerpts.totals(self._now)
        before = counted(totals, come, (), self._now)
        changed = {change.article.id: change.listing for change in changes}
        ids = [*changed, *(item.id for item in withdrawn)]
        after = counted(totals, (old[key] for key in ids if key in old), changed.values(), self._now)
        whole = bool(self._config.feeds.archives or self._config.feed)
        return Scope(reach, before, after, combined=whole)

    def _relisted(
        self, scope: Scope, keywords: Mapping[str, Keyword], was: Frequencies, now: Frequencies
    ) -> dict[str, Listing]:
        """The articles under keywords that get or lose their page."""
        table, before, after = self._config.keywords, scope.before, scope.after
        if before is None or after is None:
            return {}
        stood, stands = (
            Bar.of(table, frequencies).listed(totals, keywords)
            for frequencies, totals in ((was, before), (now, after))
        )
        ids = self._excerpts.ids_under(stood ^ stands)
        if len(ids) > MOST:
            raise TooWide("many articles stand under keywords that get or lose their page")
        return self._excerpts.listings(ids)

    def _reached(self, reach: Reach, listings: Mapping[str, Listing]) -> dict[str, Listing]:
        """With them, the articles beside which those in reach are shown."""
        ask, feeds = self._excerpts, self._config.feeds
        if not reach.touched:
            return dict(listings)
        if feeds.archives or self._config.feed:
            # Where an archive is cut depends on every article of its feed.
            return ask.every_listing()
        depth = max(feeds.items, FRONT_PAGE) + len(reach.touched)
        ids = set(ask.newest(reach.slugs, depth, self._now))
        for edition in self._editions:
            if not reach.touched.isdisjoint(edition.named):
                ids.update(edition.named)
        return {**listings, **ask.listings(ids.difference(listings))}

    def _documents(
        self,
        reach: Reach,
        listings: Mapping[str, Listing],
        changes: Sequence[ArticleChange],
        keywords: Mapping[str, Keyword],
    ) -> dict[str, DocumentRecord]:
        """The documents that may be made anew or go: those of what is in reach, and those that list feeds."""
        pages = {listings[key].page for key in reach.touched if key in listings}
        pages.update(change.article.page for change in changes)
        keys = {keywords[slug].key for slug in reach.slugs if slug in keywords}
        left = [keyword.slug for keyword in keywords.values() if keyword.leads_to in keys]
        folders = [*pages, *map(addresses.keyword, (*reach.slugs, *left)), addresses.archives("")]
        digests = [addresses.digest(digest.name) for digest in self._config.digest]
        shown = (e.page for e in self._editions if not reach.touched.isdisjoint(e.named))
        paths = [*addresses.SHARED, *shown, *digests, *(addresses.feed(folder, "atom") for folder in digests)]
        paths += [addresses.feed("", form) for form in addresses.FEED_TYPES]
        if self._config.feed:
            folders.append(addresses.FEEDS)
        return self._excerpts.documents(paths, folders)

    def _named(self, readings: Iterable[Reading], names: Names) -> Iterator[str]:
        """The articles that have what these readings would have: a name, a page, or a text."""
        found = [(reading, reading.draft) for reading in readings if reading.draft]
        for reading, draft in found:
            yield names.urn("seed", reading.file.path)
            if draft.declared_id:
                yield names.urn("declared", draft.declared_id)
        yield from self._excerpts.ids_saying(reading.content for reading, _ in found)
        yield from self._excerpts.ids_on(filter(None, (plain_page(draft) for _, draft in found)))

    def _with_other_pictures(self) -> Iterator[str]:
        pictures, here = self._contents.pictures, self._contents.found
        beside = self._excerpts.pictured()
        other = [key for key, some in beside.items() if any(moved(each, pictures) for each in some)]
        for path, seed in self._excerpts.seeds_of(other).items():
            if path in here and not seed.fault:
                yield path

    def _is_due(self, name: str) -> bool:
        digest = next(digest for digest in self._config.digest if digest.name == name)
        passed = self._standing.settings.get(f"passed {name}")
        moment = datetime.fromisoformat(passed) if passed else None
        return editions.due(digest, self._config.zone, self._editions, self._now, moment) is not None

    def _path_of(self, article: str) -> str:
        return next(reversed(self._excerpts.seeds_of([article])), "")

    def _file(self, path: str) -> SeedFile:
        return SeedFile(path, *self._contents.found[path])


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
