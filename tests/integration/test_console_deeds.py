"""What buttons of the console do, what it tells as it goes on, and whom it counts."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Site as Folder
from consoles import (
    NOW,
    PASSWORD,
    Console,
    Doing,
    client_of,
    copied,
    filled,
    press,
    served,
    sign_in,
)
from httpx import Client

from publisher.model import DeliveryState
from publisher.store import Store
from publisher.web.console.events import MOST

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
