"""The next edition before it is due: to look at as a subscriber would see it, to send as a test, to hold."""

from __future__ import annotations

import logging

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from publisher import mailboxes, rehearsal
from publisher.config import Digest
from publisher.errors import PublisherError, UsageError
from publisher.mailing.outgoing import Fate
from publisher.model import HELD_BY_HAND
from publisher.timetable import Timetable
from publisher.web.console.desk import HEADERS, Desk, Visit, number_in
from publisher.web.console.notices import Notice
from publisher.web.console.pages import Pages
from publisher.web.guards.bodies import Form, first
from publisher.web.guards.origins import origin_of

_LOG = logging.getLogger(__name__)


class Rehearsals:
    """The pages of one site about editions that are yet to come."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk, self._pages, self._store, self._config = desk, pages, desk.store, desk.config

    def first(self, visit: Visit) -> Response:
        """The first digest."""
        for digest in self._config.digest:
            return self._desk.away(f"preview/{digest.name}")
        return self._desk.page(visit, "problem", status=404, what="no digest")

    def preview(self, visit: Visit) -> Response:
        """A frame with the next edition, and what can be done with it."""
        digest = self._digest(visit)
        if digest is None:
            return self._pages.absent(visit)
        person = self._store.subscriber(number_in(visit.asked("for")))
        due = Timetable.of(self._config).following(f"digest {digest.name}", visit.now)
        return self._desk.page(
            visit,
            "preview",
            digest=digest,
            person=person,
            due=due,
            held=self._store.held_next(digest.name),
            test_to=mailboxes.parted(self._config.mail.sender)[1],
        )

    def choose(self, visit: Visit, form: Form) -> Response:
        """As whom to look at it: the way to a page with a number in the place of the address."""
        digest = self._digest(visit)
        if digest is None:
            return self._pages.absent(visit)
        address, place = first(form, "address").strip(), f"preview/{digest.name}"
        if not address:
            return self._desk.away(place)
        fault = mailboxes.fault_in_mailbox(address)
        person = None if fault else self._store.subscriber_with_key(mailboxes.key_of(address))
        if person is None:
            return self._desk.done(visit, Notice("nobody", bad=True), place)
        return self._desk.away(f"{place}?for={person.number}")

    def mail(self, visit: Visit) -> Response:
        """The mail itself, for the frame: nothing in it runs, and it can load nothing from elsewhere."""
        return self._shown(visit, 0)

    def text(self, visit: Visit) -> Response:
        """Its text part."""
        return self._shown(visit, 1)

    def test(self, visit: Visit, form: Form) -> Response:
        """Send it to one address, marked as a test."""
        digest = self._digest(visit)
        if digest is None:
            return self._pages.absent(visit)
        address = first(form, "address").strip()
        facts = {"address": address[:254], "digest": digest.title}
        try:
            outcome = rehearsal.send_test(
                self._config, self._store, self._desk.site.clock(), digest.name, address
            )
        except PublisherError as error:
            notice = Notice("test failed", {**facts, "why": "; ".join(error.lines)}, bad=True)
        else:
            sent = outcome.fate is Fate.SENT
            why = " ".join(filter(None, [str(outcome.code or ""), outcome.answer]))
            notice = Notice("test sent" if sent else "test failed", {**facts, "why": why}, bad=not sent)
        _LOG.info("console: a test", extra={"digest": digest.name, "sent": not notice.bad})
        return self._desk.done(visit, notice, f"preview/{digest.name}")

    def hold(self, visit: Visit, _form: Form) -> Response:
        """Hold the next edition when it is recorded."""
        return self._keep(visit, HELD_BY_HAND, "next held")

    def release(self, visit: Visit, _form: Form) -> Response:
        """Let it go out after all."""
        return self._keep(visit, "", "next released")

    def _keep(self, visit: Visit, reason: str, what: str) -> Response:
        digest = self._digest(visit)
        if digest is None:
            return self._pages.absent(visit)
        self._store.hold_next(digest.name, reason)
        _LOG.info("console: %s", what, extra={"digest": digest.name})
        return self._desk.done(visit, Notice(what, {"digest": digest.title}), f"preview/{digest.name}")

    def _shown(self, visit: Visit, form: int) -> Response:
        digest = self._digest(visit)
        if digest is None:
            return self._pages.absent(visit)
        person = self._store.subscriber(number_in(visit.asked("for")))
        headers = {**HEADERS, "Content-Security-Policy": self._policy(), "X-Frame-Options": "SAMEORIGIN"}
        try:
            found = rehearsal.rehearse(
                self._config,
                self._store,
                self._desk.site.clock(),
                digest.name,
                person.address if person else "",
            )
            content = found.shown()[form]
        except UsageError:
            return HTMLResponse(self._nothing(visit, digest), 200, headers)
        except PublisherError as error:
            return PlainTextResponse("\n".join(error.lines), 200, headers)
        return PlainTextResponse(content, 200, headers) if form else HTMLResponse(content, 200, headers)

    def _nothing(self, visit: Visit, digest: Digest) -> str:
        return self._desk.words(visit.language, "nothing.html", digest=digest)

    def _policy(self) -> str:
        return (
            f"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data: {origin_of(self._config.site.url)}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups"
        )

    def _digest(self, visit: Visit) -> Digest | None:
        name = visit.request.path_params["digest"]
        return next((digest for digest in self._config.digest if digest.name == name), None)
