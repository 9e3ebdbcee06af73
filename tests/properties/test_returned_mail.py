"""Whatever comes back is read without an error, and forged without our secret it never concerns anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.mailing import verp
from publisher.mailing.reports import Kind, Marks, Report, read

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SECRET = "5e" * 32
CASES = [
    file.read_bytes() for file in sorted((Path(__file__).parents[1] / "cases" / "bounces").glob("*.eml"))
]
STRANGER = Marks(partial(verp.decode, "11" * 32), partial(verp.named_in, "11" * 32), lambda _: None)
OWN = Marks(
    partial(verp.decode, SECRET), partial(verp.named_in, SECRET), {"k7-ZGFpbHk-m4c9q2": (7, "daily")}.get
)
NUMBERS = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**48 - 1))
HEADERS = st.sampled_from(
    [
        b"To: ",
        b"Content-Type: multipart/report; boundary=b",
        b"Content-Type: message/delivery-status",
        b"Content-Type: message/feedback-report",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Subject: unsubscribe ",
        b"Subject: =?utf-8?b?",
        b"From: MAILER-DAEMON@x",
        b"Return-Path: <>",
        b"Hi. This is the qmail-send program",
        b"<gone@example.net>:",
        b"Action: failed",
        b"Status: 5.1.1",
        b"Final-Recipient: rfc822;",
        b"Feedback-Type: abuse",
        b"--b",
        b"--b--",
        b"",
        b" ",
    ]
)
JUNK = st.lists(st.one_of(HEADERS, st.binary(max_size=40)), max_size=30).map(b"\n".join)


def check(report: Report) -> None:
    """What is promised of every report."""
    assert report.when.tzinfo is not None
    for text in (report.address, report.status, report.diagnostic):
        assert text.isprintable()
        assert len(text) <= 200
    if not report.proven:
        assert report.kind in (Kind.SOFT, Kind.NOTHING, Kind.UNKNOWN)


@given(JUNK)
@settings(max_examples=300, deadline=None)
def test_junk_is_read(raw: bytes) -> None:
    check(read(raw, OWN, NOW))


@given(st.sampled_from(CASES), st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_report_is_read(raw: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 200)))
    check(read(raw[:start] + data.draw(st.binary(max_size=30)) + raw[end:], OWN, NOW))


@given(st.sampled_from(CASES))
@settings(deadline=None)
def test_without_the_secret_no_report_concerns_anybody(raw: bytes) -> None:
    report = read(raw, STRANGER, NOW)
    check(report)
    assert (report.edition, report.subscriber) == (0, 0)


@given(
    NUMBERS, st.sampled_from(["b@e.org", "bounces@bounce.example.org"]), st.booleans(), st.text(max_size=20)
)
def test_a_return_path_is_read_again(
    numbers: tuple[int, int], address: str, upper: bool, around: str
) -> None:
    path = verp.encode(SECRET, address, *numbers)
    assert verp.decode(SECRET, f"{around}={path.upper() if upper else path}") == numbers


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567+@", min_size=30, max_size=80))
def test_no_other_text_is_a_return_path(text: str) -> None:
    assert verp.decode(SECRET, text) is None
