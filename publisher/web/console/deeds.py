"""Buttons: each does one thing, says what was done, and leads to a page that can be loaded again without harm."""

from __future__ import annotations

import logging

from starlette.responses import Response

from publisher.model import HELD_BY_HAND
from publisher.web.console.desk import Desk, Visit, number_in
from publisher.web.console.notices import Notice
from publisher.web.console.pages import Pages
from publisher.web.guards.bodies import Form, first

_LOG = logging.getLogger(__name__)


class Deeds:
    """What the owner can do to the site."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk, self._pages, self._store = desk, pages, desk.store

    def run(self, visit: Visit, _form: Form) -> Response:
        """Ask for a run."""
        self._desk.site.wake()
        _LOG.info("console: a run was asked for")
        return self._desk.done(visit, Notice("run"), "")

    def hold(self, visit: Visit, _form: Form) -> Response:
        """Let what is left of an edition wait."""
        number = visit.number
        if self._store.edition_figures(number) is None:
            return self._pages.absent(visit)
        done = self._store.hold_edition(number, HELD_BY_HAND)
        _LOG.info("console: an edition was held", extra={"edition": number, "new": done})
        return self._desk.done(visit, Notice("held" if done else "held already"), f"editions/{number}")

    def release(self, visit: Visit, _form: Form) -> Response:
        """Let it go on, at once."""
        number = visit.number
        figures = self._store.edition_figures(number)
        if figures is None:
            return self._pages.absent(visit)
        done = self._store.release_edition(number, visit.now)
        if done:
            self._desk.site.wake()
        _LOG.info("console: an edition was released", extra={"edition": number, "new": done})
        notice = Notice("released", {"waiting": figures.waiting}) if done else Notice("released already")
        return self._desk.done(visit, notice, f"editions/{number}")

    def retry(self, visit: Visit, form: Form) -> Response:
        """Try again what failed of an edition, or one delivery; what may have arrived only where that is ticked."""
        number = visit.number
        if self._store.edition_figures(number) is None:
            return self._pages.absent(visit)
        one = number_in(first(form, "subscriber"))
        doubtful = form.get("uncertain") == ["yes"]
        taken = self._store.retry_edition(number, visit.now, subscriber=one, uncertain=doubtful)
        if taken:
            self._desk.site.wake()
        _LOG.info("console: deliveries are tried again", extra={"edition": number, "deliveries": taken})
        notice = Notice("retried", {"count": taken}) if taken else Notice("nothing to retry")
        return self._desk.done(visit, notice, f"editions/{number}")
