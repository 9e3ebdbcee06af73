"""What comes back, from the mailbox to what is remembered."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from registers import SECRET, Readers, a_delivery, a_reader

from publisher.config import Config
from publisher.config.load import load
from publisher.mailing import tokens, verp
from publisher.mailing.inboxes import in_file
from publisher.model.mail import DeliveryState, SubscriberState
from publisher.returns import Done, collect, configured, take

NOW = datetime(2026, 11, 26, tzinfo=UTC)
CASES = Path(__file__).parents[1] / "cases" / "bounces"
CONFIG = """\
[site]
title = "Tin thử"
url = "https://news.example.org/"
[mail]
sender = "Tin thử <news@example.org>"
[mail.bounces]
address = "bounces@bounce.example.org"
maildir = "data/bounces"
soft = 2
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "data" / "bounces" / part).mkdir(parents=True)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def config(root: Path) -> Config:
    return load(root / "config.toml")


def put(root: Path, *cases: str) -> None:
    for case in cases:
        shutil.copy(CASES / f"{case}.eml", root / "data" / "bounces" / "new" / case)


def box(root: Path) -> list[str]:
    files = [*(root / "data" / "bounces").glob("new/*"), *(root / "data" / "bounces").glob("cur/*")]
    return sorted(f"{file.parent.name}/{file.name}" for file in files)


def readers(*numbers: int) -> Readers:
    """Readers with numbers, each with a delivery of edition 12 that is uncertain."""
    return Readers(
        *(a_reader(number, "daily", "weekly") for number in numbers),
        deliveries=[a_delivery(12, number, DeliveryState.UNCERTAIN) for number in numbers],
    )


def test_reports_are_acted_on_and_put_aside(root: Path, config: Config) -> None:
    put(root, "postfix-unknown-user", "postfix-delayed", "feedback-abuse", "vacation", "letter-from-a-reader")
    register = readers(42, 45, 70, 80, 83)
    result = collect(config, register, NOW)
    assert result.failures == []
    assert result.counts() == {"hard": 1, "soft": 1, "complaint": 1, "nothing": 1, "unknown": 1}
    assert {number: str(one.state) for number, one in register.readers.items()} == {
        42: "bounced",
        45: "active",
        70: "complained",
        80: "active",
        83: "active",
    }
    assert {key[1]: str(one.state) for key, one in register.ledger.items()} == {
        42: "failed",
        45: "sent",
        70: "sent",
        80: "sent",
        83: "uncertain",
    }
    assert box(root) == [
        "cur/feedback-abuse:2,S",
        "cur/letter-from-a-reader:2,F",
        "cur/postfix-delayed:2,S",
        "cur/postfix-unknown-user:2,S",
        "cur/vacation:2,S",
    ]
    assert [(deed.done, deed.address) for deed in result.deeds if deed.done is Done.UNREAD] == [
        (Done.UNREAD, "reader83@example.net")
    ]
    assert collect(config, register, NOW).deeds == []


def test_reports_that_were_acted_on_but_not_put_aside_change_nothing_more(root: Path, config: Config) -> None:
    cases = ("postfix-unknown-user", "postfix-mailbox-full", "feedback-abuse", "forged")
    register = readers(42, 43, 70)
    register.readers[9] = a_reader(9)
    put(root, *cases)
    collect(config, register, NOW)
    before = (dict(register.readers), dict(register.ledger), list(register.told))
    put(root, *cases)
    collect(config, register, NOW)
    assert (register.readers, register.ledger, register.told) == before
    assert register.readers[43].bounces == 1


def test_forged_reports_leave_everybody_where_he_is(root: Path, config: Config) -> None:
    register = Readers(deliveries=[a_delivery(12, 1)])
    victim = a_reader(1, "daily")
    register.readers[1] = type(victim)(1, "victim@example.net", "victim@example.net", victim.state)
    for _ in range(3):
        put(root, "forged", "forged-code-of-another-site", "message-id-as-return-path")
        put(root, "feedback-forged", "unsubscribe-forged")
        collect(config, register, NOW)
    assert register.readers[1].state is SubscriberState.ACTIVE
    assert register.ledger[12, 1].state is DeliveryState.SENT


def test_a_request_with_a_token_of_ours_is_followed(root: Path, config: Config) -> None:
    register = readers(7)
    token = tokens.sign(SECRET, "unsubscribe", 7, "daily")
    (root / "data/bounces/new/1").write_text(f"From: a@example.net\nSubject: unsubscribe {token}\n\n")
    (root / "data/bounces/new/2").write_text(
        f"From: a@example.net\nSubject: unsubscribe {tokens.sign(SECRET, 'preferences', 7)}\n\n"
    )
    assert [deed.done for deed in collect(config, register, NOW).deeds] == [Done.UNSUBSCRIBED, Done.UNREAD]
    assert [one.digest for one in register.readers[7].subscriptions] == ["weekly"]


def test_a_site_without_a_secret_believes_no_code(root: Path, config: Config) -> None:
    register = readers(42)
    register.secret = ""
    (root / "data/bounces/new/1").write_text(
        f"To: {verp.encode('', 'bounces@bounce.example.org', 12, 42)}\n"
        "Content-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n"
    )
    assert [deed.report.proven for deed in collect(config, register, NOW).deeds] == [False]
    assert register.readers[42].state is SubscriberState.ACTIVE


def test_a_rehearsal_says_the_same_and_does_none_of_it(root: Path, config: Config) -> None:
    cases = ("postfix-unknown-user", "postfix-delayed", "feedback-abuse", "letter-from-a-reader")
    put(root, *cases)
    register = readers(42, 45, 70, 83)
    before = (dict(register.readers), dict(register.ledger))
    rehearsal = take(configured(config), config, register, NOW, rehearse=True)
    assert (register.readers, register.ledger) == before
    assert box(root) == sorted(f"new/{case}" for case in cases)
    assert rehearsal.deeds == collect(config, register, NOW).deeds


def test_a_mailbox_that_cannot_be_read_stops_no_other(root: Path) -> None:
    text = CONFIG + '[mail.bounces.imap]\nhost = "127.0.0.1"\nport = 1\nusername = "u"\n'
    (root / "config.toml").write_text(text.replace("data/bounces", "nowhere"), encoding="utf-8")
    result = collect(load(root / "config.toml"), readers(), NOW)
    assert [line.partition(": ")[0] for line in result.failures] == [str(root / "nowhere"), "127.0.0.1"]


def test_a_file_is_acted_on_as_well(config: Config) -> None:
    register = readers(50)
    result = take([in_file(CASES / "exim.eml", 10_000)], config, register, NOW)
    assert [deed.done for deed in result.deeds] == [Done.SUPPRESSED]
    assert register.readers[50].state is SubscriberState.BOUNCED
