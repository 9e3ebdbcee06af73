"""What is known + configuration + now → the plan that ``--dry-run`` prints and a run carries out. Pure.

::

    seeds found ─ to_read ─▶ readings ─ reconcile ─▶ candidates ─ Filer ─▶ articles ┐
                                                                                    ├─▶ Library ─▶ documents
    known ──────────────────────────────────────────────────────────────────────────┘      └────▶ editions
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from publisher import editions
from publisher.config import Config
from publisher.editions import Issue
from publisher.model import (
    ArticleChange,
    Document,
    Edition,
    FeedChange,
    Frequencies,
    Known,
    Likeness,
    Listing,
    Plan,
    PlannedEdition,
    SeedFile,
)
from publisher.planning.articles import (
    Decisions,
    Reading,
    faults_now,
    reconcile,
    refuse_mass_vanishing,
    standing,
    to_read,
    vanished,
)
from publisher.planning.changes import changes_of
from publisher.planning.deserving import Bar, shifted
from publisher.planning.documents import feed_changes, to_make, wanted
from publisher.planning.examining import examine
from publisher.planning.filing import Filer
from publisher.planning.identity import Names, digest_of, secret_name, site_identity
from publisher.planning.library import Library
from publisher.planning.likeness import Alikes
from publisher.planning.scope import EVERYTHING, Scope, TooWide, refuse_relabelling
from publisher.planning.streams import Stream, feeds, streams
from publisher.planning.surroundings import Surroundings
from publisher.planning.told import as_told, told

__all__ = [
    "Bar",
    "Library",
    "Names",
    "Reading",
    "Scope",
    "Surroundings",
    "TooWide",
    "View",
    "digest_of",
    "examine",
    "is_empty",
    "make_plan",
    "reconcile",
    "refuse_mass_vanishing",
    "secret_name",
    "site_identity",
    "standing",
    "to_read",
    "vanished",
]


@dataclass(frozen=True, slots=True)
class View:
    """What is known, and what of it is decided about.

    `prints` gives the fingerprints of living articles by id, `path_of` the seed of an article or nothing.
    """

    known: Known
    scope: Scope
    prints: Callable[[], Mapping[str, int]]
    path_of: Callable[[str], str]


Widen = Callable[[Sequence[ArticleChange], Sequence[Listing], Frequencies], View]
"""What more must be known once it is decided which articles change, which go, and how frequent keywords are then."""


def view_of(known: Known) -> View:
    """The view of all that is known."""

    def prints() -> Mapping[str, int]:
        return {item.id: item.fingerprint for item in known.listings.values() if not item.withdrawn}

    paths = {seed.article: path for path, seed in known.seeds.items()}
    return View(known, EVERYTHING, prints, lambda article: paths.get(article, ""))


def make_plan(
    config: Config,
    known: Known,
    found: Sequence[SeedFile],
    decisions: Decisions,
    around: Surroundings,
    now: datetime,
    widen: Widen | None = None,
) -> Plan:
    """Decide all that a run does at `now`, from what was decided of seeds and articles; the candidates are taken.

    With `widen`, from a part of what is known, to which it adds what the changes reach (`TooWide` where that
    is everything).
    """
    filer = Filer(around.rules, known.keywords)
    found_in: dict[str, str] = {}
    changes = changes_of(decisions, around, filer, known, found_in, narrow=widen is not None)
    phrases, frequencies = _frequencies(known, found_in, filer, around)
    view = widen(changes, decisions.withdrawn, frequencies) if widen else view_of(known)
    known, scope = view.known, view.scope
    if widen:
        refuse_relabelling(filer.changed, known.keywords)
    listings = _listings(known, changes, decisions)
    bar = Bar.of(config.keywords, frequencies)
    library = Library(_out(listings.values(), now), filer.keywords, bar, scope.after)
    moments = _moments(config, known, now)
    due = list(_editions(config, known, library, filer, around, moments, now))
    every = (*known.editions, *(planned.edition for planned in due))
    gone = Library(_gone(listings.values(), now), filer.keywords, Bar())
    after = list(streams(config, library, filer.slug_of, gone, known.documents, scope))
    documents, removed = _documents(config, known, library, after, listings, every, around, scope)
    seeds = {seed.file.path: seed for seed in decisions.seeds}
    settings = around.settings | told(config)
    plan = Plan(
        now=now,
        seeds=tuple(seed for path, seed in sorted(seeds.items()) if known.seeds.get(path) != seed),
        seeds_gone=tuple(decisions.seeds_gone),
        articles=tuple(changes),
        withdrawn=tuple(decisions.withdrawn),
        keywords=tuple(filer.changed.values()),
        editions=tuple(due),
        feeds=_feed_changes(config, known, filer, after, now, scope),
        documents=tuple(documents),
        removed=tuple(removed),
        settings={
            **{key: value for key, value in settings.items() if known.settings.get(key) != value},
            **{f"passed {name}": moment.isoformat() for name, moment in moments.items()},
        },
        faults=faults_now(known, found, seeds),
        alike=tuple(_alike(config, view, changes, decisions)),
        held=tuple(item for item in listings.values() if not item.withdrawn and item.published > now),
        counts=library.counts(),
        catalogue=tuple(stream.feed for stream in after),
        phrases=phrases,
    )
    if is_empty(plan):
        return plan
    return replace(plan, settings={**plan.settings, "as_of": now.isoformat()})


def is_empty(plan: Plan) -> bool:
    """Whether nothing is to be done."""
    return not (
        plan.seeds
        or plan.seeds_gone
        or plan.articles
        or plan.withdrawn
        or plan.editions
        or plan.documents
        or plan.removed
        or plan.settings
    )


def _frequencies(
    known: Known, found_in: Mapping[str, str], filer: Filer, around: Surroundings
) -> tuple[dict[str, str], Frequencies]:
    """What is found now in articles, where it is not what was, and how frequent keywords are then."""
    before = around.phrases(list(found_in)) if known.frequencies.texts else {}
    phrases = {key: found for key, found in found_in.items() if found != before.get(key, "")}
    if not known.frequencies.texts and not phrases:
        return phrases, known.frequencies
    keywords = filer.keywords
    new = [keyword.key for slug, keyword in keywords.items() if slug not in known.keywords]
    count = {**known.frequencies.articles, **around.frequencies(new)}
    was = Frequencies(known.frequencies.texts, count)
    keys = {keyword.key for keyword in keywords.values()}
    return phrases, shifted(was, (before.get(key, "") for key in phrases), phrases.values(), keys)


def _alike(
    config: Config, view: View, changes: Sequence[ArticleChange], decisions: Decisions
) -> Iterator[Likeness]:
    """New seeds that say what others say: the same, which makes one article, or nearly."""
    for path, other in sorted(decisions.doubles):
        yield Likeness(path, other, 1.0)
    added = [change for change in changes if change.kind == "added" and change.fingerprint]
    if not added or not config.seeds.alike:
        return
    paths = {seed.article: seed.file.path for seed in decisions.seeds}
    alikes = Alikes(config.seeds.alike)
    near = alikes.near(view.prints(), {change.fingerprint for change in added})
    for identity, print_ in near.items():
        alikes.add(identity, print_)
    for change in added:
        if found := alikes.nearest(change.fingerprint):
            path = paths.get(found[0]) or view.path_of(found[0]) or found[0]
            yield Likeness(paths[change.article.id], path, found[1])
        else:
            alikes.add(change.article.id, change.fingerprint)


def _listings(known: Known, changes: Sequence[ArticleChange], decisions: Decisions) -> dict[str, Listing]:
    listings = dict(known.listings)
    listings.update({change.article.id: change.listing for change in changes})
    listings.update({item.id: replace(item, withdrawn=True) for item in decisions.withdrawn})
    return listings


def _out(listings: Iterable[Listing], now: datetime) -> list[Listing]:
    """The articles that are out at `now`: a date in the future holds one back."""
    return [listing for listing in listings if not listing.withdrawn and listing.published <= now]


def _gone(listings: Iterable[Listing], now: datetime) -> list[Listing]:
    return [listing for listing in listings if listing.withdrawn and listing.published <= now]


def _feed_changes(
    config: Config, known: Known, filer: Filer, after: Sequence[Stream], now: datetime, scope: Scope
) -> tuple[FeedChange, ...]:
    """What becomes of feeds, compared with what they held at the last run, as it was told then."""
    was = as_told(config, known.settings.get("feeds", ""))
    out = _out(known.listings.values(), _as_of(known, now))
    library = Library(out, filer.keywords, Bar.of(was.keywords, known.frequencies), scope.before)

    def inside(items: Iterable[Listing]) -> list[Listing]:
        return [item for item in items if scope.holds(item.id)]

    before = {
        feed.folder: (feed, inside(choose(library)))
        for feed, choose in feeds(was, library, filer.slug_of)
        if scope.holds_feed(feed.folder)
    }
    now_ = {
        stream.feed.folder: (stream.feed, inside(stream.articles))
        for stream in after
        if scope.holds_feed(stream.feed.folder)
    }
    redone = known.settings.get("entries") not in (None, told(config)["entries"])
    return tuple(feed_changes(before, now_, known.documents, redone=redone))


def _as_of(known: Known, now: datetime) -> datetime:
    remembered = known.settings.get("as_of")
    return datetime.fromisoformat(remembered) if remembered else now


def _moments(config: Config, known: Known, now: datetime) -> dict[str, datetime]:
    """The digests whose moment has come, with it; a moment passes once, with or without an edition."""
    found = {}
    for digest in config.digest:
        told = known.settings.get(f"passed {digest.name}")
        passed = datetime.fromisoformat(told) if told else None
        moment = editions.due(digest, config.zone, known.editions, now, passed)
        if moment is not None:
            found[digest.name] = moment
    return found


def _editions(
    config: Config,
    known: Known,
    library: Library,
    filer: Filer,
    around: Surroundings,
    moments: dict[str, datetime],
    now: datetime,
) -> Iterable[PlannedEdition]:
    def slugs_of(labels: Iterable[str]) -> frozenset[str]:
        return frozenset(filter(None, map(filer.slug_of, labels)))

    for digest in config.digest:
        moment = moments.get(digest.name)
        if moment is None:
            continue
        mine = [edition for edition in known.editions if edition.digest == digest.name]
        covered = {article for edition in mine for article in (*edition.shown, *edition.omitted)}
        slugs = slugs_of(digest.keywords)
        chosen = editions.choose(digest, moment, library.live, covered, slugs)
        had = around.had(digest.name) if digest.corrections else {}
        corrected = editions.corrections(library.by_id, had, moment)
        if not chosen and not corrected:
            continue
        edition = editions.compose(
            digest,
            moment,
            chosen,
            dict(library.keywords),
            slugs,
            identity=around.names.urn("edition", f"{digest.name}:{moment:%Y-%m-%dT%H:%M}"),
            subject=around.subject(digest.name, moment),
            now=now,
            corrected=corrected,
        )
        if any(other.id == edition.id or other.page == edition.page for other in known.editions):
            continue  # an hour that the clock shows twice, or a site that changed its zone: the next has its articles
        issue = Issue(digest, edition, mine, library.by_id, library.keywords, slugs_of, config.zone)
        yield PlannedEdition(edition, *editions.parted(issue, around.audiences(digest.name)))


def _documents(
    config: Config,
    known: Known,
    library: Library,
    after: Sequence[Stream],
    listings: dict[str, Listing],
    every: Sequence[Edition],
    around: Surroundings,
    scope: Scope,
) -> tuple[list[Document], list[str]]:
    if scope.empty:
        return [], []
    gone = (item for item in listings.values() if item.withdrawn and scope.holds(item.id))
    withdrawn = sorted(gone, key=lambda item: item.order)
    documents = list(wanted(config, library, after, withdrawn, every, around.look, scope))
    paths = {document.path for document in documents}
    removed = sorted(path for path in known.documents if path not in paths)
    return to_make(documents, known.documents, around.stands), removed
