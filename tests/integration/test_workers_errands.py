"""What workers do beside reading, making and sending: reports that came back, and hubs; they may die at it."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Site
from hubs import Server, serving, with_hubs
from test_returns_in_runs import REPORT
from test_workers import Hired, eventually
from test_workers import here as here
from test_workers import hired as hired
from test_workers import small as small
from test_workers import url as url

from publisher.mailing import verp
from publisher.model import DeliveryState, SubscriberState
from publisher.store import Store

NOW = datetime.now(UTC)
YESTERDAY = (NOW - timedelta(days=1)).replace(hour=3)


def mailed(site: Site) -> tuple[Store, str, Path]:
    """A site whose only reader had an edition yesterday: the store, where reports come to, and the box for them."""
    site.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "Tin thử <news@example.org>"\n\n[mail.bounces]\naddress = "b@example.org"\nmaildir = "back"',
    )
    assert site.run(YESTERDAY - timedelta(days=1)).counts["sent"] == 1
    store = Store.open(site.config.database_at)
    (delivery,) = store.deliveries()
    to = verp.encode(store.known_setting("secret"), "b@example.org", delivery.number, delivery.subscriber)
    box = site.root / "back"
    for part in ("new", "cur", "tmp"):
        (box / part).mkdir(parents=True)
    return store, to, box / "new"


@pytest.mark.parametrize("words", ["--concurrency 1", "--concurrency 2", "--queues deliver"])
def test_what_came_back_is_heard_before_anything_is_sent(here: Site, hired: Hired, words: str) -> None:
    """Whoever hears it: a worker, beside another that sends, or the run itself."""
    store, to, box = mailed(here)
    for number in range(50):  # it takes a while
        (box / str(number)).write_text(REPORT.format(to=to), encoding="utf-8")
    here.article("b.txt", "Bài hai", date=f"{YESTERDAY - timedelta(days=1):%H:%M %d/%m/%Y}")
    # That edition is kept back, so that nothing waits for this run any more.
    here.change("[mail.bounces]", '[mail.limits]\nquiet = "00:00-23:59"\n\n[mail.bounces]')
    box.rename(kept := box.with_name("kept"))
    box.mkdir()
    assert here.run(YESTERDAY + timedelta(hours=12)).counts["postponed"] == 1
    here.change('quiet = "00:00-23:59"', "")
    box.rmdir()
    kept.rename(box)
    worker = hired.hire(*words.split())
    hired.here(2 if "2" in words else 1)
    worker.send_signal(signal.SIGSTOP)  # jobs are all there before it looks which comes first
    assert here.run(NOW).failures == []
    worker.send_signal(signal.SIGCONT)
    eventually(lambda: store.delivery_counts() == {DeliveryState.FAILED: 1, DeliveryState.SUPPRESSED: 1})
    assert len(here.messages()) == 1


def test_a_worker_killed_at_reports_leaves_none_behind(here: Site, hired: Hired) -> None:
    store, to, box = mailed(here)
    many = 600
    for number in range(many):
        (box / str(number)).write_text(REPORT.format(to=to), encoding="utf-8")
    first = hired.hire()
    hired.here(1)
    assert here.run(NOW).failures == []
    eventually(lambda: len([*box.iterdir()]) < many - 20)
    first.send_signal(signal.SIGKILL)
    first.wait()
    lost = time.monotonic()
    assert [*box.iterdir()]
    hired.hire()
    eventually(lambda: not [*box.iterdir()])
    assert time.monotonic() - lost < 60
    (delivery, *_) = store.deliveries()
    found = store.subscriber(delivery.subscriber)
    assert found is not None
    assert found.state is SubscriberState.BOUNCED


def test_a_worker_killed_at_a_hub_leaves_no_news_untold(here: Site, hired: Hired) -> None:
    with serving(Server()) as hub:
        with_hubs(here, hub.url)
        hub.patience.clear()
        first = hired.hire()
        hired.here(1)
        assert here.run(NOW).failures == []
        store = Store.open(here.config.database_at)
        topics = {ping.topic.rpartition("/")[2] for ping in store.waiting_pings()}
        assert len(topics) == 3
        eventually(lambda: len(hub.topics) == 1)
        first.send_signal(signal.SIGKILL)
        first.wait()
        lost = time.monotonic()
        hub.patience.set()
        hired.hire()
        eventually(lambda: not store.waiting_pings())
        assert time.monotonic() - lost < 60
        assert set(hub.topics) == topics
