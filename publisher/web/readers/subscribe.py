"""The page on which readers ask for mail. What it answers is the same whether or not an address is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from publisher import mailboxes, subscribing
from publisher.confirmations import Confirmations
from publisher.mailing import tokens
from publisher.model import Consent, Subscription
from publisher.web.guards.bodies import Form, first, form_of
from publisher.web.guards.limits import Limit, network_of
from publisher.web.guards.origins import Source, origin_of, source_of
from publisher.web.readers.choices import Catalogue, Wish, filled
from publisher.web.readers.outbox import Outbox
from publisher.web.readers.pages import ReaderPages
from publisher.web.site import Site

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_LONGEST = 320
"""Characters of an address that is looked at."""


class Subscribe:
    """Shows the form, and takes it."""

    def __init__(self, site: Site, pages: ReaderPages, catalogue: Catalogue) -> None:
        web = site.config.web
        self._site, self._pages, self._catalogue = site, pages, catalogue
        self.outbox = Outbox(site.config, Confirmations(site.config, site.templates), site.clock)
        self._own = {origin_of(url) for url in (web.url, site.config.site.url)}
        self._by_network = Limit(web.attempts_per_network, _HOUR)
        self._by_address = Limit(web.confirmations_per_address, _DAY)
        self._in_all = Limit(web.confirmations_per_hour, _HOUR)
        self._tidied: datetime | None = None
        self._empty: dict[str, tuple[datetime, Response]] = {}

    async def show(self, request: Request) -> Response:
        """The form; `keyword` and `digest` of the address are chosen in it. An empty one is kept for a minute."""
        asked = {name: request.query_params.getlist(name) for name in ("keyword", "digest")}
        language, now = self._pages.language(request), self._site.clock()
        if request.query_params.keys() - {"lang"}:
            return await self._form(request, asked, language)
        made, answer = self._empty.get(language, (now, None))
        if answer is None or not timedelta() <= now - made < _MINUTE:
            answer = await self._form(request, {}, language)
            self._empty[language] = now, answer
        return answer

    async def take(self, request: Request) -> Response:
        """Note what somebody asks for and write to him; without our own form's mark, show the form filled in."""
        form = await form_of(request)
        language, now = self._pages.language(request), self._site.clock()
        source = source_of(request.headers, self._own)
        mark = tokens.read(self._site.secret, "form", first(form, "form"), now, _DAY)
        if source is Source.FOREIGN or mark is None:
            late = bool(first(form, "form"))
            return await self._form(request, form, language, again=late or source is Source.FOREIGN)
        address = first(form, "address").strip()[:_LONGEST]
        wishes = await run_in_threadpool(self._wishes, form, now)
        faults = list(_faults(address, wishes))
        if faults:
            return await self._form(request, form, language, faults=faults, status=422)
        client = request.client.host if request.client else ""
        if wait := self._by_network.wait(network_of(client), now):
            return _later(await self._pages.answer(request, "busy", language, status=429), wait)
        return await self._asked(request, form, language, address, [wish.subscription for wish in wishes])

    async def tidy(self) -> None:
        """Forget strangers who never confirmed, once a day."""
        now = self._site.clock()
        if self._tidied is None or now - self._tidied >= _DAY:
            self._tidied = now
            await run_in_threadpool(subscribing.forget, self._site.store, now)

    async def _asked(
        self, request: Request, form: Form, language: str, address: str, choices: Sequence[Subscription]
    ) -> Response:
        now = self._site.clock()
        # Asked first: where no mail can leave, nobody's own share is spent, or shows.
        if wait := self._in_all.ahead("", now):
            return _later(await self._pages.answer(request, "busy", language, status=429), wait)
        # Somebody who was written to often today gets the same answer, and no mail.
        if not self._by_address.wait(mailboxes.key_of(mailboxes.parted(address)[1]), now):
            self._in_all.wait("", now)
            letters = self._language_of_mails(form, language)
            consent = Consent(now, "form", self._pages.words(language, "consent"))
            await self.tidy()
            asked = await run_in_threadpool(
                subscribing.subscribe, self._site.store, address, choices, consent, now, letters
            )
            if asked.mail:
                self.outbox.put(asked)
        return await self._pages.answer(request, "sent", language, address=address)

    def _language_of_mails(self, form: Form, language: str) -> str:
        chosen = first(form, "letters")
        return chosen if chosen in self._pages.choice else language

    def _wishes(self, form: Form, now: datetime) -> list[Wish]:
        """What was asked for: the same keywords and rhythm of each digest that was chosen."""
        chosen, digests = form.get("digest", ()), self._site.config.digest
        common = self._catalogue.shared(now)
        return [
            filled(Wish(digest, common), form, self._catalogue)
            for digest in digests
            if digest.name in chosen or len(digests) == 1
        ]

    async def _form(
        self,
        request: Request,
        form: Form,
        language: str,
        *,
        faults: Sequence[str] = (),
        again: bool = False,
        status: int = 200,
    ) -> Response:
        now = self._site.clock()
        common = await run_in_threadpool(self._catalogue.shared, now)
        digests = self._site.config.digest
        wish = filled(Wish(digests[0], common), form, self._catalogue)
        return await self._pages.answer(
            request,
            "subscribe",
            language,
            status=status,
            address=first(form, "address").strip()[:_LONGEST],
            digests=digests,
            chosen=set(form.get("digest", ())) or {digests[0].name},
            wish=wish,
            letters=self._language_of_mails(form, language),
            mark=tokens.sign(self._site.secret, "form", 0, now=now),
            faults=faults,
            again=again,
        )


def _faults(address: str, wishes: Sequence[Wish]) -> Iterator[str]:
    """The names of the fields that are wrong."""
    if mailboxes.fault_in_mailbox(address):
        yield "address"
    if not wishes:
        yield "digest"


def _later(answer: Response, wait: timedelta) -> Response:
    answer.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
    return answer
