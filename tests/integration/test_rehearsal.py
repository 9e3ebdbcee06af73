"""The next mail of a digest, looked at and sent as a test, over a real site; nothing of it is remembered."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from conftest import NOW, Site

from publisher.errors import UsageError
from publisher.mailboxes import key_of
from publisher.mailing import tokens
from publisher.mailing.outgoing import Fate
from publisher.model import Consent, Subscriber, SubscriberState, Subscription
from publisher.rehearsal import rehearse, send_test
from publisher.store import Store

TRAFFIC, TOWN = "Bài về giao thông", "Bài về Kiến An"
READER = "mai@example.com"


class Refusing:
    """A relay that has no mailbox for anybody."""

    async def handle_RCPT(self, *_: Any) -> str:
        return "550 5.1.1 No such user here"


@pytest.fixture
def port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def relay(port: int) -> Iterator[int]:
    controller = Controller(Refusing(), hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def news(site: Site) -> Site:
    """A site with an article of each topic, whose first edition is out."""
    site.article("old.txt", "Bài cũ", "Kiến An.")
    site.run()
    for file in site.config.maildir.glob("new/*"):
        file.unlink()
    site.article("a.txt", TRAFFIC, "An toàn giao thông.")
    site.article("b.txt", TOWN, "Quận Kiến An.")
    return site


def subscribe(site: Site, *keywords: str, language: str = "", length: int = 0, digest: str = "daily") -> None:
    person = Subscriber(
        0,
        READER,
        key_of(READER),
        SubscriberState.ACTIVE,
        language=language,
        consent=Consent(NOW, "test"),
        subscriptions=(Subscription(digest, keywords, length=length),),
    )
    Store.open(site.config.database_file).admit([person], "test", NOW)


def shown(site: Site, address: str = "") -> tuple[str, str, bytes]:
    with site.reading() as store:
        return rehearse(site.config, store, NOW, "daily", address).shown()


def publish(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publisher", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONWARNINGS": "error"}
    return subprocess.run(
        command, cwd=site.root, env=environment, capture_output=True, text=True, check=False
    )


def test_a_stranger_would_get_everything_in_the_language_of_the_site(news: Site) -> None:
    for part in shown(news, "stranger@example.com")[:2]:
        assert TRAFFIC in part
        assert TOWN in part
        assert "Bài cũ" not in part
        assert "stranger@example.com" in part
        assert "Hủy đăng ký" in part


def test_a_subscriber_would_get_what_was_asked_for(news: Site) -> None:
    subscribe(news, "Giao thông", language="en")
    html, text, message = shown(news, READER.upper())
    for part in (html, text):
        assert TRAFFIC in part
        assert TOWN not in part
        assert "Unsubscribe" in part
    assert b"\r\nTo: MAI@example.com\r\n" in message


def test_a_subscriber_who_wants_few_articles_would_get_few(news: Site) -> None:
    subscribe(news, length=1)
    html, _, _ = shown(news, READER)
    assert html.count("<h3") == 1
    assert "Còn 1 bài nữa" in html


def test_nothing_for_a_subscriber_is_said_and_not_shown(news: Site) -> None:
    subscribe(news, "Y tế")
    with pytest.raises(UsageError, match=r"^daily: nothing new for mai@example\.com"):
        shown(news, READER)


def test_an_edition_that_is_not_due_yet_is_shown_as_it_will_be(news: Site) -> None:
    assert "25 tháng 11, 2026" in shown(news)[0]
    with pytest.raises(UsageError, match="no digest is named weekly"), news.reading() as store:
        rehearse(news.config, store, NOW, "weekly")
    (news.seeds / "a.txt").unlink()
    (news.seeds / "b.txt").unlink()
    with (
        pytest.raises(UsageError, match="nothing new until its next edition is due"),
        news.reading() as store,
    ):
        rehearse(news.config, store, NOW, "daily")


@pytest.mark.parametrize(
    ("language", "subject"),
    [("", "[Thử] Tin sáng: 25 tháng 11, 2026"), ("en", "[Test] Tin sáng: 25 November 2026")],
)
def test_a_test_arrives_marked_and_nothing_is_recorded(news: Site, language: str, subject: str) -> None:
    subscribe(news, language=language)
    before = news.tree()
    with news.reading() as store:
        assert send_test(news.config, store, NOW, "daily", READER).fate is Fate.SENT
    (message,) = news.messages()
    assert message["Subject"] == subject
    assert message["To"] == READER
    assert {path for path in news.tree() if path not in before} == {
        path for path in news.tree() if path.startswith("data/mail/")
    } - {*before}
    assert {path: facts for path, facts in news.tree().items() if path in before} == before


def test_links_of_a_test_are_nobodys_and_no_two_tests_are_the_same_message(news: Site) -> None:
    news.change("[mail]", '[web]\nurl = "https://reader.example.org/"\n\n[mail]')
    secret = Store.open(news.config.database_file).secret()
    with news.reading() as store:
        for _ in range(2):
            send_test(news.config, store, NOW, "daily", "a@example.com")
    first, second = news.messages()
    assert first["Message-ID"] != second["Message-ID"]
    token = str(first["List-Unsubscribe"]).partition("/unsubscribe/")[2].partition(">")[0]
    assert token
    assert tokens.read(secret, "unsubscribe", token, NOW) is None


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "a@example.com\r\nBcc: b@example.com", ""])
def test_a_test_goes_to_an_address_only(news: Site, address: str) -> None:
    with pytest.raises(UsageError), news.reading() as store:
        send_test(news.config, store, NOW, "daily", address)


def test_what_the_relay_says_is_told_with_status_1(news: Site, relay: int) -> None:
    news.change("[mail]\n", f'[mail]\ntransport = "smtp"\nsmtp = {{ host = "127.0.0.1", port = {relay} }}\n')
    done = publish(news, "send-test", "daily", READER)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{READER}: recipient refused: 550 5.1.1 No such user here\n"


def test_a_relay_that_cannot_be_reached_is_told_with_status_1(news: Site, port: int) -> None:
    news.change("[mail]\n", f'[mail]\ntransport = "smtp"\nsmtp = {{ host = "127.0.0.1", port = {port} }}\n')
    done = publish(news, "send-test", "daily", READER)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{READER}: unsent: ")


def test_commands_say_where_the_mail_is(news: Site) -> None:
    done = publish(news, "send-test", "daily", READER)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{READER}: sent (in data/mail/)\n", "")
    for name, begins in (("a.html", b"<!DOCTYPE html>"), ("a.txt", "Tin thử\n".encode()), ("a.eml", b"")):
        done = publish(news, "preview", "daily", "--to", READER, "--out", name)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{name}\n", "")
        assert (news.root / name).read_bytes().startswith(begins)
