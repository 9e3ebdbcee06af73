"""Whatever happens to a subscriber in whatever order: nobody gets mail against his will."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rosters import synced

from publisher.model import Consent, Subscriber, SubscriberState, Subscription
from publisher.store import Store

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
ADDRESS = "reader@example.org"
DIGESTS = st.sampled_from(["daily", "weekly"])
STEPS = st.one_of(
    st.tuples(st.just("imported"), DIGESTS, st.sampled_from(list(SubscriberState))),
    st.tuples(st.just("listed"), DIGESTS, st.booleans()),
    st.tuples(st.just("asks"), DIGESTS, st.booleans()),
    st.tuples(st.just("changes"), st.frozensets(DIGESTS)),
    st.tuples(st.just("leaves"), st.sampled_from(["", "daily", "weekly"])),
    st.tuples(st.just("bounces"), st.booleans()),
    st.tuples(st.just("complains")),
    st.tuples(st.just("erased")),
)


class Reader:
    """What one person wants, told from what he did and nothing else."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, NOW
        self.refuses: set[str] = set()
        self.gone = self.bounced = self.complained = False

    def person(self, state: SubscriberState, *digests: str) -> Subscriber:
        choices = tuple(Subscription(digest) for digest in digests) if state == "active" else ()
        return Subscriber(
            0, ADDRESS, ADDRESS, state, consent=Consent(self.now, "t", "t"), subscriptions=choices
        )

    @property
    def number(self) -> int:
        known = self.store.subscriber_with_key(ADDRESS)
        return known.number if known else 0

    def imported(self, digest: str, state: SubscriberState) -> None:
        self.store.admit([self.person(state, digest)], "test", self.now)

    def listed(self, digest: str, on_it: bool) -> None:
        synced(self.store, digest, [ADDRESS] if on_it else [], self.now)

    def asks(self, digest: str, confirms: bool) -> None:
        request = self.store.ask(self.person(SubscriberState.ACTIVE, digest), self.now)
        if confirms and self.store.confirm(*request, self.now):
            assert not (self.bounced or self.complained)
            self.gone = False
            self.refuses.discard(digest)

    def changes(self, digests: frozenset[str]) -> None:
        known = self.store.subscriber(self.number)
        before = {mine.digest for mine in known.subscriptions} if known else set()
        choices = [Subscription(digest) for digest in sorted(digests)]
        if self.store.change(self.number, choices, "", self.now):
            self.refuses = (self.refuses | before) - digests if digests else {"daily", "weekly"}

    def leaves(self, digest: str) -> None:
        if self.store.unsubscribe(self.number, digest, "test", self.now):
            self.refuses |= {digest} if digest else {"daily", "weekly"}
        found = self.store.subscriber_with_key(ADDRESS)
        self.bounced = found is not None and found.state is SubscriberState.BOUNCED

    def bounces(self, hard: bool) -> None:
        state = self.store.bounced(self.number, hard=hard, limit=3, reason="", now=self.now)
        self.bounced |= state is SubscriberState.BOUNCED

    def complains(self) -> None:
        self.complained |= self.store.complained(self.number, "", self.now)

    def erased(self) -> None:
        self.store.erase(ADDRESS, self.now)
        self.gone, self.bounced, self.complained, self.refuses = True, False, False, set()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that knows nobody, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "publisher.db"
    Store.open(file)
    return file


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=10))
def test_nobody_gets_what_he_left(empty: Path, steps: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Store.open(shutil.copy(empty, Path(folder) / "publisher.db")))
        for what, *how in steps:
            reader.now += timedelta(minutes=1)
            getattr(reader, what)(*how)
            found = reader.store.subscriber_with_key(ADDRESS)
            mailed = found is not None and found.state is SubscriberState.ACTIVE
            gets = {mine.digest for mine in found.subscriptions} if found and mailed else set()
            assert not gets & reader.refuses
            assert not (gets and (reader.gone or reader.bounced or reader.complained))
