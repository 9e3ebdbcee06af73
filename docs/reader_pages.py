"""Every page that readers see from the web server, as HTML, of a site that is made for it. For `pictures.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import httpx

from publisher.config import Config, Digest
from publisher.config.web import Web
from publisher.mailing import tokens
from publisher.model import Consent, Rhythm, Subscription
from publisher.render.confirmation import ConfirmationMail
from publisher.render.templates import Templates
from publisher.store import Store
from publisher.subscribing import Asked, subscribe
from publisher.web import Site, application

LANGUAGES = ("vi", "en")
ADDRESS = "mai.nguyen@example.com"
SECOND = Digest(name="security", title="An ninh trật tự tuần qua", schedule="0 8 * * SUN")
URL = "http://site.invalid/"


@dataclass(frozen=True)
class Page:
    """A page with the path at which it stands."""

    name: str
    path: str
    html: str


def with_web(config: Config) -> Config:
    """The site with reader pages and a second digest."""
    digests = (replace(config.digest[0], schedule="0 6,17 * * *"), SECOND)
    more = replace(config, web=Web(url=URL), digest=digests)
    object.__setattr__(more, "root", config.root)
    return more


@dataclass(frozen=True)
class Visit:
    """A visitor who asks an application, without a network between."""

    site: Site

    def page(self, name: str, language: str, method: str, path: str, **asked: object) -> Page:
        """What is answered in a language; a form in `data`."""

        async def ask() -> httpx.Response:
            through = httpx.ASGITransport(application(self.site))
            async with httpx.AsyncClient(transport=through, base_url=URL) as client:
                headers = {"accept-language": language}
                return await client.request(method, path, headers=headers, **asked)

        return Page(f"{name}-{language}", path.partition("?")[0], asyncio.run(ask()).text)


def pages(config: Config, now: datetime) -> Iterator[Page]:
    """Each page in each language, in the order in which a reader comes by them."""
    store = Store.open(config.database_at)
    templates = Templates(config.templates_folder, config.site.language, config.zone)
    visit = Visit(Site(config, store, templates, lambda: now, lambda: None, lambda: None, store.secret()))
    asked = _asked(store, now)
    for language in LANGUAGES:
        yield from _asking(visit, language, now)
        mail = ConfirmationMail(config, templates)
        html = mail.compose(asked.choices, language, f"{URL}confirm/x", asked.until)[1]
        yield Page(f"confirmation-mail-{language}", "/mail", html)
    yield from _behind_links(visit, asked, now)
    yield replace(visit.page("index", "vi", "GET", "/"), name="index")


def _asked(store: Store, now: datetime) -> Asked:
    chosen = (
        Subscription("daily", ("Công an", "Kiến An"), Rhythm.WEEKLY, 5, 10),
        Subscription("security"),
    )
    return subscribe(store, ADDRESS, chosen, Consent(now, "form"), now, "vi")


def _asking(visit: Visit, language: str, now: datetime) -> Iterator[Page]:
    mark = tokens.sign(visit.site.secret, "form", 0, now=now)
    form = {"form": mark, "address": ADDRESS, "digest": "daily", "keyword": "kien-an"}
    wrong, old, right = (
        {**form, **more}
        for more in ({"address": "mai@", "digest": ""}, {"form": "0"}, {"address": "lan@example.com"})
    )
    yield visit.page("subscribe", language, "GET", "/subscribe?keyword=kien-an")
    yield visit.page("subscribe-wrong", language, "POST", "/subscribe", data=wrong)
    yield visit.page("subscribe-again", language, "POST", "/subscribe", data=old)
    yield visit.page("subscribe-sent", language, "POST", "/subscribe", data=right)
    yield visit.page("problem", language, "PUT", "/subscribe")
    yield visit.page("notfound", language, "GET", "/nowhere")


def _behind_links(visit: Visit, asked: Asked, now: datetime) -> Iterator[Page]:
    secret, read = visit.site.secret, tokens.read(visit.site.secret, "confirm", asked.token, now)
    number = read.subscriber if read else 0
    confirm, mine = f"/confirm/{asked.token}", f"/preferences/{tokens.sign(secret, 'preferences', number)}"
    one = f"/unsubscribe/{tokens.sign(secret, 'unsubscribe', number, 'daily')}"
    every = f"/unsubscribe/{tokens.sign(secret, 'unsubscribe', number)}"
    saved = {"digest": "daily", "daily.rhythm": "weekly", "daily.weekday": "5", "daily.keyword": "cong-an"}
    steps = [
        ("link-broken", "GET", confirm[:-3], None),
        ("confirm", "GET", confirm, None),
        ("confirm-done", "POST", confirm, None),
        ("preferences", "GET", mine, None),
        ("unsubscribe", "GET", one, None),
        ("preferences-saved", "POST", mine, saved),
        ("preferences-none", "POST", mine, {"digest": ""}),
        ("unsubscribe-done", "POST", one, None),
        ("unsubscribe-all", "POST", every, None),
        ("preferences-closed", "GET", mine, None),
    ]
    for name, method, path, form in steps:
        for language in LANGUAGES:
            yield visit.page(name, language, method, path, data=form)
