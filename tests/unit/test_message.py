"""One message: its headers whole and unfolded where they must be, its text unable to become a header."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import strict

from publisher.mailing import Envelope, build, unsubscribe_url

DATE = datetime(2026, 11, 24, 6, tzinfo=timezone(timedelta(hours=7)))
ENVELOPE = Envelope(
    sender="Bản tin Kiến An <news@a-rather-long-name-of-a-domain.example.org>",
    reply_to="",
    to="Độc giả <reader@example.org>",
    subject="Tin sáng Kiến An: 24 tháng 11, 2026",
    date=DATE,
    message_id="<0123456789abcdef0123456789abcdef@a-rather-long-name-of-a-domain.example.org>",
    list_name="daily",
    list_title="Tin sáng Kiến An, số ra mỗi ngày cho bạn đọc gần xa",
    token="0123456789abcdef0123456789abcdef",
)


def test_a_message_parses_strictly_and_says_what_it_was_made_of() -> None:
    message = message_from_bytes(build(ENVELOPE, "<p>Chào</p>", "Chào"), policy=strict)
    assert message["Subject"] == ENVELOPE.subject
    assert message["From"].addresses[0].display_name == "Bản tin Kiến An"
    assert message["To"].addresses[0].addr_spec == "reader@example.org"
    assert message["Date"].datetime == DATE
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert "Chào" in message.get_body(("html",)).get_content()


def test_machine_read_headers_are_never_encoded_however_long_they_are() -> None:
    raw = build(ENVELOPE, "<p>x</p>", "x").decode("ascii")
    assert f"\r\nMessage-ID: {ENVELOPE.message_id}\r\n" in raw
    assert f"\r\nList-Unsubscribe: <{unsubscribe_url(ENVELOPE.sender, ENVELOPE.token)}>\r\n" in raw
    assert "<daily.a-rather-long-name-of-a-domain.example.org>\r\n" in raw


def test_the_name_of_the_list_reads_back() -> None:
    message = message_from_bytes(build(ENVELOPE, "<p>x</p>", "x"))
    assert str(make_header(decode_header(message["List-Id"]))).startswith(ENVELOPE.list_title)


def test_every_line_is_short_enough_and_ends_in_crlf() -> None:
    raw = build(ENVELOPE, "<p>" + "chữ " * 500 + "</p>", "chữ " * 500)
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_the_same_message_has_the_same_bytes() -> None:
    assert build(ENVELOPE, "<p>x</p>", "x") == build(ENVELOPE, "<p>x</p>", "x")


def test_a_foreign_domain_is_written_in_ascii() -> None:
    raw = build(replace(ENVELOPE, sender="news@báo.example"), "<p>x</p>", "x")
    assert b"xn--" in raw
