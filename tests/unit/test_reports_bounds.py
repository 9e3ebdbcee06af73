"""Messages that were made to do harm: each is read in a moment, and what a report says first still counts."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial

import pytest

from publisher.mailing import verp
from publisher.mailing.reports import MOST_BYTES, Kind, Marks, read
from publisher.mailing.reports.parts import line, parse

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SECRET = "5e" * 32
MARKS = Marks(partial(verp.decode, SECRET), partial(verp.named_in, SECRET), lambda _: None)
SYSTEM = b"From: MAILER-DAEMON@mx.example.net\nReturn-Path: <>\n"
PATH = verp.encode(SECRET, "bounces@bounce.example.org", 12, 42).encode()
MANY = 300_000


def nested(depth: int) -> bytes:
    pieces = (
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth)
    )
    return SYSTEM + b"".join(pieces)


HOSTILE = {
    "blank lines": b"\n" * MANY * 5,
    "colons": b":" * MANY * 5,
    "parameters": SYSTEM + b"Content-Type: multipart/mixed" + b";" * MANY,
    "open quotes": SYSTEM + b"Content-Type: multipart/mixed; " + b'a="' * MANY,
    "depth": nested(8_000),
    "parts": SYSTEM + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * MANY,
    "a message in a message": SYSTEM + b"Content-Type: message/rfc822\n\n" * 100_000,
    "recipients": SYSTEM + b"Content-Type: message/delivery-status\n\n" + b"Status: 5.1.1\n\n" * MANY,
    "blank groups": SYSTEM + b"Content-Type: message/delivery-status\n\n" + b"\n \n\t" * MANY,
    "fields": SYSTEM + b"A: b\n" * MANY,
    "folds": SYSTEM + b"Subject: x\n" + b" y\n" * MANY,
    "encoded words": SYSTEM + b"Subject: " + b"=?utf-8?q?=41?= " * 100_000 + b"\n\n",
    "punycode": SYSTEM + b"Subject: =?punycode?q?" + b"a-" * 100_000 + b"zzzz?=\n\n",
    "codes": b"To: " + (b"a" * 32 + b"@") * 100_000 + b"\n\n",
    "comments": b"From: " + b"(" * MANY + b"\nX-Failed-Recipients: " + b"(" * MANY + b"\n\n",
    "message ids": SYSTEM + b"\n" + b"message-id:\n" * MANY,
    "spaces": SYSTEM + b"\n" + b" " * MANY,
    "dashes": SYSTEM + b"\n" + (b"-" * 5000 + b"\n") * 1000,
    "brackets": SYSTEM + b"\n" + b"<" * MANY,
    "a known notice": SYSTEM + b"\nHi. This is the qmail\n\n" + b"<a@b>:\n" * MANY,
    "base64": SYSTEM
    + b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
    + b"QU" * MANY,
    "one letter of base64": SYSTEM + b"Content-Transfer-Encoding: base64\n\nA",
    "a boundary in no charset": SYSTEM
    + b"Content-Type: multipart/mixed; boundary*=undefined''abc\n\n--abc\n",
    "zeros": SYSTEM + b"\n" + b"\0" * MANY,
    "status codes": SYSTEM + b"\n" + b"5.1.1.1." * MANY,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_read_in_a_moment(name: str) -> None:
    began = time.process_time()
    report = read(HOSTILE[name], MARKS, NOW)
    assert time.process_time() - began < 1.5
    assert report.kind in (Kind.UNKNOWN, Kind.SOFT)
    assert len(report.diagnostic) <= 200
    assert report.diagnostic.isprintable()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_hostile_parts_follow_a_report_does_not_change_it(name: str) -> None:
    report = read(
        b"To: " + PATH + b"\nContent-Type: multipart/report; boundary=first\n\n--first\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        b"Final-Recipient: rfc822; gone@example.net\nAction: failed\nStatus: 5.1.1\n\n--first\n"
        + HOSTILE[name],
        MARKS,
        NOW,
    )
    assert (report.kind, report.subscriber, report.address) == (Kind.HARD, 42, "gone@example.net")


def test_an_enclosed_report_is_not_the_report() -> None:
    enclosed = b"Action: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; a@example.net\n"
    report = read(
        b"From: a@example.net\nTo: " + PATH + b"\nSubject: look\nContent-Type: message/rfc822\n\n"
        b"Content-Type: message/delivery-status\n\n" + enclosed,
        MARKS,
        NOW,
    )
    assert report.kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"Return-Path: <>", Kind.SOFT),
        (b"Return-Path: <>\nFrom:", Kind.SOFT),
        (b"Return-Path: <>\nX-Failed-Recipients: " + b"(" * 2000, Kind.UNKNOWN),
    ],
)
def test_a_notice_without_a_sender_or_with_a_broken_one_is_read_without_a_word_in_the_log(
    caplog: pytest.LogCaptureFixture, head: bytes, kind: Kind
) -> None:
    text = b"\n\nHi. This is the qmail-send program\nfailed\n\n<gone@example.net>:\nno such user\n"
    assert read(head + text, MARKS, NOW).kind is kind
    assert caplog.records == []


def test_a_subject_that_cannot_be_decoded_is_shown_as_it_came() -> None:
    report = read(
        b"From: a@example.net\nSubject: =?utf-8?B?AAAAA?= =?no-such-charset?q?=41?=\n\n", MARKS, NOW
    )
    assert report.diagnostic.startswith("from a@example.net: =?utf-8?B?AAAAA?=")


def test_blank_lines_before_a_message_do_not_end_its_fields() -> None:
    assert parse(b"\r\n\nSubject: s\n\nx").first("subject") == "s"


def test_only_the_beginning_is_looked_at() -> None:
    late = b"x" * MOST_BYTES + b"\n"
    whole = parse(b"Subject: s\n\n" + late)
    assert len(whole.body) < MOST_BYTES


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        (b"Date: Tue, 24 Nov 2026 06:00:00 +0700\n\n", datetime(2026, 11, 23, 23, tzinfo=UTC)),
        (b"Date: Tue, 24 Nov 2026 06:00:00\n\n", datetime(2026, 11, 24, 6, tzinfo=UTC)),
        (b"Date: Tue, 24 Nov 2037 06:00:00 +0700\n\n", NOW),
        (b"Date: Tue, 24 Nov 2020 06:00:00 +0700\n\n", NOW),
        (b"Date: Tue, 24 Nov 9999 06:00:00 -9999\n\n", NOW),
        (b"Date: soon\n\n", NOW),
        (b"\n", NOW),
    ],
)
def test_a_report_has_its_own_date_where_that_can_be(raw: bytes, day: datetime) -> None:
    assert read(raw, MARKS, NOW).when == day


def test_a_line_is_short_and_printable() -> None:
    assert line("a\x1b[31m\u202eb\n\tc ") == "a [31m b c"
    assert len(line("x" * 1000)) == 200
