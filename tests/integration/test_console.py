"""Who gets into the console over HTTP, and that nobody else can do anything by its forms."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Site as Folder
from consoles import (
    FORM,
    NOW,
    PASSWORD,
    Console,
    client_of,
    copied,
    facts,
    filled,
    follow,
    press,
    served,
    sign_in,
)
from httpx import Client

from publisher.web import console as web_console
from publisher.web.console.lockout import CLIENT

NAMES = {"number": "16", "digest": "daily", "rest": "nowhere"}
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


@pytest.fixture
def stranger(console: Console) -> Iterator[Client]:
    with client_of(console) as client:
        yield client


@pytest.fixture
def owner(console: Console) -> Iterator[Client]:
    with client_of(console) as client:
        assert sign_in(client).status_code == 303
        yield client


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


LONG = "9" * 5000
"""More digits than Python makes a number of."""


def test_a_number_of_thousands_of_digits_is_no_number(stranger: Client, owner: Client) -> None:
    for path in (f"editions/{LONG}", f"subscribers/{LONG}", f"runs?page={LONG}", f"preview/daily?for={LONG}"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["location"][:16]) == (303, "/console/sign-in")
        assert owner.get(path).status_code == (200 if "?" in path else 404)
    for deed in ("hold", "release", "retry"):
        assert stranger.post(f"editions/{LONG}/{deed}").status_code == 303


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
