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
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.config import Config
from publisher.crew import Crew
from publisher.deciding import Ground, Job, Progress, quiet, rules_of
from publisher.errors import RenderError
from publisher.idling import IDLE, Look
from publisher.keywords import compile_rules
from publisher.model import (
    ArticleChange,
    Audience,
    DocumentRecord,
    Fault,
    Frequencies,
    Listing,
    Plan,
    RunFigures,
)
from publisher.narrowing import STANDS, Narrow
from publisher.output import Folder, output_of
from publisher.planning import (
    TooWide,
    View,
    is_empty,
    make_plan,
    reconcile,
    refuse_mass_vanishing,
    standing,
    to_read,
    vanished,
)
from publisher.posting import Postman
from publisher.reading import Options, contents_of, scan, source_of
from publisher.render.templates import Templates
from publisher.stopping import NEVER, Stop
from publisher.store import Excerpts, Store
from publisher.store.locks import held
from publisher.websub import Announcer

if TYPE_CHECKING:
    from publisher.jobs.hands import Hands

_WORTH_KEEPING = ("sent", "reports", "given up", "hubs told", "hub pings given up")


@dataclass(slots=True)
class Outcome:
    """What a run did: figures by name, and every failure, one line each; `stopped` where it was not all."""

    plan: Plan
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    stopped: bool = False


def plan_run(
    config: Config,
    store: Store,
    now: datetime,
    *,
    force: bool = False,
    anew: bool = False,
    keep: bool = False,
    progress: Progress = quiet,
    audiences: Callable[[str], Sequence[Audience]] | None = None,
    stop: Stop = NEVER,
    crew: Crew | None = None,
    look: Look | None = None,
) -> Job:
    """Decide what a run at `now` would do; nothing is written but what one may `keep` to decide faster next time.

    With `anew`, as if the output were empty; with `audiences`, as if those of a digest were others. By a `look` that
    holds where there is one.
    `publisher.errors.Stopped` where it was asked to `stop` meanwhile.
    """
    ground = Ground(
        config,
        store,
        now,
        contents_of(look.seeds, look.pictures) if look else scan(source_of(config)),
        Templates(config.templates_folder, config.site.language, config.zone),
        Options.from_config(config),
        compile_rules(config.keywords, config.topics_file, keep=keep),
        force=force,
        keep=keep,
        progress=progress,
        stop=stop,
        crew=crew or Crew(1),
        audiences=audiences,
        output=output_of(config),
    )
    if not anew:
        with store.excerpts() as excerpts, suppress(TooWide):
            if excerpts:
                return _narrow(ground, excerpts, look)
    return _whole(ground, anew=anew)


def _narrow(ground: Ground, excerpts: Excerpts, look: Look | None) -> Job:
    """Decide from what changed and what it reaches."""
    config, left = ground.config, excerpts.standing(look.read if look else None)

    def stands() -> bool:
        return not ground.output.amiss(excerpts.documents_as_left(), config.feeds.compressed)

    names, around = ground.around(left.settings, ())
    narrow = Narrow(config, excerpts, left, ground.contents, look.stands if look else stands, ground.now)
    readings = ground.read(narrow.files(rules_of(config, around)))
    known, seeds = narrow.part(readings, names)
    decisions = reconcile(known, seeds, readings, names, ground.now)
    views: list[View] = []

    def widen(
        changes: Sequence[ArticleChange], withdrawn: Sequence[Listing], frequencies: Frequencies
    ) -> View:
        views.append(narrow.view(known, changes, withdrawn, frequencies))
        return views[-1]

    plan = make_plan(config, known, seeds, decisions, around, ground.now, widen)
    return ground.job(views[-1].known, plan, names, around)


def _whole(ground: Ground, *, anew: bool) -> Job:
    """Decide from everything that is known."""
    config, contents, known = ground.config, ground.contents, ground.store.known()
    if anew:
        known = replace(known, documents={})
    names, around = ground.around(known.settings, known.listings.values())
    again = known.settings.get("reading") not in (None, ground.options.fingerprint)
    upgraded = known.settings.get("version") not in (None, around.settings["version"])
    files = to_read(known, contents.seeds, contents.pictures, again=again, upgraded=upgraded)
    readings = ground.read(files)
    seeds = standing(known, contents.seeds, readings)
    refuse_mass_vanishing(vanished(known, seeds, readings), known, force=ground.force)
    decisions = reconcile(known, seeds, readings, names, ground.now)
    del readings
    ground.go_on()
    plan = make_plan(config, known, seeds, decisions, around, ground.now)
    return ground.job(known, plan, names, around)


def run(
    config: Config,
    clock: Callable[[], datetime],
    *,
    force: bool = False,
    progress: Progress = quiet,
    doing: str = "publish",
    stop: Stop = NEVER,
    look: Look | None = None,
) -> Outcome:
    """Do everything that is due (`publisher.errors.RunHeld` where another process is at it).

    Where nobody has written since, by the `look` that told that there is something to do. Asked to `stop`, it leaves
    the rest to the next run (`publisher.errors.Stopped` where that is all).
    """
    with ExitStack() as stack:
        stack.enter_context(held(config.database_at, "lock", doing))
        look = look if look and look.holds(config) else None
        store, started = Store.open(config.database_at), clock()
        hands = _hands(config)
        crew = stack.enter_context(hands.crew() if hands else Crew(config.work.processes))
        job = plan_run(
            config, store, started, force=force, keep=True, progress=progress, stop=stop, crew=crew, look=look
        )
        outcome = Outcome(job.plan)
        outcome.failures += [fault_line(fault) for fault in job.plan.faults]
        if not is_empty(job.plan):
            _record(job, hands)
            _write(job, crew, progress, stop, outcome)
        if len(outcome.failures) == len(job.plan.faults) and not stop.asked:
            _settle(job)
        if not (hands and hands.leaves("ping", store, clock())):
            Announcer(config, store, clock, progress, stop=stop).announce(outcome.counts, outcome.failures)
        # Workers deliver when the lock is free, so before that is heard what came back.
        if not (stop.asked or (hands and hands.leaves("bounces", store, clock()))):
            _hear(config, store, clock(), outcome)
    if not (hands and hands.leaves("deliver", store, clock())):
        # A long delivery keeps no news from the feeds: others may run meanwhile, and deliver too.
        postman = Postman(job.config, job.templates, store, job.fetch, job.listed, clock, progress, stop)
        postman.deliver(outcome.counts, outcome.failures)
    outcome.stopped = stop.asked
    _count(job.plan, outcome.counts)
    if not is_empty(job.plan) or any(outcome.counts[name] for name in _WORTH_KEEPING):
        store.record_run(RunFigures(started, clock(), dict(outcome.counts), tuple(outcome.failures)))
    return outcome


def _hands(config: Config) -> Hands | None:
    """Those to whom a run leaves what they take, where the site may have any."""
    if config.work.engine == "local":
        return None
    from publisher.jobs.hands import Hands

    return Hands.of(config)


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


def _record(job: Job, hands: Hands | None) -> None:
    # Until all is in place, nobody may think so.
    plan = replace(job.plan, settings={**job.plan.settings, STANDS: "", IDLE: ""})
    recipients = {digest.name: digest.recipients for digest in job.config.digest}
    job.store.record(plan, recipients, hands.recorded if hands and plan.editions else None)
    # New paths are remembered before their files are made: a run that is killed leaves none unknown.
    new = [document.path for document in job.plan.documents if document.path not in job.known.documents]
    job.store.record_documents([DocumentRecord(path, "", size=-1) for path in new], ())


def _write(job: Job, crew: Crew, progress: Progress, stop: Stop, outcome: Outcome) -> None:
    from publisher.writing import Writer  # and with it feedgen and lxml, where there is something to make

    writer = Writer(job.store, job.known, job.order(), job.renderer(), crew, progress, stop)
    writer.write(job.plan, outcome.counts, outcome.failures)


def _settle(job: Job) -> None:
    """Remember that everything stands as it was planned, so that the next run needs to look at changes only."""
    settled = {STANDS: job.rules, IDLE: job.left}
    if not is_empty(job.plan) or any(job.known.settings.get(key) != value for key, value in settled.items()):
        job.store.record_settings(settled)


def _count(plan: Plan, counts: Counter[str]) -> None:
    for change in plan.articles:
        counts[change.kind] += 1
    counts["withdrawn"] += len(plan.withdrawn)
    counts["editions"] += len(plan.editions)
    counts["quarantined"] += len(plan.faults)


def fault_line(fault: Fault) -> str:
    """A seed in quarantine in one line: where, why, and what to do."""
    # A name may hold a newline, or octets that are no text.
    path = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in fault.path)
    place = f"{path}:{fault.line}" if fault.line else path
    return f"{place}: {fault.reason}" + (f" (hint: {fault.hint})" if fault.hint else "")
