"""`publish bounces` as a process: a message leaves, comes back, and its reader gets no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pytest
from conftest import Site

from publisher.model import DeliveryState, SubscriberState
from publisher.store import Store

Publish = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def sent(site: Site) -> EmailMessage:
    """The message of an edition that left."""
    site.change(
        "[mail]\n", '[mail.bounces]\naddress = "bounces@example.org"\nmaildir = "data/back"\n\n[mail]\n'
    )
    site.article("a.txt", "Bài một", "Chuyện giao thông.")
    site.run()
    (message,) = site.messages()
    return message


@pytest.fixture
def publish(site: Site) -> Publish:
    def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "publisher", "bounces", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONWARNINGS": "error"}
        return subprocess.run(
            command, cwd=site.root, env=environment, input=given, capture_output=True, check=False
        )

    return run


def returned(message: EmailMessage, status: str = "5.1.1") -> bytes:
    """A delivery report that repeats the headers of a message."""
    return f"""\
From: MAILER-DAEMON@mx.example.net
To: news@example.org
Subject: Returned mail
Content-Type: multipart/report; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {message["To"]}
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 {status} no

--b
Content-Type: text/rfc822-headers

Message-ID: {message["Message-ID"]}
--b--
""".encode()


def store(site: Site) -> Store:
    return Store.open(site.config.database_file)


def state(site: Site) -> tuple[SubscriberState, DeliveryState, str]:
    (delivery,) = store(site).deliveries()
    reader = store(site).subscriber(delivery.subscriber)
    assert reader
    return reader.state, delivery.state, delivery.reason


def test_a_hard_bounce_ends_the_mail_to_an_address(site: Site, sent: EmailMessage, publish: Publish) -> None:
    rehearsed = publish("--dry-run", "-", given=returned(sent))
    assert state(site) == (SubscriberState.ACTIVE, DeliveryState.SENT, "")
    done = publish("-", given=returned(sent))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == "1 report: 1 hard\n  suppressed    desk@example.org  550 5.1.1 no\n"
    assert rehearsed.stdout.decode() == "Dry run; nothing was changed.\n" + done.stdout.decode()
    assert state(site) == (SubscriberState.BOUNCED, DeliveryState.FAILED, "hard bounce: 550 5.1.1 no")
    again = publish("-", given=returned(sent))
    assert (again.returncode, again.stdout.decode()) == (0, "1 report: 1 hard\n")


def test_a_full_mailbox_counts(site: Site, sent: EmailMessage, publish: Publish) -> None:
    for _ in range(2):
        assert publish("-", given=returned(sent, "5.2.2")).returncode == 0
    assert state(site) == (SubscriberState.ACTIVE, DeliveryState.FAILED, "soft bounce: 550 5.2.2 no")
    (delivery,) = store(site).deliveries()
    reader = store(site).subscriber(delivery.subscriber)
    assert reader
    assert reader.bounces == 1


def test_a_reader_leaves_by_the_address_in_the_message(
    site: Site, sent: EmailMessage, publish: Publish
) -> None:
    mailto = next(way for way in sent["List-Unsubscribe"].replace("<", "").split(">") if "mailto:" in way)
    address, _, subject = mailto.partition("mailto:")[2].partition("?subject=")
    assert address == "bounces@example.org"
    request = f"From: desk@example.org\nTo: {address}\nSubject: {unquote(subject)}\n\n".encode()
    done = json.loads(publish("--json", "-", given=request).stdout)
    assert [(one["done"], one["kind"], one["address"]) for one in done["reports"]] == [
        ("unsubscribed", "unsubscribe", "desk@example.org")
    ]
    assert state(site)[0] is SubscriberState.UNSUBSCRIBED


def test_a_forged_report_changes_nothing(site: Site, sent: EmailMessage, publish: Publish) -> None:
    sent.replace_header("Message-ID", f"<{'b' * 32}@example.org>")
    for _ in range(6):
        publish("-", given=returned(sent))
    assert state(site)[:2] == (SubscriberState.ACTIVE, DeliveryState.SENT)


def test_the_configured_maildir_is_read_and_a_letter_is_left_for_a_person(
    site: Site, sent: EmailMessage, publish: Publish
) -> None:
    new = site.root / "data" / "back" / "new"
    new.mkdir(parents=True)
    (new / "1").write_bytes(returned(sent))
    (new / "2").write_bytes("From: Bình <binh@example.net>\nSubject: Xin chào\n\n".encode())
    done = publish()
    assert done.returncode == 1
    assert "unread        —  from Bình <binh@example.net>: Xin chào" in done.stdout.decode()
    assert sorted(file.name for file in (site.root / "data/back/cur").iterdir()) == ["1:2,S", "2:2,F"]
    assert publish().stdout.decode() == "Nothing came back.\n"


def test_a_file_that_is_not_there_is_named(site: Site, sent: EmailMessage, publish: Publish) -> None:
    done = publish("nowhere.eml")
    assert done.returncode == 1
    assert b"nowhere.eml: No such file or directory" in done.stderr
