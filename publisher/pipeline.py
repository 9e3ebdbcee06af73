"""One run, top to bottom: the map of the program.

::

    scan ─▶ read what changed ─▶ make_plan ─▶ record (one transaction) ─▶ write ─▶ tell hubs ─▶ bounces ─▶ deliver
                                     │
                                --dry-run prints it and stops

Deciding touches nothing; `plan_run` is all that a dry run does. `run` holds the lock until all but the
mail is done, remembers the plan before it acts on it, and carries it out: killed at any point, the next
run goes on from there. Asked to stop, it does so between two seeds, two files or two messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path

from publisher import __version__
from publisher.config import Config
from publisher.errors import RenderError
from publisher.gathering import gather
from publisher.keywords import Rules, compile_rules
from publisher.locking import held
from publisher.model import (
    Article,
    Audience,
    DocumentKind,
    DocumentRecord,
    Edition,
    Fault,
    Known,
    Plan,
    RunFigures,
)
from publisher.output import Folder
from publisher.planning import (
    Names,
    Surroundings,
    digest_of,
    is_empty,
    make_plan,
    refuse_mass_vanishing,
    site_identity,
    standing,
    to_read,
    vanished,
)
from publisher.posting import Postman
from publisher.reading import Options, scan
from publisher.render.documents import Renderer
from publisher.render.templates import Templates
from publisher.shards import Order, siblings_of
from publisher.stopping import NEVER, Stop
from publisher.store import Store
from publisher.websub import Announcer
from publisher.writing import Writer

Progress = Callable[[str, int, int], None]
"""Told of a stage, how far it has come, and how much there is."""


_WORTH_KEEPING = ("sent", "reports", "given up", "hubs told", "hub pings given up")


def quiet(stage: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(slots=True)
class Outcome:
    """What a run did: figures by name, and every failure, one line each; `stopped` where it was not all."""

    plan: Plan
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A plan with what it takes to carry it out or to show it."""

    config: Config
    known: Known
    plan: Plan
    templates: Templates
    names: Names
    store: Store
    fresh: Mapping[str, Article]

    def fetch(self, ids: Sequence[str]) -> dict[str, Article]:
        """Whole articles, as they are after the plan."""
        absent = [key for key in ids if key not in self.fresh]
        stored = self.store.articles(absent) if absent else {}
        return stored | {key: self.fresh[key] for key in ids if key in self.fresh}

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
        return Postman(
            self.config, self.templates, self.store, self.fetch, self.listed, lambda: self.plan.now, quiet
        )

    def order(self) -> Order:
        """What its documents have in common, for whoever makes them."""
        withdrawn = self.known.listings | {item.id: item for item in self.plan.withdrawn}
        shown = {item.subject for item in self.plan.documents if item.kind is DocumentKind.WITHDRAWN}
        return Order(
            self.config,
            site_identity(self.config.site.id, self.known.settings.get("site", ""), self.config.site.url),
            self.plan.counts,
            self.plan.catalogue,
            self.editions,
            {key: item for key, item in withdrawn.items() if key in shown},
        )

    def renderer(self) -> Renderer:
        """What makes the documents of the plan."""
        return self.order().renderer(self.templates, self.fetch, self.plan.documents)


def plan_run(
    config: Config,
    store: Store,
    now: datetime,
    *,
    force: bool = False,
    anew: bool = False,
    progress: Progress = quiet,
    audiences: Callable[[str], Sequence[Audience]] | None = None,
    stop: Stop = NEVER,
) -> Job:
    """Decide what a run at `now` would do; nothing is written.

    With `anew`, as if the output were empty; with `audiences`, as if those of a digest were others.
    `publisher.errors.Stopped` where it was asked to `stop` before it had read everything.
    """
    known = store.known()
    if anew:
        known = replace(known, documents={})
    templates = Templates(config.templates_folder, config.site.language, config.zone)
    names = Names(site_identity(config.site.id, known.settings.get("site", ""), config.site.url))
    options, rules = Options.from_config(config), compile_rules(config.keywords)
    found = scan(config.seeds_folder, config.seeds.ignore)
    again = known.settings.get("reading") not in (None, options.fingerprint)
    upgraded = known.settings.get("version") not in (None, __version__)
    files = to_read(known, found.seeds, found.pictures, again=again, upgraded=upgraded)
    readings = list(gather(config, files, found.pictures, options, progress, stop))
    seeds = standing(known, found.seeds, readings)
    refuse_mass_vanishing(vanished(known, seeds, readings), known, force=force)
    around = _surroundings(config, known, store, templates, names, options, rules)
    if audiences:
        around = replace(around, audiences=audiences)
    plan = make_plan(config, known, seeds, readings, around, now)
    fresh = {change.article.id: change.article for change in plan.articles}
    return Job(config, known, plan, templates, names, store, fresh)


def run(
    config: Config,
    clock: Callable[[], datetime],
    *,
    force: bool = False,
    progress: Progress = quiet,
    doing: str = "publish",
    stop: Stop = NEVER,
) -> Outcome:
    """Do everything that is due (`publisher.errors.RunHeld` where another process is at it).

    Asked to `stop`, it leaves the rest to the next run (`publisher.errors.Stopped` where that is all).
    """
    with held(config.database_file.with_suffix(".lock"), doing):
        store = Store.open(config.database_file)
        started = clock()
        job = plan_run(config, store, started, force=force, progress=progress, stop=stop)
        outcome = Outcome(job.plan)
        outcome.failures += [fault_line(fault) for fault in job.plan.faults]
        if not is_empty(job.plan):
            _record(job)
            writer = Writer(store, job.known, job.order(), job.renderer(), progress, stop)
            writer.write(job.plan, outcome.counts, outcome.failures)
        Announcer(config, store, clock, progress, stop=stop).announce(outcome.counts, outcome.failures)
    if not stop.asked:
        _hear(config, store, clock(), outcome)
    # A long delivery keeps no news from the feeds: others may run meanwhile, and deliver too.
    postman = Postman(job.config, job.templates, store, job.fetch, job.listed, clock, progress, stop)
    postman.deliver(outcome.counts, outcome.failures)
    outcome.stopped = stop.asked
    _count(job.plan, outcome.counts)
    if not is_empty(job.plan) or any(outcome.counts[name] for name in _WORTH_KEEPING):
        store.record_run(RunFigures(started, clock(), dict(outcome.counts), tuple(outcome.failures)))
    return outcome


def _hear(config: Config, store: Store, now: datetime, outcome: Outcome) -> None:
    """Act on what came back, so that nobody is written to who may not be any more."""
    if not (config.mail.bounces.maildir or config.mail.bounces.imap.host):
        return
    from publisher.returns import collect

    heard = collect(config, store, now)
    outcome.counts["reports"] += len(heard.deeds)
    outcome.failures += heard.failures


def preview(job: Job, folder: Path, failures: list[str]) -> Counter[str]:
    """Write the documents and mails of a plan into a folder to look at; what cannot be made becomes a line."""
    renderer, output, made = job.renderer(), Folder(folder), Counter[str]()
    for document in job.plan.documents:
        try:
            made["documents"] += output.put(document.path, renderer.render(document))
        except RenderError as error:
            failures += error.lines
    postman = job.postman()
    for planned in job.plan.editions:
        base = f"mail/{planned.edition.digest}-{planned.edition.due:%Y-%m-%d-%H%M}"
        for number, part in enumerate(planned.parts, 1):
            html, text, message = postman.sample(planned, part, parseaddr(job.config.mail.sender)[1])
            name = f"{base}-{number}" if len(planned.parts) > 1 else base
            output.put(f"{name}.html", html.encode())
            output.put(f"{name}.txt", text.encode())
            output.put(f"{name}.eml", message)
            made["mails"] += 1
    output.sweep()
    return made


def _surroundings(
    config: Config,
    known: Known,
    store: Store,
    templates: Templates,
    names: Names,
    options: Options,
    rules: Rules,
) -> Surroundings:
    from publisher.render.digest import DigestMail

    mail, output = DigestMail(config, templates, frozenset()), Folder(config.output_folder)
    digests = {digest.name: digest for digest in config.digest}
    settings = {
        "site": site_identity(config.site.id, known.settings.get("site", ""), config.site.url),
        "version": __version__,
        "reading": options.fingerprint,
        "keywords": rules.fingerprint,
    }
    refile = known.settings.get("keywords") not in (None, rules.fingerprint)
    living = [item.id for item in known.listings.values() if not item.withdrawn] if refile else []
    return Surroundings(
        names=names,
        rules=rules,
        settings=settings,
        look=digest_of(
            [
                __version__,
                templates.fingerprint,
                config.site,
                config.feeds,
                config.schedule.feeds,
                config.output.base,
                config.web.url,
                names.urn("", ""),
            ]
        ),
        refile=lambda: _in_batches(store, living),
        stands=lambda document: output.state(document.path, siblings_of(document, config)),
        subject=lambda name, due: mail.subject(digests[name], due),
        audiences=lambda name: store.audiences(name, digests[name].recipients),
    )


def _in_batches(store: Store, ids: Sequence[str]) -> Iterable[Article]:
    for start in range(0, len(ids), 500):
        yield from store.articles(ids[start : start + 500]).values()


def _record(job: Job) -> None:
    job.store.record(job.plan, {digest.name: digest.recipients for digest in job.config.digest})
    # New paths are remembered before their files are made: a run that is killed leaves none unknown.
    new = [document.path for document in job.plan.documents if document.path not in job.known.documents]
    job.store.record_documents([DocumentRecord(path, "", size=-1) for path in new], ())


def _count(plan: Plan, counts: Counter[str]) -> None:
    for change in plan.articles:
        counts[change.kind] += 1
    counts["withdrawn"] += len(plan.withdrawn)
    counts["editions"] += len(plan.editions)
    counts["quarantined"] += len(plan.faults)


def fault_line(fault: Fault) -> str:
    """A seed in quarantine in one line: where, why, and what to do."""
    place = f"{fault.path}:{fault.line}" if fault.line else fault.path
    return f"{place}: {fault.reason}" + (f" (hint: {fault.hint})" if fault.hint else "")
