"""Whatever the pattern of attempts, guessing stays slow, and memory stays small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.web.console.lockout import CLIENT, EVERYBODY, Lockout

START = datetime(2026, 11, 26, tzinfo=UTC)
ATTEMPTS = st.lists(st.tuples(st.integers(1, 250), st.integers(0, 4000)), max_size=300)


@given(st.lists(st.integers(0, 4000), max_size=300))
def test_one_client_has_few_attempts_in_a_day_at_any_rhythm(pauses: list[int]) -> None:
    lockout, now, taken = Lockout(), START, []
    for seconds in pauses:
        now += timedelta(seconds=seconds)
        if lockout.attempt("192.0.2.1", now) <= timedelta():
            taken.append(now)
    for first in taken:
        day = [moment for moment in taken if first <= moment < first + timedelta(days=1)]
        # Those that are free, the doublings up to an hour, then one an hour; and all of it anew where
        # nothing was tried for half a day.
        assert len(day) <= 2 * (CLIENT.free + 7 + 24)


@given(ATTEMPTS)
def test_all_clients_together_are_held_up_too(attempts: list[tuple[int, int]]) -> None:
    lockout, now, taken = Lockout(most=20), START, 0
    for client, tenths in attempts:
        now += timedelta(seconds=tenths / 10_000)
        taken += lockout.attempt(f"192.0.2.{client}", now) <= timedelta()
        assert len(lockout._clients) <= 20
    # Within the two minutes that all of it takes at most: the free ones, and those after each pause.
    assert taken <= EVERYBODY.free + 6


@given(ATTEMPTS)
def test_who_waits_as_long_as_he_is_told_may_try(attempts: list[tuple[int, int]]) -> None:
    lockout, now = Lockout(), START
    for client, seconds in attempts:
        now += timedelta(seconds=seconds)
        address = f"192.0.2.{client % 3}"
        wait = lockout.attempt(address, now)
        if wait > timedelta():
            now += wait
            assert lockout.attempt(address, now) <= timedelta()
