"""Tokens: what is read is what was signed, and nothing else is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.mailing.tokens import Token, read, sign

SECRETS = st.text("0123456789abcdef", min_size=64, max_size=64)
PURPOSES = st.sampled_from(["unsubscribe", "preferences", "confirm"])
NUMBERS = st.integers(1, 2**62)
PARTS = st.lists(st.text("abcxyz0129-", min_size=1, max_size=60), max_size=3).map(tuple)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)


@given(SECRETS, PURPOSES, NUMBERS, PARTS, st.none() | MOMENTS, MOMENTS)
def test_what_was_signed_is_read(secret, purpose, number, parts, signed, now) -> None:
    token = sign(secret, purpose, number, *parts, now=signed)
    assert read(secret, purpose, token, now) == Token(number, parts, signed)
    assert read(secret, purpose, token.upper(), now) == Token(number, parts, signed)


@given(SECRETS, PURPOSES, NUMBERS, PARTS, MOMENTS, st.data())
def test_any_other_character_anywhere_spoils_it(secret, purpose, number, parts, now, data) -> None:
    token = sign(secret, purpose, number, *parts, now=now)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda mark: mark.lower() != token[place]))
    for spoilt in (
        token[:place] + other + token[place + 1 :],
        token[:place] + token[place + 1 :],
        token[:place] + other + token[place:],
    ):
        assert spoilt.lower() == token or read(secret, purpose, spoilt, now) is None


@given(SECRETS, SECRETS, PURPOSES, PURPOSES, NUMBERS, PARTS, MOMENTS)
def test_another_purpose_or_secret_reads_nothing(secret, other, purpose, foreign, number, parts, now) -> None:
    token = sign(secret, purpose, number, *parts)
    assert (read(secret, foreign, token, now) is None) == (purpose != foreign)
    assert (read(other, purpose, token, now) is None) == (secret != other)


@given(SECRETS, NUMBERS, MOMENTS, st.integers(0, 10**8), st.integers(0, 10**8))
def test_a_token_is_read_until_its_lifetime_is_over(secret, number, signed, age, lifetime) -> None:
    token = sign(secret, "confirm", number, now=signed)
    found = read(secret, "confirm", token, signed + timedelta(seconds=age), timedelta(seconds=lifetime))
    assert (found is None) == (age > lifetime)
