"""Every page that readers see from the web server, as HTML, of a site that is made for it. For `pictures.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.testclient import TestClient

from publisher.config import Config, Digest
from publisher.config.web import Web
from publisher.confirmations import Confirmations
from publisher.mailing import tokens
from publisher.model import Consent, Rhythm, Subscription
from publisher.render.templates import Templates
from publisher.store import Store
from publisher.subscribing import Asked, confirm, subscribe
from publisher.web import Site, application

LANGUAGES = ("vi", "en")
ADDRESS = "mai.nguyen@example.com"
DIGESTS = (
    Digest(name="daily", title="Tin sáng Kiến An", schedule="0 6,17 * * *"),
    Digest(name="security", title="An ninh trật tự tuần qua", schedule="0 8 * * SUN"),
)


@dataclass(frozen=True)
class Page:
    """A page with the path at which it stands."""

    name: str
    path: str
    html: str


def with_web(config: Config) -> Config:
    """The site with reader pages and a second digest."""
    web = Web(url="http://site.invalid/")
    more = replace(config, web=web, digest=(replace(config.digest[0], schedule="0 6,17 * * *"), DIGESTS[1]))
    object.__setattr__(more, "root", config.root)
    return more


def pages(config: Config, now: datetime) -> Iterator[Page]:
    """Each page in each language."""
    store = Store.open(config.database_file)
    templates = Templates(config.templates_folder, config.site.language, config.zone)
    site = Site(config, store, templates, lambda: now, lambda: None, lambda: None, store.secret())
    asked = _asked(store, now)
    client = TestClient(application(site), base_url="http://site.invalid")
    for language in LANGUAGES:
        for name, answer in _answers(client, site, asked, f"?lang={language}"):
            yield Page(f"{name}-{language}", answer.url.path, answer.text)
    confirm(store, asked.token, now)
    left = tokens.sign(site.secret, "unsubscribe", 1, "daily")
    everything = tokens.sign(site.secret, "unsubscribe", 1)
    mine = tokens.sign(site.secret, "preferences", 1)
    for language in LANGUAGES:
        wish = f"?lang={language}"
        yield _page(f"confirm-already-{language}", client.get(f"/confirm/{asked.token}{wish}"))
        yield _page(f"preferences-{language}", client.get(f"/preferences/{mine}{wish}"))
        yield _page(f"unsubscribe-{language}", client.get(f"/unsubscribe/{left}{wish}"))
    for language in LANGUAGES:
        wish = f"?lang={language}"
        saved = {"digest": ["daily", "security"], "daily.rhythm": "weekly", "security.keyword": "cong-an"}
        yield _page(f"preferences-saved-{language}", client.post(f"/preferences/{mine}{wish}", data=saved))
        yield _page(f"unsubscribe-done-{language}", client.post(f"/unsubscribe/{left}{wish}"))
    for language in LANGUAGES:
        answer = client.post(f"/unsubscribe/{everything}?lang={language}")
        yield _page(f"unsubscribe-all-{language}", answer)
    store_page = client.get("/", headers={"accept-language": "vi"})
    yield Page("index", "/", store_page.text)
    for language in LANGUAGES:
        message = Confirmations(config, templates)
        html = message.mail.compose(asked.choices, language, "http://site.invalid/confirm/x", asked.until)[1]
        yield Page(f"confirmation-mail-{language}", "/mail", html)


def _asked(store: Store, now: datetime) -> Asked:
    chosen = (
        Subscription("daily", ("Công an", "Kiến An"), Rhythm.WEEKLY, 5, 10),
        Subscription("security"),
    )
    return subscribe(store, ADDRESS, chosen, Consent(now, "form"), now, "vi")


def _answers(client: TestClient, site: Site, asked: Asked, wish: str) -> Iterator[tuple[str, object]]:
    mark = tokens.sign(site.secret, "form", 0, now=site.clock())
    filled = {"form": mark, "address": ADDRESS, "digest": "daily", "keyword": "kien-an"}
    yield "subscribe", client.get(f"/subscribe{wish}&keyword=kien-an")
    yield (
        "subscribe-wrong",
        client.post(f"/subscribe{wish}", data={**filled, "address": "mai@", "digest": ""}),
    )
    yield "subscribe-again", client.post(f"/subscribe{wish}", data={**filled, "form": "old"})
    yield "subscribe-sent", client.post(f"/subscribe{wish}", data={**filled, "address": "lan@example.com"})
    yield "confirm", client.get(f"/confirm/{asked.token}{wish}")
    yield "link-broken", client.get(f"/confirm/{asked.token[:-3]}{wish}")
    yield "problem", client.put(f"/subscribe{wish}")
    language = {"accept-language": wish[-2:]}
    yield "notfound", client.get("/nowhere", headers=language)


def _page(name: str, answer: object) -> Page:
    return Page(name, answer.url.path, answer.text)
