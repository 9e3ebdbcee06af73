"""The owner is told: real messages in a Maildir, real requests to a web address, and a database that remembers."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import NOW, Site

from publisher import inspection
from publisher.model import Facts, Pulse
from publisher.notices import Owner
from publisher.render.templates import Templates
from publisher.scheduler import Scheduler
from publisher.store import Store

BROKEN = Pulse(NOW, ended=NOW, broken=True, failures=("no seeds folder at <seeds>", "second"))
WELL = Pulse(NOW, ended=NOW)
HOUR = timedelta(hours=1)


class Address(ThreadingHTTPServer):
    """A web address that keeps what is posted to it."""

    def __init__(self) -> None:
        self.got: list[dict[str, object]] = []
        self.paths: list[str] = []
        self.status = 204
        super().__init__(("127.0.0.1", 0), Posted)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook?key=a b"


class Posted(BaseHTTPRequestHandler):
    server: Address

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(json.loads(body))
        self.server.paths.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[Address]:
    with Address() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("PUBLISHER_NOTICES_URL", server.url)
        yield server
        server.shutdown()
        thread.join()


def owner(site: Site, language: str = "vi") -> Owner:
    config = site.config
    return Owner(config, Store.open(config.database_file), Templates(None, language, config.zone))


@pytest.fixture
def written_to(site: Site) -> Site:
    site.change("[mail]", '[notices]\nmail = "owner@example.org"\n\n[mail]')
    return site


def test_a_run_that_failed_is_a_mail_and_so_is_the_next_that_did_not(written_to: Site) -> None:
    told = owner(written_to)
    assert told.listens
    for minute in range(5):
        told.consider(Facts(NOW + timedelta(minutes=minute), pulse=BROKEN))
    (message,) = written_to.messages()
    assert (message["To"], message["Auto-Submitted"]) == ("owner@example.org", "auto-generated")
    assert message["Subject"] == "Tin thử: một lượt chạy không thành công"
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "no seeds folder at <seeds>" in text
    assert "no seeds folder at &lt;seeds&gt;" in html
    told.consider(Facts(NOW + HOUR, pulse=WELL))
    told.consider(Facts(NOW + 2 * HOUR, pulse=WELL))
    assert [each["Subject"] for each in written_to.messages()][1:] == ["Tin thử: đã hoạt động trở lại"]


def test_a_process_that_is_started_again_tells_nothing_twice(written_to: Site) -> None:
    for _ in range(3):
        owner(written_to).consider(Facts(NOW, pulse=BROKEN))
    assert len(written_to.messages()) == 1


def test_a_web_address_is_told_in_json(site: Site, address: Address) -> None:
    owner(site, "en").consider(Facts(NOW, pulse=BROKEN))
    (got,) = address.got
    text = got.pop("text")
    assert isinstance(text, str)
    assert text.startswith("Tin thử: a run failed\n\nThe run of 24")
    assert got == {
        "site": "https://news.example.org/",
        "cause": "run",
        "over": False,
        "since": NOW.isoformat(),
        "details": ["no seeds folder at <seeds>", "second"],
    }
    assert address.paths == ["/hook?key=ab"]


def test_one_way_that_works_is_enough(written_to: Site, address: Address) -> None:
    address.status = 500
    told = owner(written_to)
    assert len(told.consider(Facts(NOW, pulse=BROKEN))) == 1
    told.consider(Facts(NOW + HOUR, pulse=BROKEN))
    assert (len(written_to.messages()), len(address.got)) == (1, 1)


def test_what_no_way_took_is_tried_again_after_some_minutes(
    site: Site, address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    address.status = 503
    told = owner(site)
    for second in range(0, 280, 20):
        assert told.consider(Facts(NOW + timedelta(seconds=second), pulse=BROKEN)) == []
    assert len(address.got) == 1
    assert "the owner could not be told" in caplog.text
    address.status = 200
    assert len(told.consider(Facts(NOW + timedelta(minutes=5), pulse=BROKEN))) == 1


@pytest.mark.parametrize("value", ["http://127.0.0.1:1/", "ftp://example.org/", "nonsense"])
def test_an_address_that_is_none_is_a_warning(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    monkeypatch.setenv("PUBLISHER_NOTICES_URL", value)
    assert owner(site).consider(Facts(NOW, pulse=BROKEN)) == []
    assert "the owner could not be told" in caplog.text


def test_nobody_is_told_where_nobody_is_named(site: Site) -> None:
    told = owner(site)
    assert not told.listens
    assert told.consider(Facts(NOW, pulse=BROKEN)) == []
    assert site.messages() == []


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts(NOW, waiting=12, waiting_since=NOW - 3 * HOUR), "12 "),
        (Facts(NOW, held=("digests/daily/2026-11-24/",)), "digests/daily/2026-11-24/"),
        (Facts(NOW, pulse=WELL, published=NOW - 50 * HOUR), "22"),
    ],
)
def test_every_cause_has_its_words(written_to: Site, language: str, facts: Facts, words: str) -> None:
    written_to.change("[notices]", "[notices]\nsilence_hours = 48")
    owner(written_to, language).consider(facts)
    (message,) = written_to.messages()
    for kind in ("plain", "html"):
        text = message.get_body((kind,)).get_content()
        assert words in text
        assert ("You are told" in text) is (language == "en")
        assert not re.search(r"\{\{|%\(", text)


def test_a_site_that_serves_tells_of_a_folder_that_is_gone(written_to: Site, tmp_path: Path) -> None:
    written_to.seeds.rmdir()
    scheduler = Scheduler(written_to.config, lambda: NOW)
    scheduler.tick()
    store = Store.open(written_to.config.database_file)
    facts = inspection.facts(written_to.config, store, NOW)
    heard = owner(written_to).consider(replace(facts, pulse=scheduler.pulse))
    assert [notice.cause.name for notice in heard] == ["run"]
