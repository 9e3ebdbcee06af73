"""Tokens: what they look like, and what is not taken for one."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta

import pytest

from publisher.mailing.tokens import Token, read, sign

SECRET = "5" * 64
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_token_is_short_and_of_letters_that_survive_folding() -> None:
    token = sign(SECRET, "unsubscribe", 1_000_000, "daily")
    assert re.fullmatch(r"f4240\.0\.daily\.[0-9a-f]{24}", token)
    assert read(SECRET, "unsubscribe", token.upper(), NOW) == Token(1_000_000, ("daily",))


def test_the_mark_is_the_first_96_bits_of_the_hmac() -> None:
    whole = hmac.new(SECRET.encode(), b"preferences\x007.0", "sha256").digest()
    assert sign(SECRET, "preferences", 7) == "7.0." + whole.hex()[:24]


def test_a_token_lives_as_long_as_its_reader_says() -> None:
    token = sign(SECRET, "confirm", 7, "12", now=NOW)
    assert read(SECRET, "confirm", token, NOW + DAY, DAY) == Token(7, ("12",), NOW)
    assert read(SECRET, "confirm", token, NOW + DAY + timedelta(seconds=1), DAY) is None
    assert read(SECRET, "confirm", token, NOW + 400 * DAY) == Token(7, ("12",), NOW)


def test_a_clock_that_was_set_back_does_not_end_a_token() -> None:
    assert read(SECRET, "confirm", sign(SECRET, "confirm", 7, now=NOW), NOW - DAY, DAY)


def test_a_token_without_a_time_is_not_taken_where_a_lifetime_is_asked() -> None:
    assert read(SECRET, "confirm", sign(SECRET, "confirm", 7), NOW, DAY) is None


@pytest.mark.parametrize(
    "token", ["", ".", "..", "x", "7.0.", "7.0." + "a" * 24, "7.0.daily", "\u212a.0.a", "7.0.\x00", "é" * 30]
)
def test_what_nobody_signed_says_nothing(token: str) -> None:
    assert read(SECRET, "unsubscribe", token, NOW) is None


@pytest.mark.parametrize("part", ["", "a.b", "A", "a b", "a\n", "ế"])
def test_what_would_not_survive_folding_is_not_signed(part: str) -> None:
    with pytest.raises(ValueError, match="not what a token can hold"):
        sign(SECRET, "unsubscribe", 7, part)
