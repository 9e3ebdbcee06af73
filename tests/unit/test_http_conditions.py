"""What a request asks of an answer: codings, news, ranges, languages (RFC 9110)."""

from __future__ import annotations

import tracemalloc
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.web import languages
from publisher.web.conditions import Span, chosen, is_news, names_tag, span, weights
from publisher.web.fetchers import told

TAG, DATE = b'"abc-gz"', 1_700_000_000
BOTH = ("br", "gz")


@pytest.mark.parametrize(
    ("field", "coding"),
    [
        (b"", ""),
        (b"gzip", "gz"),
        (b"gzip, deflate, br, zstd", "br"),
        (b"x-gzip", "gz"),
        (b"br;q=0.5, gzip", "gz"),
        (b"br;q=0.5, gzip;q=0.8, *;q=0.1", "gz"),
        (b"GZIP;Q=0.2", "gz"),
        (b"br;q=0, *", "gz"),
        (b"*", "br"),
        (b"*;q=0", ""),
        (b"gzip;q=0", ""),
        (b"identity, gzip;q=0.5", ""),
        (b"identity;q=0.5, gzip;q=0.5", "gz"),
        (b"gzip;q=1.5", ""),
        (b"gzip;q=,br;q=x", ""),
        (b"deflate", ""),
        (b",, ;q=1", ""),
    ],
)
def test_the_coding_is_the_one_that_is_wanted_most_of_those_that_are_there(field: bytes, coding: str) -> None:
    assert chosen(field, BOTH) == coding


def test_what_is_kept_of_a_list_is_small_however_long_it_is() -> None:
    assert chosen(b"gzip," + b"x" * 60_000, BOTH) == "gz"
    assert chosen(b"br, gzip;q=0.5, " + b" " * 982 + b"br;q=0", BOTH) == "br"
    tracemalloc.start()
    for number in range(300):
        field = b"gzip, %d;" % number + b"x" * 60_000
        assert chosen(field, BOTH) == "gz"
        assert languages.wanted(field, ("vi", "en")) == "vi"
        assert told(f"Feedly/1.0 ({number} subscribers; {'x' * 60_000})") == ("Feedly", number)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 3_000_000


def test_a_coding_that_is_not_there_is_passed_over() -> None:
    assert chosen(b"br, gzip;q=0.1", ["gz"]) == "gz"
    assert chosen(b"br, gzip", []) == ""


@pytest.mark.parametrize(
    ("field", "named"),
    [
        (b'"abc-gz"', True),
        (b'W/"abc-gz"', True),
        (b'"x", W/"abc-gz" , "y"', True),
        (b"*", True),
        (b'"abc"', False),
        (b"abc-gz", False),
        (b'"abc-gz', False),
        (b"", False),
    ],
)
def test_a_tag_is_compared_weakly_as_a_whole(field: bytes, named: bool) -> None:
    assert names_tag(field, TAG) is named


def date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()


@pytest.mark.parametrize(
    ("none_match", "since", "news"),
    [
        (None, None, True),
        (TAG, None, False),
        (b'"old"', None, True),
        (b'"old"', date(DATE), True),
        (TAG, date(0), False),
        (None, date(DATE), False),
        (None, date(DATE + 5), False),
        (None, date(DATE - 1), True),
        (None, b"yesterday", True),
        (None, b"Tue, 14 Nov 2023 22:13:20 GMT", False),
        (None, b"Tuesday, 14-Nov-23 22:13:20 GMT", False),
        (None, b"Tue Nov 14 22:13:20 2023", False),
        (None, b"\xff\xfe", True),
        (None, b"Mon, 99 Nov 99999 00:00:00 GMT", True),
    ],
)
def test_a_tag_says_more_than_a_date(none_match: bytes | None, since: bytes | None, news: bool) -> None:
    assert is_news(none_match, since, TAG, DATE) is news


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (None, None),
        (b"bytes=0-0", Span(0, 1)),
        (b"bytes=10-19", Span(10, 20)),
        (b"bytes=90-", Span(90, 100)),
        (b"bytes=90-500", Span(90, 100)),
        (b"bytes=-5", Span(95, 100)),
        (b"bytes=-500", Span(0, 100)),
        (b"bytes=5-4", None),
        (b"bytes=-", None),
        (b"bytes=0-1,5-6", None),
        (b"lines=0-1", None),
        (b"bytes=" + b"9" * 5000 + b"-", None),
    ],
)
def test_one_range_is_cut_out_and_anything_else_is_the_whole(field: bytes | None, found: Span | None) -> None:
    assert span(field, None, TAG, DATE, 100) == found


@pytest.mark.parametrize("field", [b"bytes=100-", b"bytes=100-120", b"bytes=-0"])
def test_a_range_behind_the_end_is_empty(field: bytes) -> None:
    found = span(field, None, TAG, DATE, 100)
    assert found is not None
    assert len(found) == 0


@pytest.mark.parametrize(
    ("if_range", "kept"),
    [(TAG, True), (b"W/" + TAG, False), (b'"old"', False), (date(DATE), True), (date(DATE + 1), False)],
)
def test_a_range_holds_only_for_the_very_same_content(if_range: bytes, kept: bool) -> None:
    assert (span(b"bytes=0-4", if_range, TAG, DATE, 100) is not None) is kept


@pytest.mark.parametrize(
    ("field", "language"),
    [
        (b"", "vi"),
        (b"en", "en"),
        (b"en-GB,en;q=0.9,vi;q=0.8", "en"),
        (b"vi-VN,vi;q=0.9,en-US;q=0.6,en;q=0.5", "vi"),
        (b"fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en"),
        (b"fr", "vi"),
        (b"en;q=0", "vi"),
        (b"EN-us", "en"),
        (b"*", "vi"),
        (b"de, *;q=0.1", "vi"),
    ],
)
def test_the_language_is_the_one_that_the_browser_wants_most(field: bytes, language: str) -> None:
    assert languages.wanted(field, ("vi", "en")) == language


@given(st.binary(max_size=200))
def test_no_header_field_can_make_it_fail(field: bytes) -> None:
    assert all(0 <= weight <= 1 for weight in weights(field).values())
    assert chosen(field, BOTH) in ("", *BOTH)
    assert languages.wanted(field, ("vi", "en")) in ("vi", "en")
    assert is_news(field, field, TAG, DATE) in (True, False)
    found = span(field, field, TAG, DATE, 100)
    assert found is None or 0 <= len(found) <= 100


@given(st.integers(0, 10**20), st.integers(0, 10**20), st.integers(0, 10**12))
def test_a_range_never_leaves_the_content(first: int, last: int, size: int) -> None:
    found = span(f"bytes={first}-{last}".encode(), None, TAG, DATE, size)
    assert found is None or len(found) == 0 or 0 <= found.first < found.end <= size
