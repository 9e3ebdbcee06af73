"""What is remembered. `Store` is the only door: questions in, nouns of `publisher.model` out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from publisher.model import (
    Article,
    DocumentRecord,
    Edition,
    Frequencies,
    Keyword,
    Known,
    Ping,
    Plan,
    RunFigures,
    SeedRecord,
)
from publisher.store import database, known, ledger, phrases, pings, postgres, record, spellings, tables
from publisher.store.deliveries import Deliveries, OpenLedger
from publisher.store.excerpts import Excerpts
from publisher.store.figures import Figures
from publisher.store.ledger import Settled, Strike
from publisher.store.subscribers import Subscribers, joining
from publisher.store.visitors import Visitors

__all__ = ["Excerpts", "OpenLedger", "Settled", "Store", "Strike"]


class Store(Deliveries, Subscribers, Figures, Visitors):
    """The database of one site. Every method is one transaction, unless it says otherwise."""

    @classmethod
    def open(cls, place: Path | str, *, often: bool = False) -> Store:
        """Open a file, or a URL of PostgreSQL, for writing (`publisher.errors.StoreError`).

        Makes the tables where there are none. An older file is upgraded; an older schema of a server is
        refused, since other machines may be at work with it. Who asks `often` keeps the file open between questions.
        """
        if isinstance(place, Path):
            return cls(database.open_file(place, often=often))
        return cls(postgres.open_url(place))

    @staticmethod
    def upgrade(place: Path | str) -> None:
        """Make the tables, or bring them up to date (`publisher.errors.StoreError`)."""
        if isinstance(place, Path):
            database.open_file(place)
        else:
            postgres.upgrade_url(place)

    @classmethod
    @contextmanager
    def read_only(cls, place: Path | str) -> Iterator[Store]:
        """Open without changing a byte; a store that remembers nothing where there is no database yet."""
        if not isinstance(place, Path):
            with postgres.reading(place) as found:
                yield cls(found)
        elif not place.exists():
            yield cls(None)
        else:
            with database.reading(place) as engine:
                yield cls(engine)

    @classmethod
    @contextmanager
    def rehearsal(cls, place: Path | str) -> Iterator[Store]:
        """Open for what is seen while it is done, and never was."""
        if isinstance(place, Path):
            with database.copied(place) as copy:
                yield cls.open(copy)
        else:
            with postgres.rehearsed(place) as engine:
                yield cls(engine)

    def fault(self) -> str:
        """Why the database does not answer; empty where it does."""
        return database.fault_of(self._engine) if self._engine else ""

    def known(self) -> Known:
        """All that one run needs to decide."""
        if self._engine is None:
            return Known()
        with self._reading() as connection:
            return known.known(connection)

    @contextmanager
    def excerpts(self) -> Iterator[Excerpts | None]:
        """Questions about a part of what is remembered; none where nothing is."""
        if self._engine is None:
            yield None
            return
        with self._reading() as connection:
            yield Excerpts(connection)

    def had(self, digest: str) -> dict[str, datetime]:
        """The `updated` that each article of a digest had when an edition had it last, or corrected it."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return known.had(connection, digest)

    def seeds_of(self, articles: Collection[str]) -> dict[str, SeedRecord]:
        """The seeds of these articles by path."""
        with self._reading() as connection:
            return Excerpts(connection).seeds_of(articles)

    def known_setting(self, key: str) -> str:
        """One setting of the site; empty where it was never made."""
        with self._transaction() as connection:
            query = select(tables.setting.c.value).where(tables.setting.c.key == key)
            return str(connection.execute(query).scalar() or "")

    def articles(self, ids: Sequence[str]) -> dict[str, Article]:
        """Whole articles by id; ids that are not known are missing."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return {article.id: article for article in known.articles(connection, ids)}

    def outlines(self, ids: Sequence[str]) -> dict[str, Article]:
        """The same without blocks, which lists do without."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return {article.id: article for article in known.outlines(connection, ids)}

    def phrases(self, articles: Sequence[str]) -> dict[str, str]:
        """What was found in the text of these articles by id (`publisher.model.Plan`)."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return phrases.of(connection, articles)

    def holding(self, keys: Set[str]) -> list[str]:
        """The articles in whose texts any of these phrases was found, by id."""
        if self._engine is None:
            return []
        with self._reading() as connection:
            return phrases.holding(connection, keys)

    def spelled(self, articles: Sequence[str]) -> list[tuple[str, str]]:
        """The keywords of these articles, as far as they live, each with how the article spells it."""
        if self._engine is None:
            return []
        with self._reading() as connection:
            return spellings.of_articles(connection, articles)

    def spellings(self, slugs: Sequence[str]) -> dict[str, dict[str, int]]:
        """How many living articles have each spelling of these keywords, by slug."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return spellings.of_keywords(connection, slugs)

    def given(self) -> dict[str, int]:
        """How many living articles are given each keyword, by slug."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return phrases.given(connection)

    def frequencies(self) -> Frequencies:
        """How many texts hold the keywords."""
        if self._engine is None:
            return Frequencies()
        with self._reading() as connection:
            return phrases.frequencies(connection)

    def frequencies_of(self, keys: Sequence[str]) -> dict[str, int]:
        """How many texts hold each of these phrases; those that none holds are missing."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return phrases.frequencies_of(connection, keys)

    def edition(self, identity: str) -> Edition:
        """One recorded edition."""
        with self._transaction() as connection:
            return next(edition for edition in known.editions(connection) if edition.id == identity)

    def record(
        self,
        plan: Plan,
        recipients: Mapping[str, Collection[str]],
        with_it: Callable[[Any], None] | None = None,
    ) -> None:
        """Remember a plan and its editions with their deliveries, at once.

        `recipients` are the owner's lists of digests, with which the lists here are brought in line before. What
        `with_it` does on the driver's connection belongs to the same transaction.
        """
        with self._transaction() as connection:
            record.decisions(connection, plan)
            for planned in plan.editions:
                digest = planned.edition.digest
                joining.sync_owner_list(connection, digest, recipients.get(digest, ()), plan.now)
                record.edition(connection, planned)
            if with_it:
                with_it(connection.connection.driver_connection)

    def record_settings(self, values: dict[str, str]) -> None:
        """Remember settings of the site."""
        with self._transaction() as connection:
            record.settings(connection, values)

    def record_documents(
        self,
        written: Sequence[DocumentRecord],
        removed: Sequence[str],
        news: Sequence[Ping] = (),
        left_out: Sequence[SeedRecord] = (),
    ) -> None:
        """Remember the files that stand in the output now, and the hubs that are to be told of them.

        A ping that stands already is due again, with no attempts. `left_out` are seeds whose articles no
        feed among the files could carry, each with its fault.
        """
        with self._transaction() as connection:
            record.documents(connection, written, removed)
            pings.record(connection, news)
            record.seeds(connection, left_out)

    def record_run(self, figures: RunFigures) -> None:
        """Keep the figures of a run."""
        with self._transaction() as connection:
            record.run(connection, figures)

    def open_pings(self, now: datetime) -> list[Ping]:
        """Pings whose moment has come."""
        if self._engine is None:
            return []
        with self._reading() as connection:
            return list(pings.waiting(connection, now))

    def next_errand(self, now: datetime) -> datetime | None:
        """The first moment after `now` at which a delivery or a ping that waits is due."""
        with self._transaction() as connection:
            found = ledger.soonest(connection, now), pings.soonest(connection, now)
        return min((moment for moment in found if moment), default=None)

    def waiting_pings(self) -> list[Ping]:
        """Every ping that was not taken yet, the soonest first."""
        if self._engine is None:
            return []
        with self._reading() as connection:
            return list(pings.waiting(connection))

    def begin_pings(self, leaving: Sequence[Ping]) -> list[Ping]:
        """Count an attempt for pings that are about to leave; they are settled as they come back from here."""
        with self._transaction() as connection:
            return pings.begin(connection, leaving)

    def finish_pings(self, done: Sequence[Ping]) -> None:
        """Forget pings that were taken or given up, unless they became due anew since they left."""
        with self._transaction() as connection:
            pings.finish(connection, done)

    def postpone_pings(self, later: Sequence[Ping]) -> None:
        """Try pings again at their `due`, unless they became due anew since they left."""
        with self._transaction() as connection:
            pings.postpone(connection, later)

    def drop_pings(self, hubs: Collection[str]) -> None:
        """Forget every ping of hubs that left the configuration."""
        with self._transaction() as connection:
            pings.drop(connection, hubs)

    def keyword_sources(self) -> list[tuple[Keyword, dict[str, int]]]:
        """Every keyword with its living articles by where it came from, the fullest first."""
        if self._engine is None:
            return []
        with self._reading() as connection:
            return known.keyword_sources(connection)

    def keyword_spans(self) -> dict[str, tuple[datetime, datetime]]:
        """The dates of the first and of the last living article under each keyword, by slug."""
        if self._engine is None:
            return {}
        with self._reading() as connection:
            return known.keyword_spans(connection)

    def withdrawn(self, page: str) -> bool:
        """Whether an article stood at this page (`publisher.addresses.article`) that was withdrawn."""
        if self._engine is None:
            return False
        with self._reading() as connection:
            return known.withdrawn(connection, page)
