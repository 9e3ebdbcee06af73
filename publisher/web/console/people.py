"""Subscribers in numbers, one of them by his address, and what readers read: feeds and keywords."""

from __future__ import annotations

from starlette.responses import Response

from publisher import mailboxes
from publisher.keywords.suggestions import phrases_of, suggestions
from publisher.planning.deserving import deserving, fullest_first
from publisher.web.console import views
from publisher.web.console.desk import ON_A_PAGE, Desk, Visit, cut_to_sheet
from publisher.web.console.notices import Notice
from publisher.web.console.pages import Pages
from publisher.web.fetchers import KEPT
from publisher.web.guards.bodies import Form, first

_HISTORY = 200
_DELIVERIES = 25


class People:
    """The pages of one site about its readers."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk, self._pages, self._store, self._config = desk, pages, desk.store, desk.config

    def subscribers(self, visit: Visit) -> Response:
        """How many there are in each state, and how they came and went."""
        return self._desk.page(
            visit,
            "subscribers",
            states=self._store.subscriber_states(),
            people_chart=self._pages.people_chart(visit),
        )

    def search(self, visit: Visit, form: Form) -> Response:
        """The way to one subscriber; an address stands in no address of a page."""
        number = self._number_of(first(form, "address"))
        if number is None:
            return self._desk.done(visit, Notice("nobody", bad=True), "subscribers")
        return self._desk.away(f"subscribers/{number}")

    def subscriber(self, visit: Visit) -> Response:
        """One subscriber: what he gets, what happened to him, and his last deliveries."""
        number = visit.number
        person = self._store.subscriber(number)
        if person is None:
            return self._pages.absent(visit)
        deliveries = self._store.deliveries_of(number)[:_DELIVERIES]
        return self._desk.page(
            visit,
            "subscriber",
            person=person,
            history=self._store.subscriber_history(number)[: -_HISTORY - 1 : -1],
            deliveries=deliveries,
            subjects=self._store.subjects([each.number for each in deliveries]),
        )

    def feeds(self, visit: Visit) -> Response:
        """Every feed with its addresses, and its readers as far as services tell."""
        sources, frequencies = self._store.keyword_sources(), self._store.frequencies()
        keywords = [key for key, _ in deserving(self._config.keywords, sources, frequencies)]
        lines = views.feed_lines(self._config, keywords, self._store.fetchers(visit.now - KEPT))
        start = (visit.page - 1) * ON_A_PAGE
        some, sheet = cut_to_sheet(lines[start : start + ON_A_PAGE + 1], visit.page)
        total = sum(line.readers for line in lines)
        return self._desk.page(
            visit, "feeds", feeds=some, sheet=sheet, readers=total, count=len(lines), days=KEPT.days
        )

    def keywords(self, visit: Visit) -> Response:
        """Every keyword with its articles by source, and topics that could be."""
        found = fullest_first(self._store.keyword_sources())
        start = (visit.page - 1) * ON_A_PAGE
        some, sheet = cut_to_sheet(found[start : start + ON_A_PAGE + 1], visit.page)
        by_label = [(keyword.label, sources) for keyword, sources in found]
        made = suggestions(by_label, phrases_of(self._config.keywords)) if visit.page == 1 else []
        return self._desk.page(
            visit, "keywords", keywords=some, sheet=sheet, count=len(found), suggestions=made
        )

    def _number_of(self, address: str) -> int | None:
        if mailboxes.fault_in_mailbox(address.strip()):
            return None
        person = self._store.subscriber_with_key(mailboxes.key_of(address.strip()))
        return person.number if person else None
