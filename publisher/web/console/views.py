"""What pages show, worked out from answers of the store. Pure: no clock, no database, no words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from publisher import addresses
from publisher.config import Config, Notices
from publisher.health import alive
from publisher.model import EditionFigures, Facts, Fetcher, Happened, Keyword, RunFigures
from publisher.notices.causes import causes
from publisher.web.console.charts import Chart, Column, chart, share
from publisher.web.fetchers import readers
from publisher.web.site import Progress

CAME = ("confirmed", "subscribed", "listed")
"""What happens to subscribers when there is one more."""
WENT = ("unsubscribed", "unlisted", "bounced", "complained")
"""And when there is one fewer."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a long list: its number from 1, and whether there are more before and behind it."""

    number: int
    more: bool

    @property
    def before(self) -> int:
        """The page before; 0 for none."""
        return self.number - 1

    @property
    def behind(self) -> int:
        """The page behind; 0 for none."""
        return self.number + 1 if self.more else 0


@dataclass(frozen=True, slots=True)
class Mailing:
    """An edition on its way, or one that came to its end: how much of it is done."""

    figures: EditionFigures

    @property
    def done(self) -> int:
        """Deliveries of which the fate is known."""
        return self.figures.recipients - self.figures.waiting - self.figures.leaving

    @property
    def percent(self) -> float:
        """How much of it that is."""
        return share(self.done, self.figures.recipients)

    @property
    def parts(self) -> tuple[tuple[str, float], ...]:
        """Its deliveries as shares of a bar, by fate."""
        it = self.figures
        counts = (
            ("sent", it.sent),
            ("uncertain", it.uncertain),
            ("failed", it.failed),
            ("suppressed", it.suppressed),
        )
        return tuple((name, share(number, it.recipients)) for name, number in counts if number)


@dataclass(frozen=True, slots=True)
class Moving:
    """Something that goes on: `done` of `total`."""

    name: str
    done: int
    total: int
    number: int = 0

    @property
    def percent(self) -> float:
        """How far it has come."""
        return share(self.done, self.total)


@dataclass(frozen=True, slots=True)
class Live:
    """What goes on now: the run, since when it runs, and editions on their way.

    `mark` changes when a page that was loaded before is out of date.
    """

    run: Moving | None = None
    since: datetime | None = None
    editions: tuple[Moving, ...] = ()
    mark: str = ""

    @property
    def idle(self) -> bool:
        """Whether nothing does."""
        return self.run is None and not self.editions


def live(
    progress: Progress | None,
    under_way: Sequence[tuple[int, int, int]],
    last: RunFigures | None,
    editions: int,
) -> Live:
    """What goes on now, from the scheduler and the store."""
    moving = tuple(Moving("", total - left, total, number) for number, total, left in under_way)
    mark = f"{last.ended.timestamp() if last else 0:.0f}-{editions}"
    if progress is None:
        return Live(None, None, moving, f"{mark}-idle")
    return Live(Moving(progress.stage, progress.done, progress.total), progress.since, moving, mark)


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person: `what` is a word that the page knows, `place` where to see to it."""

    what: str
    count: int
    place: str
    detail: str = ""
    why: str = ""


def needs(
    held: Sequence[EditionFigures],
    recent: Sequence[EditionFigures],
    uncertain: int,
    faults: int,
    last: RunFigures | None,
    wrong: Sequence[Need] = (),
) -> list[Need]:
    """What needs a person, the most pressing first, after what is `wrong` with the whole.

    `recent` editions are those of the last days.
    """
    found = [*wrong, *(Need("held", 1, f"editions/{each.number}", each.subject, each.held) for each in held)]
    if last and len(last.faults) > last.counts.get("quarantined", 0):
        found.append(Need("run", len(last.faults), "runs", last.faults[0]))
    if uncertain:
        found.append(Need("uncertain", uncertain, "deliveries?state=uncertain"))
    if failed := sum(max(0, each.failed - each.bounced) for each in recent):
        found.append(Need("failed", failed, "deliveries?state=failed"))
    if faults:
        found.append(Need("quarantine", faults, "quarantine"))
    return found


def wrong(facts: Facts, notices: Notices) -> list[Need]:
    """What is wrong with the whole, as the owner is told it by mail too."""
    found = [Need("health", 1, "runs", reason) for reason in alive(facts).reasons]
    for cause in causes(facts, notices):
        if cause.name == "run":
            found.append(Need("broken", 1, "runs", "; ".join(cause.details)))
        elif cause.name == "silence":
            found.append(Need("silence", notices.silence_hours, "runs"))
        elif not facts.held:  # those that are held are told one by one
            found.append(Need("stuck", cause.count, "editions"))
    return found


def recent(editions: Iterable[EditionFigures], now: datetime, days: int = 7) -> list[EditionFigures]:
    """The editions recorded in the last days."""
    return [each for each in editions if now - each.recorded <= timedelta(days=days)]


def sent_chart(editions: Sequence[EditionFigures]) -> Chart:
    """Deliveries of editions, given newest first: sent and lost, the oldest at the left."""
    ordered = list(reversed(editions))
    return chart(
        [Column(f"{each.due:%Y-%m-%d %H:%M}", (each.sent, each.failed + each.uncertain)) for each in ordered]
    )


def days_until(today: date, number: int) -> list[date]:
    """So many days, the last of them today."""
    return [today - timedelta(days=back) for back in range(number - 1, -1, -1)]


def articles_chart(published: Mapping[date, int], today: date, days: int) -> Chart:
    """Articles by day."""
    return chart([Column(day.isoformat(), (published.get(day, 0),)) for day in days_until(today, days)])


def people_chart(happened: Iterable[Happened], today: date, weeks: int) -> Chart:
    """Who came and who went, by weeks of seven days of which the last ends today."""
    came, went = [0] * weeks, [0] * weeks
    for each in happened:
        back = (today - each.day).days // 7
        if 0 <= back < weeks:
            place = weeks - 1 - back
            came[place] += each.count * (each.what in CAME)
            went[place] += each.count * (each.what in WENT)
    begins = (today - timedelta(days=7 * back + 6) for back in range(weeks - 1, -1, -1))
    return chart(
        [Column(day.isoformat(), (up,), (down,)) for day, up, down in zip(begins, came, went, strict=True)]
    )


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed with the addresses of its documents by format, and its readers by service."""

    label: str
    addresses: tuple[tuple[str, str], ...]
    readers: int
    services: tuple[tuple[str, int], ...]


def feed_line(
    config: Config, label: str, folder: str, fetchers: Iterable[Fetcher], forms: Sequence[str]
) -> FeedLine:
    """A feed whose page is `folder`."""
    documents = {addresses.feed(folder, form): form for form in forms}
    mine = [each for each in fetchers if each.feed in documents]
    services: dict[str, int] = {}
    for each in mine:
        services[each.name] = services.get(each.name, 0) + each.readers
    return FeedLine(
        label,
        tuple((form, addresses.absolute(config.site.url, path)) for path, form in documents.items()),
        sum(readers(mine).values()),
        tuple(sorted(services.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def feed_lines(config: Config, keywords: Iterable[Keyword], fetchers: Sequence[Fetcher]) -> list[FeedLine]:
    """The site's feed, those of several keywords, of digests and of keywords."""
    forms = sorted(config.feeds.formats)
    by_feed: dict[str, list[Fetcher]] = {}
    for each in fetchers:
        by_feed.setdefault(each.feed.rpartition("/")[0], []).append(each)

    def line(label: str, folder: str, forms: Sequence[str]) -> FeedLine:
        return feed_line(config, label, folder, by_feed.get(folder.rstrip("/"), ()), forms)

    lines = [line(config.site.title, "", forms)]
    lines += [
        line(feed.title or ", ".join(feed.keywords), addresses.combined(feed.name), forms)
        for feed in config.feed
    ]
    if config.output.base == "full":
        lines += [line(digest.title, addresses.digest(digest.name), ["atom"]) for digest in config.digest]
    return lines + [line(keyword.label, addresses.keyword(keyword.slug), forms) for keyword in keywords]
