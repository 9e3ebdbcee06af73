"""What strangers can do with the form: how often, with how much, and what they learn from it."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import NOW, Site
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message
from webapp import WebApp, copied, raw
from webreaders import active, letters_to, person

from publisher import subscribing
from publisher.model import SubscriberState
from publisher.web.guards.bodies import body_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site after one run, to be copied."""
    site = Site(tmp_path_factory.mktemp("made") / "site")
    site.article("one.txt", "Giao thông hôm nay", "Giao thông.")
    assert site.run().failures == []
    return site


@pytest.fixture
def published(made: Site, tmp_path: Path) -> Site:
    return copied(made, tmp_path / "published")


@pytest.fixture
def web(published: Site) -> Iterator[WebApp]:
    with WebApp(published) as running:
        yield running


def normal(text: str) -> str:
    """A page without what is an address's own, or the time's."""
    return re.sub(r"[a-z]+@example\.com|value=\"0\.[0-9a-f.]+\"", "*", text)


def test_nobody_is_told_whether_an_address_is_known(web: WebApp) -> None:
    number = active(web, "known@example.com").number
    gone = active(web, "gone@example.com").number
    subscribing.unsubscribe(web.site.store, web.sign("unsubscribe", gone), NOW)
    active(web, "hurt@example.com")
    hurt = person(web, "hurt@example.com")
    assert hurt is not None
    web.site.store.complained(hurt.number, "spam", NOW)
    answers = {
        name: web.subscribe(f"{name}@example.com") for name in ("new", "known", "gone", "hurt", "other")
    }
    assert {(answer.status, normal(answer.text)) for answer in answers.values()} == {
        (200, normal(answers["new"].text))
    }
    assert [sorted(answer.headers) for answer in answers.values()] == [sorted(answers["new"].headers)] * 5
    assert web.site.store.subscriber(number) == person(web, "known@example.com")
    letters_to(web, "other@example.com")
    assert len(letters_to(web, "hurt@example.com")) == 1  # the one of before


def test_a_known_address_takes_no_longer_than_an_unknown_one(published: Site) -> None:
    with WebApp(published, web="attempts_per_network = 10000\nconfirmations_per_address = 1000") as web:
        active(web, "known@example.com")
        mark = web.mark()
        times: dict[str, list[float]] = {"known": [], "new": []}
        for number in range(40):
            for kind in times:
                address = "known@example.com" if kind == "known" else f"new{number}@example.com"
                began = time.perf_counter()
                web.post("/subscribe", {"form": mark, "address": address, "digest": "daily"})
                times[kind].append(time.perf_counter() - began)
        known, new = (statistics.median(times[kind]) for kind in ("known", "new"))
        assert abs(known - new) < 0.02


def test_a_thousand_attempts_from_one_network_write_few_mails_and_stop_nobody_else(published: Site) -> None:
    with WebApp(published, web='proxies = ["127.0.0.1/32"]\nattempts_per_network = 20') as web:
        mark = web.mark()
        statuses = []
        for number in range(1000):
            sent = {"form": mark, "address": f"victim{number}@example.com", "digest": "daily"}
            here = f"6.6.6.6, 2001:db8:1:2:{number:x}::1"
            statuses.append(web.post("/subscribe", sent, X_Forwarded_For=here).status)
        assert statuses == [200] * 20 + [429] * 980
        late = web.post("/subscribe", sent, X_Forwarded_For="2001:db8:1:2::1")
        assert int(late.headers["retry-after"]) == 181
        other = web.post("/subscribe", sent, X_Forwarded_For="2001:db8:1:3::1")
        assert other.status == 200
        letters_to(web, sent["address"])
        assert web.site.store.subscriber_count(SubscriberState.PENDING) == 21
        web.clock.move(hours=1)
        assert web.post("/subscribe", sent, X_Forwarded_For="2001:db8:1:2::1").status == 200


def test_one_address_gets_few_mails_a_day_and_the_answer_does_not_tell(published: Site) -> None:
    with WebApp(published, web="attempts_per_network = 1000\nconfirmations_per_address = 2") as web:
        spellings = ("mai@example.com", "Mai@Example.com", "mai@EXAMPLE.com", "mai@example.com")
        texts = []
        for spelling in spellings:
            texts.append(web.subscribe(spelling))
            web.clock.move(seconds=1)
        assert len({(answer.status, normal(answer.text.lower())) for answer in texts}) == 1
        web.subscribe("last@example.com")
        letters_to(web, "last@example.com")
        asked = [message for message in web.folder.messages() if "mai@" in message["To"].lower()]
        assert len(asked) == 2


def test_there_is_a_limit_for_all_together(published: Site) -> None:
    with WebApp(published, web="attempts_per_network = 1000\nconfirmations_per_hour = 3") as web:
        statuses = [web.subscribe(f"a{number}@example.com").status for number in range(5)]
        assert statuses == [200, 200, 200, 429, 429]


def test_who_is_turned_away_because_of_all_has_lost_nothing_of_his_own(published: Site) -> None:
    limits = "attempts_per_network = 1000\nconfirmations_per_hour = 2\nconfirmations_per_address = 1"
    with WebApp(published, web=limits) as web:
        for _ in range(3):  # one mail, and the others are no part of all
            assert web.subscribe("mai@example.com").status == 200
        assert web.subscribe("lan@example.com").status == 200
        # Nor is anybody told who was written to today.
        assert [web.subscribe(f"{name}@example.com").status for name in ("lan", "hoa")] == [429, 429]
        web.clock.move(minutes=30)
        assert web.subscribe("hoa@example.com").status == 200
        assert len(letters_to(web, "hoa@example.com")) == 1


def test_a_header_of_proxies_is_nothing_where_none_is_configured(published: Site) -> None:
    with WebApp(published, web="attempts_per_network = 2") as web:
        mark = web.mark()
        sent = {"form": mark, "address": "mai@example.com", "digest": "daily"}
        answers = [
            web.post("/subscribe", sent, X_Forwarded_For=f"198.51.100.{number}", Forwarded="for=1.2.3.4")
            for number in range(3)
        ]
        assert [answer.status for answer in answers] == [200, 200, 429]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(web: WebApp) -> None:
    head = "POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n"
    assert raw(web.port, head.encode()).startswith(b"HTTP/1.1 413 ")
    chunk = b"2000\r\n" + b"a" * 0x2000 + b"\r\n"
    head = "POST /subscribe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert raw(web.port, head.encode() + chunk * 12).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come_is_given_up() -> None:
    async def never() -> Message:
        return await asyncio.get_running_loop().create_future()

    request = Request({"type": "http", "headers": [(b"content-length", b"100")]}, never)
    with pytest.raises(HTTPException) as told:
        asyncio.run(body_of(request, 1000, patience=0.001))
    assert (told.value.status_code, told.value.headers) == (408, {"connection": "close"})


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("text/plain", b"address=a", 415),
        ("application/x-www-form-urlencoded", b"address=%ff", 400),
        ("application/x-www-form-urlencoded", "address=ế".encode(), 400),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 5000), 400),
    ],
)
def test_what_is_no_form_is_refused(web: WebApp, kind: str, body: bytes, status: int) -> None:
    assert web.ask("POST", "/subscribe", {"Content-Type": kind}, body).status == status


def test_no_redirect_leads_to_the_host_that_was_asked_for(web: WebApp) -> None:
    for path in ("/subscribe/", "/console", "/console/runs/", "/healthz/", "/keywords"):
        answer = raw(
            web.port, f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode()
        )
        assert b"evil.example" not in answer, path
