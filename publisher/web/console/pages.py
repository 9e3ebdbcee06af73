"""Pages to look at: what happened, what comes next, and what is on its way."""

from __future__ import annotations

from datetime import datetime, timedelta

from starlette.responses import Response

from publisher import addresses, inspection
from publisher.model import DeliveryState, EditionFigures, Facts
from publisher.store.figures.editions import TROUBLE
from publisher.timetable import Timetable
from publisher.web.console import views
from publisher.web.console.charts import Chart
from publisher.web.console.desk import ON_A_PAGE, Desk, Visit, cut_to_sheet
from publisher.web.fetchers import KEPT

DAYS, WEEKS, EDITIONS = 30, 26, 30
"""How far back charts go."""
_LAST = 5
_RECENT = 20


class Pages:
    """The pages of one site."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._store, self._config = desk, desk.store, desk.config

    def overview(self, visit: Visit) -> Response:
        """What happened, what comes next, and what needs a person."""
        store = self._store
        editions, runs = store.editions(max(EDITIONS, _RECENT)), store.last_runs(_LAST)
        troubles = store.trouble_counts()
        begun, facts = _days_back(visit.now, DAYS), self._facts()
        return self._desk.page(
            visit,
            "overview",
            workers=facts.workers,
            queues=facts.queues,
            labour=facts.labour,
            needs=views.needs(
                store.held_editions(),
                views.recent(editions, visit.now),
                troubles.get("waiting", 0),
                store.fault_count(),
                runs[0] if runs else None,
                views.wrong(facts, self._config.notices),
            ),
            upcoming=self._upcoming(visit.now),
            editions=[views.Mailing(each) for each in editions[:_LAST]],
            runs=runs,
            states=store.subscriber_states(),
            articles=store.article_count(),
            readers=sum(each.readers for each in store.fetchers(visit.now - KEPT)),
            sent=store.sent_since(visit.now - timedelta(days=1)),
            sent_chart=views.sent_chart(editions[:EDITIONS]),
            articles_chart=views.articles_chart(store.published(begun, visit.offset), visit.today, DAYS),
            people_chart=self.people_chart(visit),
        )

    def people_chart(self, visit: Visit) -> Chart:
        """Who came and who went."""
        begun = _days_back(visit.now, 7 * WEEKS)
        return views.people_chart(self._store.happened(begun, visit.offset), visit.today, WEEKS)

    def runs(self, visit: Visit) -> Response:
        """Every run that changed something, with its figures."""
        found = self._store.last_runs(ON_A_PAGE + 1, (visit.page - 1) * ON_A_PAGE)
        runs, sheet = cut_to_sheet(found, visit.page)
        return self._desk.page(visit, "runs", runs=runs, sheet=sheet)

    def editions(self, visit: Visit) -> Response:
        """Every edition with how far its deliveries have come."""
        found = self._store.editions(ON_A_PAGE + 1, (visit.page - 1) * ON_A_PAGE)
        editions, sheet = cut_to_sheet(found, visit.page)
        mailings = [views.Mailing(each) for each in editions]
        total = self._store.edition_count()
        return self._desk.page(
            visit,
            "editions",
            editions=mailings,
            sheet=sheet,
            total=total,
            sent_chart=views.sent_chart(editions),
        )

    def edition(self, visit: Visit) -> Response:
        """One edition: its figures, what can be done, and its deliveries in trouble."""
        number = visit.number
        figures = self._store.edition_figures(number)
        if figures is None:
            return self.absent(visit)
        found = self._store.troubled(edition=number, most=ON_A_PAGE + 1, skip=(visit.page - 1) * ON_A_PAGE)
        troubled, sheet = cut_to_sheet(found, visit.page)
        return self._desk.page(
            visit,
            "edition",
            mailing=views.Mailing(figures),
            troubled=troubled,
            sheet=sheet,
            waiting=self._store.trouble_counts(number).get("waiting", 0),
            page_url=self._page_of(figures),
        )

    def deliveries(self, visit: Visit) -> Response:
        """Deliveries that did not simply arrive."""
        asked = visit.asked("state")
        state = DeliveryState(asked) if asked in TROUBLE else None
        found = self._store.troubled(state, most=ON_A_PAGE + 1, skip=(visit.page - 1) * ON_A_PAGE)
        troubled, sheet = cut_to_sheet(found, visit.page)
        return self._desk.page(
            visit,
            "deliveries",
            troubled=troubled,
            sheet=sheet,
            counts=self._store.trouble_counts(),
            state=str(state or ""),
            states=[str(each) for each in TROUBLE],
        )

    def quarantine(self, visit: Visit) -> Response:
        """Seeds that could not be read, each with the reason."""
        found = self._store.faults(ON_A_PAGE + 1, (visit.page - 1) * ON_A_PAGE)
        faults, sheet = cut_to_sheet(found, visit.page)
        return self._desk.page(
            visit,
            "quarantine",
            faults=faults,
            sheet=sheet,
            total=self._store.fault_count(),
            seeds=self._config.seeds.path,
        )

    def absent(self, visit: Visit) -> Response:
        """What stands at an address where nothing is."""
        return self._desk.page(visit, "problem", status=404, what="absent")

    def _facts(self) -> Facts:
        site = self._desk.site
        return site.facts() if site.facts else inspection.facts(self._config, self._store, site.clock())

    def _upcoming(self, now: datetime) -> list[tuple[str, datetime, str]]:
        """Each schedule with its next moment, and why what comes then will be held."""
        return [
            (name, moment, self._store.held_next(name.removeprefix("digest ")) if name != "feeds" else "")
            for name, moment in Timetable.of(self._config).upcoming(now)
        ]

    def _page_of(self, figures: EditionFigures) -> str:
        return (
            addresses.absolute(self._config.site.url, figures.page)
            if self._config.output.base == "full"
            else ""
        )


def _days_back(now: datetime, days: int) -> datetime:
    """The beginning of the first of so many days of which `now` is in the last."""
    return now.replace(hour=0, minute=0, second=0) - timedelta(days=days - 1)
