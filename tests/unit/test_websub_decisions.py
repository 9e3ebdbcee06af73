"""Who is told of what, what follows a failure, and what the store remembers of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Site

from publisher.cli import words
from publisher.model import Document, DocumentKind, DocumentRecord, Ping, Plan
from publisher.pipeline import Outcome
from publisher.store import Store
from publisher.websub import Prospect, after_failure, pings_for, prospects

MOMENT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
LATER = MOMENT + timedelta(hours=1)
HUB, OTHER = "https://hub.example.org/", "https://second.example.net/hub"
TOPIC = "https://news.example.org/feed.atom"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "publisher.db")


@pytest.fixture
def hubs(site: Site) -> Site:
    site.configure((site.root / "config.toml").read_text() + f'\n[feeds]\nwebsub = ["{HUB}", "{OTHER}"]\n')
    return site


def remember(store: Store, *pings: Ping) -> None:
    store.record_documents((), (), pings)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (6, 720), (7, None), (8, None)]
)
def test_a_hub_is_tried_again_after_a_pause_or_given_up(attempts: int, minutes: int | None) -> None:
    assert after_failure(attempts) == (None if minutes is None else timedelta(minutes=minutes))


def test_every_hub_is_told_of_every_document_once(hubs: Site) -> None:
    urls = ["https://news.example.org/b", "https://news.example.org/a", "https://news.example.org/b"]
    told = [(ping.hub, ping.topic.rpartition("/")[2]) for ping in pings_for(hubs.config, urls)]
    assert told == [(HUB, "a"), (HUB, "b"), (OTHER, "a"), (OTHER, "b")]


def test_without_a_hub_nobody_is_told(site: Site) -> None:
    assert pings_for(site.config, [TOPIC]) == []


def test_a_dry_run_counts_what_waits_and_what_is_made_once(hubs: Site) -> None:
    documents = [
        Document("feed.atom", DocumentKind.FEED, "", ""),
        Document("feed.rss", DocumentKind.FEED, "", ""),
        Document("", DocumentKind.INDEX, "", ""),
    ]
    waiting = [
        Ping(HUB, TOPIC, due=MOMENT),
        Ping(HUB, "https://news.example.org/keywords/a/feed.atom", due=MOMENT),
        Ping(OTHER, "https://news.example.org/keywords/a/feed.atom", due=LATER),
    ]
    found = prospects(hubs.config, documents, waiting, MOMENT)
    assert found == [Prospect(HUB, 2, 3), Prospect(OTHER, 0, 2)]
    text = "\n".join(words.plan_as_text(Plan(MOMENT), hubs.config, 0, found))
    assert f"Hubs\n  {HUB}  told of 3 documents at most, 2 of them waiting\n" in text
    assert words.plan_as_data(Plan(MOMENT), 0, found)["hubs"][1] == {
        "hub": OTHER,
        "waiting": 0,
        "at_most": 2,
    }
    assert prospects(hubs.config, (), (), MOMENT) == []


def test_a_run_that_told_hubs_says_so(site: Site) -> None:
    outcome = Outcome(Plan(MOMENT))
    outcome.counts.update({"hubs told": 2, "hub pings postponed": 1})
    assert [*words.outcome_as_text(outcome, site.config)] == ["Tin thử", "  hubs       2 told, 1 postponed"]


def test_pings_are_remembered_together_with_the_documents(store: Store) -> None:
    written = [DocumentRecord("feed.atom", "inputs", 1, 1)]
    store.record_documents(written, (), [Ping(HUB, TOPIC)])
    assert "feed.atom" in store.known().documents
    assert [(ping.hub, ping.topic, ping.attempts) for ping in store.open_pings(MOMENT)] == [(HUB, TOPIC, 0)]


def test_neither_is_remembered_where_the_other_cannot_be(store: Store) -> None:
    naive = Ping(HUB, TOPIC, due=datetime(2026, 11, 24))
    with pytest.raises(Exception, match="without a zone"):
        store.record_documents([DocumentRecord("feed.atom", "inputs", 1, 1)], (), [naive])
    assert store.known().documents == {}
    assert store.waiting_pings() == []


def test_a_postponed_ping_is_open_again_when_its_moment_has_come(store: Store) -> None:
    remember(store, Ping(HUB, TOPIC))
    (begun,) = store.begin_pings(store.open_pings(MOMENT))
    store.postpone_pings([replace(begun, due=LATER, reason="connection refused")])
    assert store.open_pings(LATER - timedelta(seconds=1)) == []
    assert store.open_pings(LATER) == [Ping(HUB, TOPIC, 1, LATER, "connection refused")]
    assert store.waiting_pings() == store.open_pings(LATER)


def test_a_document_that_changes_again_makes_its_ping_due_at_once(store: Store) -> None:
    remember(store, Ping(HUB, TOPIC))
    (begun,) = store.begin_pings(store.open_pings(MOMENT))
    store.postpone_pings([replace(begun, due=LATER, reason="connection refused")])
    remember(store, Ping(HUB, TOPIC))
    (again,) = store.open_pings(MOMENT)
    assert (again.attempts, again.reason) == (0, "")


def test_a_ping_that_was_taken_is_forgotten(store: Store) -> None:
    remember(store, Ping(HUB, TOPIC), Ping(OTHER, TOPIC))
    first, _ = store.open_pings(MOMENT)
    store.finish_pings(store.begin_pings([first]))
    assert [ping.hub for ping in store.waiting_pings()] == [OTHER]


@pytest.mark.parametrize("fate", ["finish", "postpone"])
def test_news_that_comes_while_older_news_is_sent_is_not_lost(store: Store, fate: str) -> None:
    remember(store, Ping(HUB, TOPIC))
    (begun,) = store.begin_pings(store.open_pings(MOMENT))
    remember(store, Ping(HUB, TOPIC))
    if fate == "finish":
        store.finish_pings([begun])
    else:
        store.postpone_pings([replace(begun, due=LATER, reason="no answer in 10 s")])
    (kept,) = store.open_pings(MOMENT)
    assert (kept.attempts, kept.reason) == (0, "")


def test_pings_that_were_left_over_come_before_younger_ones(store: Store) -> None:
    remember(store, *(Ping(HUB, topic) for topic in ("b", "a", "c")))
    store.finish_pings(store.begin_pings(store.open_pings(MOMENT)[:1]))
    remember(store, Ping(HUB, "b"), Ping(HUB, "a"))
    assert [ping.topic for ping in store.open_pings(MOMENT)] == ["a", "c", "b"]


def test_hubs_that_left_are_forgotten_and_the_others_stay(store: Store) -> None:
    remember(store, Ping(HUB, TOPIC), Ping(OTHER, TOPIC))
    store.drop_pings({HUB})
    assert [ping.hub for ping in store.waiting_pings()] == [OTHER]


def test_where_there_is_no_database_nothing_waits(tmp_path: Path) -> None:
    with Store.read_only(tmp_path / "publisher.db") as store:
        assert (store.open_pings(MOMENT), store.waiting_pings()) == ([], [])
