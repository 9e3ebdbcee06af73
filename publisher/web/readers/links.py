"""Pages behind the links of mails. A GET changes nothing, whoever follows links before the reader does.

A link is a key to one reader's affairs: what a form sends from behind it needs no other proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from publisher import subscribing
from publisher.mailing import tokens
from publisher.model import Subscriber, SubscriberState, Subscription
from publisher.subscribing import Answer, Outcome
from publisher.web.guards.bodies import body_of, first, form_of
from publisher.web.readers.choices import Catalogue, filled
from publisher.web.readers.pages import ReaderPages
from publisher.web.site import Site

_STATUS = {Outcome.INVALID: 404, Outcome.EXPIRED: 410}
_ONE_CLICK = 64 << 10
"""Octets that a mail reader may send with its one click."""


class Links:
    """Answers what is asked behind tokens."""

    def __init__(self, site: Site, pages: ReaderPages, catalogue: Catalogue) -> None:
        self._site, self._pages, self._catalogue = site, pages, catalogue

    async def show_confirm(self, request: Request) -> Response:
        """Ask for one more click: programs that look at mails follow links too."""
        token, now = request.path_params["token"], self._site.clock()
        read = tokens.read(self._site.secret, "confirm", token, now)
        fresh = tokens.read(self._site.secret, "confirm", token, now, subscribing.LIFETIME)
        outcome = "ask" if fresh else Outcome.EXPIRED if read else Outcome.INVALID
        return await self._answer(request, "confirm", outcome)

    async def confirm(self, request: Request) -> Response:
        """Do what was asked for."""
        await body_of(request, _ONE_CLICK)
        token, now = request.path_params["token"], self._site.clock()
        answer = await run_in_threadpool(subscribing.confirm, self._site.store, token, now)
        return await self._answer(request, "confirm", answer.outcome, answer.subscriber)

    async def show_unsubscribe(self, request: Request) -> Response:
        """Ask for one more click."""
        token, now = request.path_params["token"], self._site.clock()
        read = tokens.read(self._site.secret, "unsubscribe", token, now)
        if read is None:
            return await self._leaving(request, Outcome.INVALID, "", None)
        subscriber = await run_in_threadpool(self._site.store.subscriber, read.subscriber)
        digest = "".join(read.parts[:1])
        on = subscriber is not None and subscriber.state is SubscriberState.ACTIVE
        on = on and (not digest or digest in _names(subscriber))
        return await self._leaving(request, "ask" if on else Outcome.ALREADY, digest, subscriber)

    async def unsubscribe(self, request: Request) -> Response:
        """Take somebody off, at once: his click here, or that of his mail reader (RFC 8058, section 3.2).

        Whatever the body says, or none: nobody who wants to leave is asked for the right words.
        """
        await body_of(request, _ONE_CLICK)
        token, now = request.path_params["token"], self._site.clock()
        read = tokens.read(self._site.secret, "unsubscribe", token, now)
        answer = await run_in_threadpool(subscribing.unsubscribe, self._site.store, token, now)
        digest = "".join(read.parts[:1]) if read else ""
        return await self._leaving(request, answer.outcome, digest, answer.subscriber)

    async def show_preferences(self, request: Request) -> Response:
        """What somebody gets, as a form."""
        token, now = request.path_params["token"], self._site.clock()
        answer = await run_in_threadpool(subscribing.preferences, self._site.store, token, now)
        return await self._preferences(request, answer, saved=False)

    async def change(self, request: Request) -> Response:
        """Bring what somebody gets to what the form says."""
        form = await form_of(request)
        token, now = request.path_params["token"], self._site.clock()
        before = await run_in_threadpool(subscribing.preferences, self._site.store, token, now)
        if before.outcome is not Outcome.DONE or before.subscriber is None:
            return await self._preferences(request, before, saved=False)
        mine = before.subscriber.subscriptions
        wishes = await run_in_threadpool(self._catalogue.wishes, now, mine)
        chosen = form.get("digest", ())
        choices = [
            filled(wish, form, self._catalogue, f"{wish.digest.name}.").subscription
            for wish in wishes
            if wish.digest.name in chosen
        ]
        if not choices:
            return await self._preferences(request, before, saved=False, nothing=True)
        left = {digest.name for digest in self._site.config.digest}
        choices += [one for one in mine if one.digest not in left]  # nobody could choose these here
        letters = first(form, "letters")
        language = letters if letters in self._pages.choice else before.subscriber.language
        answer = await run_in_threadpool(subscribing.change, self._site.store, token, choices, language, now)
        return await self._preferences(request, answer, saved=True)

    async def _preferences(
        self, request: Request, answer: Answer, *, saved: bool, nothing: bool = False
    ) -> Response:
        subscriber = answer.subscriber
        mine: Sequence[Subscription] = subscriber.subscriptions if subscriber else ()
        wishes = await run_in_threadpool(self._catalogue.wishes, self._site.clock(), mine)
        active = answer.outcome is Outcome.DONE and subscriber is not None
        return await self._answer(
            request,
            "preferences",
            answer.outcome,
            subscriber,
            wishes=wishes,
            saved=saved,
            nothing=nothing,
            address=subscriber.address if subscriber else "",
            letters=(subscriber.language if subscriber else "") or self._site.config.site.language,
            leave=self._sign("unsubscribe", subscriber) if active else "",
            status=422 if nothing else 0,
        )

    async def _leaving(
        self, request: Request, outcome: Outcome | str, digest: str, subscriber: Subscriber | None
    ) -> Response:
        titles = {one.name: one.title for one in self._site.config.digest}
        rest = _names(subscriber) - {digest}
        left = subscriber is not None and subscriber.state is SubscriberState.ACTIVE and rest
        return await self._answer(
            request,
            "unsubscribe",
            outcome,
            subscriber,
            title=titles.get(digest, ""),
            rest=[titles.get(name, name) for name in sorted(rest)] if digest and left else [],
            everything=self._sign("unsubscribe", subscriber) if digest and left else "",
        )

    async def _answer(
        self,
        request: Request,
        template: str,
        outcome: Outcome | str,
        subscriber: Subscriber | None = None,
        status: int = 0,
        **context: object,
    ) -> Response:
        language = self._pages.language(request)
        on = subscriber is not None and subscriber.state is SubscriberState.ACTIVE
        return await self._pages.answer(
            request,
            template,
            language,
            status=status or (_STATUS.get(outcome, 200) if isinstance(outcome, Outcome) else 200),
            outcome=str(outcome),
            preferences=self._sign("preferences", subscriber) if on else "",
            **context,
        )

    def _sign(self, purpose: str, subscriber: Subscriber | None) -> str:
        return tokens.sign(self._site.secret, purpose, subscriber.number) if subscriber else ""


def _names(subscriber: Subscriber | None) -> set[str]:
    return {one.digest for one in subscriber.subscriptions} if subscriber else set()
