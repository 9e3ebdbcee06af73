"""Plans and outcomes in words, and as data for machines."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from publisher.cli.context import counted
from publisher.config import Config
from publisher.model import Fault, Likeness, Part, Plan, PlannedEdition
from publisher.pipeline import Outcome
from publisher.websub import Prospect

_HUBS = ("hubs told", "hub pings postponed", "hub pings given up")
_KINDS = ("added", "updated", "restored", "refiled")


def plan_as_text(plan: Plan, config: Config, waiting: int, hubs: Sequence[Prospect] = ()) -> Iterator[str]:
    """What the next run does, line by line."""
    yield f"Dry run for {plan.now.astimezone(config.zone):%Y-%m-%d %H:%M %z}; nothing was written or sent."
    yield from _heading("Articles", [*_articles(plan)])
    yield from _heading("Feeds", [*_feeds(plan)])
    yield from _heading("Editions", [line for planned in plan.editions for line in _edition(planned)])
    files = f"{counted(len(plan.documents), 'file')} to make, {len(plan.removed)} to remove"
    yield from _heading("Output", [files] if plan.documents or plan.removed else ["nothing to do"])
    yield from _heading("Waiting deliveries", [str(waiting)] if waiting else [])
    yield from _heading("Hubs", [_hub(prospect) for prospect in hubs])
    yield from _heading(
        "Held back", [f"{item.published:%Y-%m-%d %H:%M %z}  {item.title}" for item in plan.held]
    )
    yield from _heading("Alike", [_alike(likeness) for likeness in plan.alike])
    yield from _heading("Quarantine", [_fault(fault) for fault in plan.faults])


def plan_as_data(plan: Plan, waiting: int, hubs: Sequence[Prospect] = ()) -> dict[str, Any]:
    """The same for machines."""
    return {
        "at": plan.now.isoformat(),
        "articles": [
            {"id": c.article.id, "title": c.article.title, "page": c.article.page, "change": c.kind}
            for c in plan.articles
        ],
        "withdrawn": [{"id": item.id, "title": item.title, "page": item.page} for item in plan.withdrawn],
        "feeds": [
            {
                "page": f.path,
                "title": f.title,
                "added": f.added,
                "updated": f.updated,
                "withdrawn": f.withdrawn,
            }
            for f in plan.feeds
        ],
        "editions": [_edition_as_data(planned) for planned in plan.editions],
        "files": [document.path for document in plan.documents],
        "removed": list(plan.removed),
        "waiting_deliveries": waiting,
        "hubs": [{"hub": p.hub, "waiting": p.waiting, "at_most": p.most} for p in hubs],
        "held": [{"title": item.title, "until": item.published.isoformat()} for item in plan.held],
        "alike": [_alike_as_data(likeness) for likeness in plan.alike],
        "quarantine": [_fault_as_data(fault) for fault in plan.faults],
    }


def outcome_as_text(outcome: Outcome, config: Config) -> Iterator[str]:
    """What a run did, line by line."""
    counts, plan = outcome.counts, outcome.plan
    done = [f"{counts[kind]:,} {kind}" for kind in (*_KINDS, "withdrawn") if counts[kind]]
    files = [
        f"{counts[name]:,} {name.removeprefix('files ')}"
        for name in ("files written", "files removed", "files not made")
        if counts[name]
    ]
    mail = [
        f"{counts[name]:,} {name}"
        for name in (
            "sent",
            "repeated",
            "postponed",
            "uncertain",
            "given up",
            "suppressed",
            "held",
            "held back",
            "reports",
        )
        if counts[name]
    ]
    hubs = [
        f"{counts[name]:,} {word}"
        for name, word in zip(_HUBS, ("told", "postponed", "given up"), strict=True)
        if counts[name]
    ]
    if not (done or files or mail or hubs or plan.editions or outcome.failures):
        yield "Nothing to do."
    else:
        yield f"{config.site.title}"
    yield from _row("articles", done)
    yield from _row("files", files, f" in {config.bucket or os.path.relpath(config.output_folder)}/")
    for planned in plan.editions:
        yield from _row("edition", [planned.edition.subject], f" → {planned.edition.page}")
    place = f" into {os.path.relpath(config.maildir)}/" if config.mail.transport == "maildir" else ""
    yield from _row("messages", mail, place)
    yield from _row("hubs", hubs)
    if plan.held:
        yield from _row("held back", [counted(len(plan.held), "article")])
    if counts["quarantined"]:
        yield from _row("quarantine", [counted(counts["quarantined"], "seed")])
    yield from _heading("Alike", [_alike(likeness) for likeness in plan.alike])


def outcome_as_data(outcome: Outcome) -> dict[str, Any]:
    """The same for machines."""
    return {
        "at": outcome.plan.now.isoformat(),
        "counts": {name: number for name, number in sorted(outcome.counts.items()) if number},
        "editions": [_edition_as_data(planned) for planned in outcome.plan.editions],
        "alike": [_alike_as_data(likeness) for likeness in outcome.plan.alike],
        "quarantine": [_fault_as_data(fault) for fault in outcome.plan.faults],
        "failures": outcome.failures,
    }


def _alike(likeness: Likeness) -> str:
    if likeness.share == 1:
        return f"{likeness.path} says what {likeness.other} says: both are one article"
    return f"{likeness.path} says about {likeness.share:.0%} of what {likeness.other} says, and is another article"


def _alike_as_data(likeness: Likeness) -> dict[str, Any]:
    return {"path": likeness.path, "other": likeness.other, "share": round(likeness.share, 2)}


def _heading(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)


def _row(name: str, facts: list[str], place: str = "") -> Iterator[str]:
    if facts:
        yield f"  {name:<10} {', '.join(facts)}{place}"


def _articles(plan: Plan) -> Iterator[str]:
    for change in plan.articles:
        yield f"{change.kind:<9}  {change.article.published:%Y-%m-%d}  {change.article.title}"
    for item in plan.withdrawn:
        yield f"{'withdrawn':<9}  {item.published:%Y-%m-%d}  {item.title}"


def _feeds(plan: Plan) -> Iterator[str]:
    for feed in plan.feeds:
        figures = f"{feed.added} added, {feed.updated} updated, {feed.withdrawn} withdrawn"
        yield f"{figures:<38}  {feed.title}  ({feed.path or '/'})"


def _edition(planned: PlannedEdition) -> Iterator[str]:
    edition = planned.edition
    yield f"{edition.digest}  due {edition.due:%Y-%m-%d %H:%M %z}  “{edition.subject}”"
    for section in edition.sections:
        yield f"  {section.label or '—'}: {counted(len(section.articles), 'article')}"
    if edition.corrections:
        yield f"  Corrections: {counted(len(edition.corrections), 'article')}"
    if edition.omitted:
        yield f"  {counted(len(edition.omitted), 'article')} beyond max_articles"
    kinds = f" in {len(planned.parts)} kinds of mail" if len(planned.parts) > 1 else ""
    yield f"  to {counted(planned.recipients, 'recipient')}{kinds}, at {edition.page}"


def _edition_as_data(planned: PlannedEdition) -> dict[str, Any]:
    edition = planned.edition
    return {
        "digest": edition.digest,
        "due": edition.due.isoformat(),
        "subject": edition.subject,
        "page": edition.page,
        "sections": [
            {"keyword": s.keyword, "label": s.label, "articles": list(s.articles)} for s in edition.sections
        ],
        "corrections": list(edition.corrections),
        "omitted": len(edition.omitted),
        "recipients": planned.recipients,
        "parts": [_part_as_data(planned, part) for part in planned.parts],
    }


def _part_as_data(planned: PlannedEdition, part: Part) -> dict[str, Any]:
    return {
        "recipients": sum(audience.count for audience, identity in planned.audiences if identity == part.id),
        "language": part.language,
        "sections": [
            {"keyword": s.keyword, "label": s.label, "articles": list(s.articles)} for s in part.sections
        ],
        "corrections": list(part.corrections),
        "omitted": part.omitted,
    }


def _hub(prospect: Prospect) -> str:
    waiting = f", {prospect.waiting:,} of them waiting" if prospect.waiting else ""
    return f"{prospect.hub}  told of {counted(prospect.most, 'document')} at most{waiting}"


def _fault(fault: Fault) -> str:
    place = f"{fault.path}:{fault.line}" if fault.line else fault.path
    return f"{place}: {fault.reason}" + (f" (hint: {fault.hint})" if fault.hint else "")


def _fault_as_data(fault: Fault) -> dict[str, Any]:
    return {"seed": fault.path, "line": fault.line, "reason": fault.reason, "hint": fault.hint}
