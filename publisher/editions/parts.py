"""An edition × those before it × audiences → what each audience gets, and who gets nothing. Pure.

An article stands in one edition of a digest, and an edition is covered for a subscription once: so no
article reaches anybody twice, whatever becomes of rhythms and keywords.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from publisher.config import Digest
from publisher.editions.sections import sections
from publisher.model import Audience, Edition, Keyword, Listing, Part, Rhythm


@dataclass(frozen=True, slots=True)
class Issue:
    """An edition with all that decides what is in its parts.

    `earlier` are the editions of the digest before it. `articles` are those that are out, by id;
    `slugs_of` gives the slugs of labels, none for labels that no article stands under.
    """

    digest: Digest
    edition: Edition
    earlier: Sequence[Edition]
    articles: Mapping[str, Listing]
    keywords: Mapping[str, Keyword]
    slugs_of: Callable[[Iterable[str]], frozenset[str]]
    zone: ZoneInfo


def parted(
    issue: Issue, audiences: Iterable[Audience]
) -> tuple[tuple[Part, ...], tuple[tuple[Audience, str], ...]]:
    """The parts of an edition, and the audiences that are due, each with the id of its part.

    An empty id: nothing of what the audience is due for matches, and it is only covered.
    """
    made: dict[tuple[object, ...], Part | None] = {}
    due: list[tuple[Audience, str]] = []
    for audience in audiences:
        if not is_due(issue, audience):
            continue
        wish = (audience.keywords, audience.length, audience.language, _covered(issue, audience))
        if wish not in made:
            made[wish] = _part(issue, audience)
        part = made[wish]
        due.append((audience, part.id if part else ""))
    parts = {part.id: part for part in made.values() if part}
    return tuple(parts.values()), tuple(due)


def is_due(issue: Issue, audience: Audience) -> bool:
    """Whether an audience gets a mail with this edition, if anything in it is for them.

    A daily mail comes with the first edition of a day; a weekly one with the first on or after its
    weekday. Days are those of the site's zone.
    """
    today, through = _day(issue, issue.edition), audience.through
    if through is None:
        return True
    if through >= issue.edition.due:
        return False
    match audience.rhythm:
        case Rhythm.DAILY:
            return not any(e.due <= through and _day(issue, e) == today for e in issue.earlier)
        case Rhythm.WEEKLY:
            begins = today - timedelta(days=(today.weekday() - audience.weekday) % 7)
            return through.astimezone(issue.zone).date() < begins
        case _:
            return True


def _part(issue: Issue, audience: Audience) -> Part | None:
    wanted = issue.slugs_of(audience.keywords)
    digest_wants = issue.slugs_of(issue.digest.keywords)

    def covers(slug: str) -> bool:
        if audience.keywords:
            return slug in wanted
        return not issue.digest.keywords or slug in digest_wants

    def wants(item: Listing) -> bool:
        return not audience.keywords or not wanted.isdisjoint(item.keywords)

    covered = _covered_editions(issue, audience)
    ids = [key for edition in covered for key in (*edition.shown, *edition.omitted)]
    found = [issue.articles[key] for key in ids if key in issue.articles and wants(issue.articles[key])]
    # The latest edition first: it has the latest changes.
    corrected = dict.fromkeys(key for edition in reversed(covered) for key in edition.corrections)
    fresh = {item.id for item in found}
    changed = [issue.articles[key] for key in corrected if key in issue.articles and key not in fresh]
    corrections = tuple(item.id for item in changed if wants(item))
    if not found and not corrections:
        return None
    found.sort(key=lambda item: item.order, reverse=True)
    shown = found[: audience.length or issue.digest.max_articles]
    made = sections(shown, issue.keywords, covers)
    omitted = len(found) - len(shown)
    facts: list[object] = [issue.edition.id, audience.language, omitted]
    facts += [[(s.keyword, s.label, s.articles) for s in made], *corrections]
    identity = blake2b(repr(facts).encode(), digest_size=16).hexdigest()
    return Part(identity, issue.edition.id, audience.language, made, omitted, corrections)


def _covered_editions(issue: Issue, audience: Audience) -> list[Edition]:
    """The edition and those before it that the audience was not due for."""
    through = audience.through
    before = [e for e in issue.earlier if through is not None and through < e.due < issue.edition.due]
    return [*before, issue.edition]


def _covered(issue: Issue, audience: Audience) -> int:
    return len(_covered_editions(issue, audience))


def _day(issue: Issue, edition: Edition) -> date:
    return edition.due.astimezone(issue.zone).date()
