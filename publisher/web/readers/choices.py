"""What a reader can choose, and what he chose: from the fields of a form to subscriptions and back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from publisher import schedules
from publisher.config import Config, Digest
from publisher.keywords import compile_rules, sort_key
from publisher.model import Rhythm, Subscription
from publisher.planning.deserving import deserving
from publisher.store import Store
from publisher.web.guards.bodies import Form

LENGTHS = (0, 5, 10, 20)
"""The most articles of a mail that can be chosen; 0: all."""
_FRESH = timedelta(minutes=1)
AHEAD = 12
"""Keywords that are in sight at once; the others are behind a summary, unless they are chosen."""
_MOST = 300
"""Keywords that are offered: the fullest."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A keyword to choose, with its articles: none where somebody has it of old. `key` is its folded label."""

    label: str
    key: str
    slug: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """A digest with what is chosen of it, as a form shows it; `keywords` holds the labels of offers."""

    digest: Digest
    offers: Sequence[Offer]
    taken: bool = True
    keywords: Collection[str] = ()
    rhythm: Rhythm = Rhythm.EDITION
    weekday: int = 0
    length: int = 0

    @property
    def ahead(self) -> Sequence[Offer]:
        """The offers in sight: the fullest, and all that are chosen."""
        return [*self.offers[:AHEAD], *(one for one in self.offers[AHEAD:] if one.label in self.keywords)]

    @property
    def behind(self) -> Sequence[Offer]:
        """The other offers."""
        return [offer for offer in self.offers[AHEAD:] if offer.label not in self.keywords]

    @property
    def daily(self) -> bool:
        """Whether a mail a day is less than every edition."""
        return self.rhythm is Rhythm.DAILY or schedules.several_a_day(self.digest.schedule)

    @property
    def lengths(self) -> Sequence[int]:
        """The lengths to choose from: the usual ones, and the reader's own."""
        return sorted({*LENGTHS, self.length})

    @property
    def subscription(self) -> Subscription:
        """The wish as it is remembered; the weekday only where it matters."""
        weekday = self.weekday if self.rhythm is Rhythm.WEEKLY else 0
        chosen = tuple(offer.label for offer in self.offers if offer.label in self.keywords)
        return Subscription(self.digest.name, chosen, self.rhythm, weekday, self.length)


class Catalogue:
    """The keywords that can be chosen; asked of the store again after a minute."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config, self._store = config, store
        self._key_of: Callable[[str], str] = compile_rules(config.keywords).key_of
        self._found: tuple[datetime, tuple[Offer, ...]] | None = None

    def offers(self, now: datetime) -> tuple[Offer, ...]:
        """Keywords with enough articles to have a page: the fullest, and then the others by the alphabet."""
        if self._found is None or not timedelta() <= now - self._found[0] < _FRESH:
            store = self._store
            counted = deserving(self._config.keywords, store.keyword_sources(), store.frequencies())
            offers = [
                Offer(keyword.label, self._key_of(keyword.label), keyword.slug, count)
                for keyword, count in counted[:_MOST]
            ]
            rest = sorted(offers[AHEAD:], key=lambda offer: sort_key(offer.label))
            self._found = now, (*offers[:AHEAD], *rest)
        return self._found[1]

    def of(self, digest: Digest, now: datetime, labels: Iterable[str] = ()) -> tuple[Offer, ...]:
        """What can be chosen of a digest, `labels` of old among it."""
        covered = {self._key_of(label) for label in digest.keywords}
        offers = [offer for offer in self.offers(now) if not covered or offer.key in covered]
        known = {offer.key for offer in offers}
        old = [Offer(label, self._key_of(label)) for label in labels]
        return (*offers, *(offer for offer in old if offer.key not in known))

    def shared(self, now: datetime) -> tuple[Offer, ...]:
        """What can be chosen of all digests together."""
        if not all(digest.keywords for digest in self._config.digest):
            return self.offers(now)
        found = {offer for digest in self._config.digest for offer in self.of(digest, now)}
        return tuple(offer for offer in self.offers(now) if offer in found)

    def alike(self, offers: Sequence[Offer], labels: Iterable[str]) -> frozenset[str]:
        """The labels of `offers` that mean the same as `labels`, which may be slugs too."""
        wanted = set(labels)
        keys = {self._key_of(label) for label in wanted}
        return frozenset(
            offer.label for offer in offers if (offer.slug and offer.slug in wanted) or offer.key in keys
        )

    def wishes(self, now: datetime, mine: Sequence[Subscription]) -> list[Wish]:
        """Every digest as a subscriber has it."""
        by_name = {one.digest: one for one in mine}
        return [self._wish(digest, by_name.get(digest.name), now) for digest in self._config.digest]

    def _wish(self, digest: Digest, mine: Subscription | None, now: datetime) -> Wish:
        if mine is None:
            return Wish(digest, self.of(digest, now), taken=False)
        offers = self.of(digest, now, mine.keywords)
        chosen = self.alike(offers, mine.keywords)
        return Wish(digest, offers, True, chosen, mine.rhythm, mine.weekday, mine.length)


def filled(wish: Wish, form: Form, catalogue: Catalogue, prefix: str = "") -> Wish:
    """A wish as somebody filled it in, in fields whose names begin with `prefix`; what cannot be is passed over."""
    rhythm, weekday, length = (_last(form, f"{prefix}{name}") for name in ("rhythm", "weekday", "length"))
    return replace(
        wish,
        keywords=catalogue.alike(wish.offers, form.get(f"{prefix}keyword", ())),
        rhythm=Rhythm(rhythm) if rhythm in list(Rhythm) else wish.rhythm,
        weekday=int(weekday) if weekday in _WEEKDAYS else wish.weekday,
        length=int(length) if length in map(str, wish.lengths) else wish.length,
    )


def _last(form: Form, name: str) -> str:
    return next(reversed(form.get(name, ("",))), "")


_WEEKDAYS = [str(day) for day in range(7)]
