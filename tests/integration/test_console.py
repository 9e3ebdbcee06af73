"""The console over HTTP: who gets in, what pages tell, what buttons do, and that nobody else can do it."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Site as Folder
from consoles import NOW, PASSWORD, Console, Doing, copied, filled, served
from httpx import Client, Response

from publisher.model import DeliveryState
from publisher.store import Store
from publisher.web import console as web_console
from publisher.web.console.events import MOST
from publisher.web.console.lockout import CLIENT

NAMES = {"number": "16", "digest": "daily", "rest": "nowhere"}
FORM = re.compile(r'name="form" value="([0-9a-f]{64})"')
HELD, FAULTY = 16, 15
"""Editions of the site: the one that is held, and one with deliveries in trouble."""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A site with two weeks behind it; nobody changes it."""
    return filled(tmp_path_factory.mktemp("console") / "site")


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_CONSOLE_PASSWORD", PASSWORD)


@pytest.fixture
def console(past: Folder, tmp_path: Path) -> Iterator[Console]:
    """Its console, on a copy."""
    with served(Console(copied(past, tmp_path / "site"))) as found:
        yield found


def client_of(console: Console, **options: Any) -> Client:
    return Client(base_url=console.url, timeout=30, **options)


@pytest.fixture
def stranger(console: Console) -> Iterator[Client]:
    with client_of(console) as client:
        yield client


def sign_in(client: Client, password: str = PASSWORD, **fields: str) -> Response:
    return client.post("sign-in", data={"password": password, **fields})


@pytest.fixture
def owner(console: Console) -> Iterator[Client]:
    with client_of(console) as client:
        assert sign_in(client).status_code == 303
        yield client


def follow(client: Client, answer: Response) -> Response:
    """Where an answer leads to, or itself."""
    return client.send(answer.next_request) if answer.next_request else answer


def press(client: Client, path: str, page: str = "", **fields: str) -> Response:
    """Send a form of a page as a browser would, and load where it leads to."""
    form = FORM.search(client.get(page).text)
    assert form
    answer = client.post(path, data={"form": form[1], **fields})
    return follow(client, answer)


def facts(folder: Folder) -> dict[str, object]:
    """All that the database holds, but for sessions."""
    connection = sqlite3.connect(folder.config.database_file)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        name: connection.execute(f'SELECT * FROM "{name}"').fetchall()
        for name in tables
        if name not in ("session", "sqlite_sequence")
    }
    connection.close()
    return found


def table(console: Console) -> list[tuple[str, str]]:
    """Every method and path of the console."""
    routes: list[Any] = web_console.routes(console.site)
    found = []
    for route in routes:
        path = re.sub(r"{(\w+)(:\w+)?}", lambda name: NAMES[name[1]], route.path)
        found += [(method, path) for method in sorted(route.methods or {"GET"})]
    return found


# Who gets in

OPEN = ("/console/sign-in", "/console/style.css", "/console/script.js", "/console")


def test_nobody_gets_to_a_page_or_a_deed_without_a_session(console: Console, stranger: Client) -> None:
    before, pages = facts(console.folder), 0
    cookies = ["", "console=", f"console={'0' * 32}.{'f' * 8}.{'0' * 64}", "console=\xff"]
    for method, path in table(console):
        for cookie in cookies:
            url = console.url.replace("/console/", path)
            answer = stranger.request(method, url, headers={"cookie": cookie.encode("latin-1")})
            if path in OPEN:
                continue
            pages += 1
            assert answer.status_code in (303, 401), (method, path)
            assert answer.text in ("", "sign in")
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/console/sign-in"), (method, path)
    assert pages > 100
    assert facts(console.folder) == before
    assert console.woken == 0


def test_the_password_opens_the_console_and_leads_to_where_one_wanted_to_go(
    console: Console, stranger: Client
) -> None:
    answer = stranger.get("editions/15?page=2")
    assert answer.headers["location"] == "/console/sign-in?next=editions%2F15%3Fpage%3D2"
    page = follow(stranger, answer)
    assert 'name="next" value="editions/15?page=2"' in page.text
    answer = sign_in(stranger, next="editions/15?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/editions/15?page=2")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "Path=/console/" in cookie
    assert "Max-Age=43200" in cookie
    assert "secure" not in cookie.lower()
    assert "Tin sáng Kiến An" in stranger.get("editions/15").text
    assert stranger.get("sign-in").headers["location"] == "/console/"


def test_behind_a_proxy_that_speaks_https_the_cookie_is_secure(past: Folder, tmp_path: Path) -> None:
    folder = copied(past, tmp_path / "site")
    text = (folder.root / "config.toml").read_text(encoding="utf-8")
    folder.configure(f'{text}\n[web]\nproxies = ["127.0.0.1/32"]\n')
    with served(Console(folder)) as console, client_of(console) as client:
        client.headers.update({"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"})
        assert "; secure" in sign_in(client).headers["set-cookie"].lower()


def test_a_wrong_password_opens_nothing(stranger: Client) -> None:
    for wrong in ("", "x", PASSWORD + " ", "x" * 60_000):
        answer = sign_in(stranger, wrong)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert "Mật khẩu không đúng" in answer.text
    assert stranger.get("").status_code == 303


def test_who_guesses_is_locked_out_for_longer_and_longer(console: Console, stranger: Client) -> None:
    statuses = [sign_in(stranger, f"guess {number}").status_code for number in range(CLIENT.free)]
    assert statuses == [401] * CLIENT.free
    answer = sign_in(stranger)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert "30 giây" in answer.text
    console.now += timedelta(seconds=30)
    assert sign_in(stranger, "guess").status_code == 401
    assert sign_in(stranger).headers["retry-after"] == "60"
    console.now += timedelta(seconds=60)
    assert sign_in(stranger).status_code == 303


def test_a_session_ends_in_time_by_a_sign_out_and_by_another_password(
    console: Console, owner: Client, past: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = dict(owner.cookies)
    assert owner.get("").status_code == 200
    console.now += timedelta(hours=12)
    assert owner.get("").status_code == 303
    console.now = NOW
    assert owner.get("").status_code == 200
    answer = press(owner, "sign-out")
    assert "Bạn đã đăng xuất" in answer.text
    assert "console" not in owner.cookies
    with client_of(console, cookies=kept) as thief:
        assert thief.get("").status_code == 303
    sign_in(owner)
    monkeypatch.setenv("PUBLISHER_CONSOLE_PASSWORD", "một mật khẩu khác")
    with served(Console(console.folder)) as later, client_of(later, cookies=dict(owner.cookies)) as client:
        assert client.get("").status_code == 303
        assert sign_in(client, PASSWORD).status_code == 401
        assert sign_in(client, "một mật khẩu khác").status_code == 303


@pytest.mark.parametrize(
    ("password", "why"), [("", "is not set"), ("1234567", "has fewer than 8 characters")]
)
def test_without_a_password_there_is_no_console_and_that_is_said(
    past: Folder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    password: str,
    why: str,
) -> None:
    monkeypatch.setenv("PUBLISHER_CONSOLE_PASSWORD", password)
    caplog.set_level(logging.DEBUG)
    with served(Console(copied(past, tmp_path / "site"))) as console, client_of(console) as client:
        for path in ("", "sign-in", "run", "style.css"):
            assert client.get(path).status_code == 404
        assert client.post("sign-in", data={"password": password}).status_code in (404, 405)
    assert f"no console: PUBLISHER_CONSOLE_PASSWORD {why}" in caplog.messages


# Forms

DEEDS = [
    "run",
    f"editions/{HELD}/hold",
    f"editions/{HELD}/release",
    f"editions/{FAULTY}/retry",
    "subscribers",
    "preview/daily",
    "preview/daily/test",
    "preview/daily/hold",
    "preview/daily/release",
    "sign-out",
]


def test_every_deed_of_the_table_is_held_by_these_tests(console: Console) -> None:
    posted = {path for method, path in table(console) if method == "POST"} - {"/console/sign-in"}
    mine = {f"/console/{path}".replace(f"/{FAULTY}/", f"/{HELD}/") for path in DEEDS}
    assert posted == mine


@pytest.mark.parametrize("path", DEEDS)
def test_no_deed_is_done_by_a_form_that_is_not_of_this_session(
    console: Console, owner: Client, path: str
) -> None:
    with client_of(console) as other:
        sign_in(other)
        foreign = FORM.search(other.get("").text)
    mine = FORM.search(owner.get("").text)
    assert foreign
    assert mine
    before = facts(console.folder)
    fields = {"address": "desk@example.org"}
    for form in ({}, {"form": ""}, {"form": foreign[1]}, {"form": mine[1][:-1]}):
        answer = owner.post(path, data={**fields, **form})
        assert answer.status_code == 403
        assert "Chưa thực hiện" in answer.text
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert owner.post(path, data={**fields, "form": mine[1]}, headers=headers).status_code == 403
    assert owner.get(path).status_code in (200, 303, 404)
    assert facts(console.folder) == before
    assert console.woken == 0
    assert owner.get("").status_code == 200


def test_a_page_of_others_cannot_sign_anybody_in(stranger: Client) -> None:
    answer = stranger.post("sign-in", data={"password": PASSWORD}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_bodies_that_are_no_forms_or_too_large_are_refused(owner: Client) -> None:
    assert owner.post("run", json={"form": "x"}).status_code == 415
    assert owner.post("run", data={"form": "x" * 100_000}).status_code == 413


# Pages

PAGES = [
    "",
    "runs",
    "editions",
    f"editions/{FAULTY}",
    f"editions/{HELD}",
    "deliveries",
    "deliveries?state=failed",
    "quarantine",
    "subscribers",
    "subscribers/12",
    "feeds",
    "keywords",
    "preview/daily",
    "preview/weekly?for=12",
    "nowhere",
    "editions/999",
    "subscribers/999999999999999999999999",
    "preview/none",
]


ODD = [
    "page=99999999999999999999",
    "page=-1",
    "page=0",
    "page=%D9%A3",
    "for=99999999999999999999",
    "for=x",
    "state=%00",
    "lang=..%2F..",
    "notice=%FF%FE",
    "next=//evil.example",
    "a=" + "x" * 5_000,
]


def test_no_question_that_an_address_can_ask_is_too_odd(owner: Client) -> None:
    for path in (
        "",
        "editions",
        "deliveries",
        "feeds",
        "preview/daily",
        "preview/daily/mail",
        "subscribers/12",
    ):
        for query in ODD:
            assert owner.get(f"{path}?{query}").status_code == 200, (path, query)
    for path in (
        "editions/0",
        "editions/-1",
        "subscribers/%00",
        "preview/..%2F..",
        "%2e%2e/feed.atom",
        "a//b",
    ):
        assert owner.get(path).status_code == 404, path


@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_both_languages_and_is_kept_by_nobody(owner: Client, path: str) -> None:
    texts = {}
    for language in ("vi", "en"):
        answer = owner.get(path, headers={"accept-language": language})
        assert answer.status_code == (
            404 if "9999" in path or path in ("nowhere", "editions/999", "preview/none") else 200
        )
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-language"] == language
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert f'<html lang="{language}">' in answer.text
        assert not re.search(r"<script(?! src=)| on[a-z]+=| style=|<style", answer.text)
        texts[language] = answer.text
    assert "Tổng quan" in texts["vi"]
    assert "Overview" in texts["en"]


def test_a_language_that_was_chosen_is_kept(owner: Client) -> None:
    vietnamese = {"accept-language": "vi"}
    assert "Overview" in owner.get("?lang=en", headers=vietnamese).text
    assert "Editions" in owner.get("editions", headers=vietnamese).text
    assert "Các số bản tin" in owner.get("editions?lang=vi").text
    assert "Tổng quan" in owner.get("?lang=xx").text


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_overview_tells_what_happened_and_what_needs_a_person(owner: Client) -> None:
    text = plain(owner.get("?lang=en").text)
    assert "An edition is held" in text
    assert "by hand, in the console" in text
    assert "1 delivery may have arrived or not" in text
    assert "2 seeds are in quarantine" in text
    assert "Comes next" in text
    assert "25 Nov, 06:00" in text
    assert "Readers of feeds, at least 376" in text


def test_an_edition_tells_its_figures_and_its_troubles(owner: Client) -> None:
    text = plain(owner.get(f"editions/{FAULTY}?lang=en").text)
    assert "550 5.7.1 rejected by policy" in text
    assert "Bounces 2" in text
    assert "Retry 3 failed deliveries" in text
    assert "Retry the uncertain ones too" in text


def test_deliveries_are_told_by_state(owner: Client) -> None:
    everything, failed = owner.get("deliveries").text, owner.get("deliveries?state=failed").text
    assert "the connection broke" in everything
    assert "the connection broke" not in failed
    assert "rejected by policy" in failed
    assert owner.get("deliveries?state=nonsense&page=-1").text.count("<tr>") == everything.count("<tr>")


def test_a_subscriber_is_found_by_his_address_which_stands_in_no_url(console: Console, owner: Client) -> None:
    form = FORM.search(owner.get("subscribers").text)
    assert form
    answer = owner.post("subscribers", data={"form": form[1], "address": " Doc-Gia-2-1@EXAMPLE.org "})
    assert answer.headers["location"] == "/console/subscribers/12"
    page = plain(owner.get("subscribers/12?lang=en").text)
    assert "doc-gia-2-1@example.org" in page
    assert "daily (import:readers.csv)" in page
    assert "Tin sáng Kiến An: 14 tháng 11, 2026 sent" in page
    for nobody in ("nobody@example.org", "no address", "'; DROP TABLE subscriber; --"):
        assert "Nobody has this address." in press(owner, "subscribers", "subscribers", address=nobody).text


def test_feeds_are_told_with_addresses_and_readers(owner: Client) -> None:
    text = plain(owner.get("feeds?lang=en").text)
    assert "Feedly 214, Inoreader 96, NewsBlur Feed Fetcher 17" in text
    assert "327 readers" in text
    assert "news.example.org/ keywords/ giao-thong/ feed.atom" in text


def test_topics_are_suggested_as_toml(owner: Client) -> None:
    text = owner.get("keywords").text
    assert "any = [&#34;An ninh trật tự&#34;, &#34;ANTT&#34;]" in text


def test_what_a_seed_or_a_relay_says_never_becomes_markup(console: Console, owner: Client) -> None:
    store = console.site.store
    console.folder.write("<img src=x onerror=alert(1)>.txt", "x")
    console.folder.run(NOW)
    (first,) = [each for each in store.deliveries(5_000) if each.number == FAULTY][:1]
    store.learn(replace(first, state=DeliveryState.FAILED, reason="<script>alert(1)</script>"))
    for path in ("quarantine", f"editions/{FAULTY}", "deliveries", "", "runs"):
        text = owner.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


# Deeds


def test_a_run_is_asked_for_once_however_often_the_page_is_loaded(console: Console, owner: Client) -> None:
    answer = press(owner, "run")
    assert console.woken == 1
    assert "Đã yêu cầu chạy" in answer.text
    owner.get(str(answer.url))
    assert console.woken == 1


def test_an_edition_is_released_and_held_again(console: Console, owner: Client) -> None:
    store = console.site.store
    assert "bắt đầu được gửi" in press(owner, f"editions/{HELD}/release").text
    assert store.held_editions() == []
    assert console.woken == 1
    assert "không bị giữ lại" in press(owner, f"editions/{HELD}/release").text
    assert console.woken == 1
    assert "đã được giữ lại và sẽ không gửi thêm" in press(owner, f"editions/{HELD}/hold").text
    assert "từ trước" in press(owner, f"editions/{HELD}/hold").text
    assert [each.held for each in store.held_editions()] == ["held in the console"]
    sent = len(console.folder.messages())
    console.folder.run(NOW)
    assert len(console.folder.messages()) == sent
    press(owner, f"editions/{HELD}/release")
    console.folder.run(NOW)
    figures = store.edition_figures(HELD)
    assert figures
    assert (figures.sent, figures.waiting) == (figures.recipients, 0)
    assert len(console.folder.messages()) == sent + figures.recipients


def test_what_failed_is_tried_again_and_what_may_have_arrived_only_where_asked(
    console: Console, owner: Client
) -> None:
    store = console.site.store
    assert "Đang gửi lại 3 thư" in press(owner, f"editions/{FAULTY}/retry").text
    assert store.trouble_counts(FAULTY) == {"uncertain": 1, "waiting": 1}
    assert "Không có thư nào" in press(owner, f"editions/{FAULTY}/retry").text
    assert console.woken == 1
    assert "Đang gửi lại 1 thư" in press(owner, f"editions/{FAULTY}/retry", uncertain="yes").text
    assert console.woken == 2
    console.folder.run(NOW)
    assert store.trouble_counts(FAULTY) == {"waiting": 0}


def test_one_delivery_alone_is_tried_again(console: Console, owner: Client) -> None:
    (one, *_) = [each for each in console.site.store.troubled(DeliveryState.FAILED) if each.number == FAULTY]
    press(owner, f"editions/{FAULTY}/retry", subscriber=str(one.subscriber))
    assert console.site.store.trouble_counts(FAULTY)["failed"] == 2


def test_the_next_edition_is_held_from_the_console_and_then_goes_out(console: Console, owner: Client) -> None:
    assert "sẽ được giữ lại khi đến hạn" in press(owner, "preview/daily/hold", "preview/daily").text
    assert "sẽ giữ lại" in owner.get("").text
    console.folder.run(NOW + timedelta(days=1))
    newest = console.site.store.editions(1)[0]
    assert (newest.number, newest.held, newest.sent) == (17, "held in the console", 0)
    assert "Giữ lại số tới" in owner.get("preview/daily").text
    press(owner, "preview/daily/hold", "preview/daily")
    assert "sẽ được gửi khi đến hạn" in press(owner, "preview/daily/release", "preview/daily").text


def test_the_preview_is_shown_as_one_subscriber_gets_it_and_can_do_nothing(owner: Client) -> None:
    answer = press(owner, "preview/daily", "preview/daily", address="doc-gia-1-0@example.net")
    person = re.search(r"preview/daily/mail\?for=(\d+)", answer.text)
    assert person
    mail = owner.get(f"preview/daily/mail?for={person[1]}")
    assert "Khánh thành thư viện thiếu nhi" in mail.text
    assert "doc-gia-1-0@example.net" in mail.text
    policy = mail.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    text = owner.get(f"preview/daily/text?for={person[1]}")
    assert text.headers["content-type"].startswith("text/plain")
    assert "Khánh thành thư viện thiếu nhi" in text.text
    assert (
        "Không ai có địa chỉ này"
        in press(owner, "preview/daily", "preview/daily", address="x@example.org").text
    )


def test_where_nothing_is_new_the_preview_says_so(console: Console, owner: Client) -> None:
    console.now += timedelta(days=1)
    console.folder.run(console.now)
    sign_in(owner)
    assert "lúc này sẽ không gửi thư" in owner.get("preview/daily/mail").text


def test_a_test_is_sent_and_what_the_transport_said_is_told(console: Console, owner: Client) -> None:
    sent = len(console.folder.messages())
    answer = press(owner, "preview/daily/test", "preview/daily", address="desk@example.org")
    assert "Đã gửi thư thử đến desk@example.org" in answer.text
    (*_, message) = sorted(console.folder.messages(), key=lambda each: "Thử" in str(each["Subject"]))
    assert len(console.folder.messages()) == sent + 1
    assert str(message["Subject"]).startswith("[Thử]")
    answer = press(owner, "preview/daily/test", "preview/daily", address="<b>no address</b>")
    assert 'role="alert"' in answer.text
    assert "<b>no" not in answer.text
    assert len(console.folder.messages()) == sent + 1


# What goes on


def events(client: Client, number: int) -> list[dict[str, str]]:
    """The first events of a stream."""
    found: list[dict[str, str]] = []
    with client.stream("GET", "events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                found.append(json.loads(line.removeprefix("data: ")))
            if len(found) == number:
                break
    return found


def test_what_goes_on_stands_on_every_page_and_in_the_stream(console: Console, owner: Client) -> None:
    assert "Đang đọc bài viết" not in owner.get("").text
    console.doing = Doing("reading", 3, 12, NOW)
    page = owner.get("runs").text
    assert "Đang đọc bài viết" in page
    assert 'value="25.0"' in page
    assert 'http-equiv="refresh"' in page
    (event,) = events(owner, 1)
    assert "3 trên 12" in event["html"]
    assert event["html"] in page
    assert f'data-mark="{event["mark"]}"' in page


def test_the_stream_tells_only_what_is_new(console: Console, owner: Client) -> None:
    console.doing = Doing("reading", 3, 12, NOW)
    with client_of(console, cookies=dict(owner.cookies)) as client, client.stream("GET", "events") as answer:
        lines = answer.iter_lines()
        told = [json.loads(line[6:]) for line in _until(lines, lambda line: line.startswith("data: {"))]
        console.doing = None
        told += [json.loads(line[6:]) for line in _until(lines, lambda line: line.startswith("data: {"))]
    assert "3 trên 12" in told[0]["html"]
    assert told[1]["html"].strip() == ""
    assert told[1]["mark"] != told[0]["mark"]


def _until(lines: Iterator[str], wanted: Callable[[str], bool]) -> list[str]:
    return [next(line for line in lines if wanted(line))]


def test_a_stream_ends_with_its_session(console: Console, owner: Client) -> None:
    with client_of(console, cookies=dict(owner.cookies)) as client, client.stream("GET", "events") as answer:
        lines = answer.iter_lines()
        _until(lines, lambda line: line.startswith("data: {"))
        press(owner, "sign-out")
        assert "event: over" in list(lines)


def test_there_is_a_limit_to_streams_and_each_that_ends_makes_room(console: Console, owner: Client) -> None:
    cookies = dict(owner.cookies)
    clients = [client_of(console, cookies=cookies) for _ in range(MOST)]
    streams = [client.stream("GET", "events") for client in clients]
    reading = [stream.__enter__().iter_lines() for stream in streams]  # kept: one that is let go is closed
    for lines in reading:
        next(lines)
    with owner.stream("GET", "events") as answer:
        assert answer.status_code == 503
    assert owner.get("").status_code == 200
    for stream, client in zip(streams, clients, strict=True):
        stream.__exit__(None, None, None)
        client.close()
    for _ in range(100):
        with owner.stream("GET", "events") as answer:
            if answer.status_code == 200:
                break
        time.sleep(0.05)
    assert answer.status_code == 200


def test_the_server_stops_at_once_with_streams_open(past: Folder, tmp_path: Path) -> None:
    with SignedIn(copied(past, tmp_path / "site")) as (_, client):
        stream = client.stream("GET", "events")
        lines = stream.__enter__().iter_lines()
        next(lines)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    lines.close()
    stream.__exit__(None, None, None)


class SignedIn:
    """A console with somebody signed in, ended in the order in which a process ends."""

    def __init__(self, folder: Folder) -> None:
        self._served = served(Console(folder))

    def __enter__(self) -> tuple[Console, Client]:
        console = self._served.__enter__()
        self._client = client_of(console)
        sign_in(self._client)
        return console, self._client

    def __exit__(self, *error: Any) -> None:
        self._served.__exit__(None, None, None)
        self._client.close()


# Readers of feeds


def test_services_that_say_how_many_read_are_counted_when_they_fetch_a_feed(
    past: Folder, tmp_path: Path
) -> None:
    folder = copied(past, tmp_path / "site")
    with served(Console(folder)) as console:
        root = console.url.removesuffix("console/")
        with Client(base_url=root) as client:
            for path, agent in (
                ("feed.atom", "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 300 subscribers)"),
                ("feed.atom", "NetNewsWire (RSS Reader; https://netnewswire.com/)"),
                ("keywords/y-te/feed.rss", "Inoreader/1.0 (7 subscribers)"),
                ("keywords/none/feed.rss", "Inoreader/1.0 (7 subscribers)"),
                ("style.css", "Inoreader/1.0 (7 subscribers)"),
            ):
                client.get(path, headers={"user-agent": agent})
    found = {
        (each.feed, each.name): each.readers
        for each in Store.open(folder.config.database_file).fetchers(NOW - timedelta(days=1))
    }
    assert found["feed.atom", "Feedly"] == 300
    assert found["keywords/y-te/feed.rss", "Inoreader"] == 7
    assert ("keywords/none/feed.rss", "Inoreader") not in found
    assert ("style.css", "Inoreader") not in found


def test_counts_are_written_down_while_the_server_runs_and_never_at_each_request(console: Console) -> None:
    store = Store.open(console.folder.config.database_file)

    def told() -> int:
        return next(each.readers for each in store.fetchers(NOW - timedelta(days=1)) if each.name == "Feedly")

    before = told()
    with Client(base_url=console.url.removesuffix("console/")) as client:
        for number in (500, 501, 502):
            client.get("feed.atom", headers={"user-agent": f"Feedly/1.0 ({number} subscribers)"})
        assert told() == before
        console.now += timedelta(minutes=1)
        client.get("feed.atom", headers={"user-agent": "Feedly/1.0 (503 subscribers)"})
        deadline = time.monotonic() + 10
        while told() == before and time.monotonic() < deadline:  # written behind the answer
            time.sleep(0.02)
    assert told() == 503
