"""Schedule × editions so far × articles → the edition that is due. Pure.

An article comes into one edition of a digest, ever; where it changes after that, another may correct it.
Editions that were missed become one (`merge`) or none (`skip`); their articles wait for the next.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from publisher import addresses, schedules
from publisher.config import Digest
from publisher.editions.corrections import corrections
from publisher.editions.parts import Issue, is_due, parted
from publisher.editions.sections import sections
from publisher.model import Edition, Keyword, Listing

__all__ = ["MISSED_AFTER", "Issue", "choose", "compose", "corrections", "due", "is_due", "parted", "sections"]

MISSED_AFTER = timedelta(hours=1)
"""An edition that is later than this was missed."""


def due(
    digest: Digest, zone: ZoneInfo, editions: Sequence[Edition], now: datetime, passed: datetime | None = None
) -> datetime | None:
    """The scheduled moment of the edition that should be made now, in `zone`; none where none is due.

    `passed` is the last moment at which there was a look, whether or not an edition came of it.
    """
    moment = schedules.latest(digest.schedule, zone, now)
    if moment is None or (digest.missed == "skip" and now - moment > MISSED_AFTER):
        return None
    mine = [edition.due for edition in editions if edition.digest == digest.name]
    last = max([*mine, *([passed] if passed else [])], key=datetime.timestamp, default=None)
    return moment if last is None or moment.timestamp() > last.timestamp() else None


def choose(
    digest: Digest,
    moment: datetime,
    live: Sequence[Listing],
    covered: Collection[str],
    wanted: Set[str],
) -> list[Listing]:
    """The articles of an edition, newest first: out by `moment`, in none before, under a wanted keyword.

    `wanted` are slugs; where the digest names no keywords, every article is wanted.
    """
    return [
        listing
        for listing in live
        if listing.published <= moment
        and listing.id not in covered
        and (not digest.keywords or not wanted.isdisjoint(listing.keywords))
    ]


def compose(
    digest: Digest,
    moment: datetime,
    chosen: Sequence[Listing],
    keywords: dict[str, Keyword],
    wanted: Collection[str],
    *,
    identity: str,
    subject: str,
    now: datetime,
    corrected: Sequence[str] = (),
) -> Edition:
    """Fix an edition: each article once, under its best keyword that the digest covers."""
    shown = chosen[: digest.max_articles]
    timed = schedules.several_a_day(digest.schedule)
    return Edition(
        id=identity,
        digest=digest.name,
        page=addresses.edition(digest.name, moment, timed=timed),
        subject=subject,
        due=moment,
        recorded=now,
        sections=sections(shown, keywords, lambda slug: not digest.keywords or slug in wanted),
        omitted=tuple(listing.id for listing in chosen[digest.max_articles :]),
        corrections=tuple(corrected[: digest.max_articles]),
    )
