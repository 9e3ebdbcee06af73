"""Looking without touching: what is wrong, and how things stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from publisher.config import Config
from publisher.deciding import Job
from publisher.errors import BucketError, RenderError
from publisher.mailing import dkim
from publisher.model import HELD_BY_HAND, Facts, Fault, Listing, Part, Ping, PlannedEdition, RunFigures
from publisher.pipeline import fault_line, plan_run
from publisher.posting import allowance
from publisher.reading import source_of
from publisher.render.templates import Templates
from publisher.store import Store
from publisher.store.locks import holder
from publisher.timetable import Timetable


def check(config: Config, store: Store, now: datetime) -> list[str]:
    """Every fault in keys, templates, seeds and topics, one line each; the configuration was read already."""
    keys = dkim.faults(config)
    templates = Templates(config.templates_folder, config.site.language, config.zone)
    faults = list(templates.faults())
    if faults:
        return keys + faults
    job = plan_run(config, store, now, anew=True)
    named = {fault.path for fault in job.plan.faults}
    odd = source_of(config).oddities()
    others = [fault for fault in odd if fault.path not in named]
    faults = [fault_line(fault) for fault in (*job.plan.faults, *others)]
    return keys + faults + sorted(set(_trial(job)))


def _trial(job: Job) -> Iterator[str]:
    """Make one document of each kind and one mail of each edition, to see whether their templates can."""
    renderer = job.renderer()
    for document in {document.kind: document for document in job.plan.documents}.values():
        try:
            renderer.render(document)
        except RenderError as error:
            yield from error.lines
    for edition in {edition.digest: edition for edition in job.editions}.values():
        part = Part(edition.id, edition.id, "", edition.sections, len(edition.omitted), edition.corrections)
        try:
            job.postman().sample(PlannedEdition(edition), part, parseaddr(job.config.mail.sender)[1])
        except RenderError as error:
            yield from error.lines


def report(config: Config, store: Store, now: datetime) -> dict[str, list[str]]:
    """How things stand, in lines under headings; a bucket that is away is one of them."""
    away, held_back, quarantine = _found(config, store, now)
    zone = config.zone
    states = store.delivery_counts()
    known = facts(config, store, now)
    return {
        **({"away": away} if away else {}),
        "serving": [*_serving(config)],
        "last_runs": [_run(figures, config) for figures in store.last_runs()],
        "next": [
            f"{when.astimezone(zone):%Y-%m-%d %H:%M %z}  {name}{_will_be_held(store, name)}"
            for name, when in upcoming(config, now)
        ],
        "deliveries": [f"{number} {state}" for state, number in sorted(states.items())],
        "waiting": [*_waiting(config, known)],
        "sent": [
            f"{number:,} by {relay} within a day"
            for relay, number in _by_relay(config, store, now - timedelta(days=1)).items()
        ],
        **({"workers": [*_workers(known, now)]} if known.workers is not None else {}),
        "held_editions": [
            f"{edition.page}: {edition.held} (hint: publish deliveries retry)"
            for edition in store.held_editions()
        ],
        "hubs": [*_hubs(store.waiting_pings(), config, now)],
        "held_back": [f"{item.published:%Y-%m-%d %H:%M %z}  {item.title}" for item in held_back],
        "quarantine": [fault_line(fault) for fault in quarantine],
    }


def _found(
    config: Config, store: Store, now: datetime
) -> tuple[list[str], Sequence[Listing], Sequence[Fault]]:
    """What a bucket that is away says; articles whose time is to come; seeds that cannot be read, or could not."""
    try:
        plan = plan_run(config, store, now).plan
    except BucketError as error:
        return [*error.lines, f"hint: {error.hint}"], (), store.faults(store.fault_count(), 0)
    return [], plan.held, plan.faults


def facts(config: Config, store: Store, now: datetime) -> Facts:
    """How a site stands, as far as the database knows; a database that does not answer is one of the facts."""
    known = Facts(now, upcoming=tuple(upcoming(config, now)))
    if fault := store.fault():
        return replace(known, fault=fault)
    waiting = store.waiting_deliveries(now)
    return replace(
        _with_workers(known, config),
        articles=store.article_count(),
        editions=store.edition_count(),
        quarantined=store.fault_count(),
        subscribers={str(state): number for state, number in store.subscriber_states().items()},
        waiting=waiting,
        waiting_since=store.waiting_since(now) if waiting else None,
        limited=bool(waiting) and _limited(config, store, now),
        held=tuple(edition.page for edition in store.held_editions() if edition.held != HELD_BY_HAND),
        pings=len(store.waiting_pings()),
        relays=_by_relay(config, store, datetime(1970, 1, 1, tzinfo=UTC)),
        published=store.last_news(),
    )


def _with_workers(known: Facts, config: Config) -> Facts:
    if config.work.engine == "local":
        return known
    from publisher.jobs.hands import Hands

    return Hands.facts(known, config)


def _workers(known: Facts, now: datetime) -> Iterator[str]:
    """Who works, what waits for him, and what he did."""
    yield f"{known.workers or 'no'} worker{'' if known.workers == 1 else 's'} at work"
    for queue in known.queues:
        waits = f", the oldest for {(now - queue.since).total_seconds():.0f} s" if queue.since else ""
        failed = f", {queue.failed} given up" if queue.failed else ""
        yield f"{queue.name}: {queue.waiting} waiting{waits}, {queue.under_way} under way{failed}"
    for labour in known.labour:
        yield f"{labour.worker}: {labour.jobs} {labour.queue}, {labour.rate:.1f} a second while at it"


def _by_relay(config: Config, store: Store, since: datetime) -> Counter[str]:
    """Messages that left since then, by relay; the first one has no name but that of the transport."""
    sent = Counter[str]()
    for relay, number in store.sent_by_relay(since).items():
        sent[relay or config.mail.transport] += number
    return sent


def _limited(config: Config, store: Store, now: datetime) -> bool:
    """Whether nothing may leave now, whatever relays would take."""
    if allowance.quiet_until(config.mail.limits.quiet, config.zone, now):
        return True
    day = store.sent_since(now - timedelta(days=1))
    today = store.sent_since(allowance.midnight(config.zone, now))
    return allowance.allowed(config.mail, config.zone, now, day, today, store.first_sent()) == 0


def _serving(config: Config) -> Iterator[str]:
    """Which process serves the site."""
    if served := holder(config.database_at, "serving"):
        watched = f"{config.seeds.path} is watched" if config.schedule.watch else "seeds are not watched"
        yield f"{served}, {watched}"


def _will_be_held(store: Store, schedule: str) -> str:
    kind, _, digest = schedule.partition(" ")
    reason = store.held_next(digest) if kind == "digest" else ""
    return f", to be {reason}" if reason else ""


def _waiting(config: Config, known: Facts) -> Iterator[str]:
    """Deliveries that are due and have not left."""
    if known.waiting_since:
        since = f"{known.waiting_since.astimezone(config.zone):%Y-%m-%d %H:%M %z}"
        why = ", held by a limit or by quiet hours" if known.limited else ""
        yield f"{known.waiting} due, the oldest since {since}{why}"


def _hubs(waiting: Sequence[Ping], config: Config, now: datetime) -> Iterator[str]:
    """What hubs are still to be told, by hub and reason, with the next time."""
    groups: dict[tuple[str, str], list[Ping]] = {}
    for ping in waiting:
        groups.setdefault((ping.hub, ping.reason), []).append(ping)
    for (hub, reason), pings in groups.items():
        soonest = min(ping.due for ping in pings if ping.due)
        when = f"{soonest.astimezone(config.zone):%Y-%m-%d %H:%M %z}" if soonest > now else "at the next run"
        feeds = f"{len(pings)} feed" + ("s" if len(pings) != 1 else "")
        yield f"{hub}: to be told of {feeds}, {when}" + (f": {reason}" if reason else "")


def upcoming(config: Config, now: datetime) -> list[tuple[str, datetime]]:
    """Each schedule of the configuration with its next moment, the soonest first."""
    return Timetable.of(config).upcoming(now)


def _run(figures: RunFigures, config: Config) -> str:
    done = ", ".join(f"{number} {name}" for name, number in sorted(figures.counts.items()) if number)
    faults = f"; {len(figures.faults)} failed" if figures.faults else ""
    return f"{figures.started.astimezone(config.zone):%Y-%m-%d %H:%M %z}  {done}{faults}"
