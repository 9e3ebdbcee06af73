"""A site that has something in every table, and one that is a copy of it."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from conftest import NOW, Site

from publisher.mailboxes import key_of
from publisher.model import Consent, Fetcher, Ping, Subscriber, SubscriberState, Subscription
from publisher.store import Store

MORE = """
[[digest]]
name = "weekly"
title = "Tin tuần"
schedule = "0 6 * * 2"
max_articles = 2
corrections = true
recipients = ["desk@example.org", "Ban biên tập <a.b@example.org>"]
"""
LATEST = NOW + timedelta(days=8)
"""When the last run of `lived` was."""


def lived(site: Site) -> None:
    """News, a corrected and a vanished article, a new topic; readers who came, asked, left and were erased."""
    for number in range(12):
        word = ("Kiến An", "giao thông", "ưu tiên", "Ánh sáng", "zebra", "Đường")[number % 6]
        date = f"1{number % 9}:26 {number + 1}/05/2023"
        site.article(f"{number}.txt", f"{word} {number}", f"Tin {word}. Giao thông.", date)
    site.article("found.txt", "Bệnh viện Việt Tiệp", "Bệnh viện Việt Tiệp ở thành phố Hải Phòng.")
    site.change("found = 0", "found = 3")
    site.configure((site.root / "config.toml").read_text(encoding="utf-8").split("\n[database]")[0] + MORE)
    assert site.run().failures == []
    _readers(Store.open(site.config.database_at), NOW + timedelta(hours=1))
    site.article("3.txt", "Ánh sáng 3, sửa", "Tin mới. Kiến An.", "13:26 4/05/2023")
    site.article("new.txt", "Ẩn số\t\\N", "Giao thông Kiến An. \\. \U0001f600", "13:26 20/11/2026")
    (site.seeds / "5.txt").unlink()
    assert site.run(NOW + timedelta(days=1)).failures == []
    site.change('name = "Kiến An"', 'name = "Kiến An quận"')
    site.article("11.txt", "Đường 11, sửa", "Tin Đường. Giao thông.", "12:26 12/05/2023")
    assert site.run(LATEST).failures == []
    store = Store.open(site.config.database_at)
    hubs = [Ping("https://hub.example/", "https://news.example.org/feed.xml", 2, LATEST, "503")]
    store.record_documents([], [], hubs)
    store.begin_session("ab" * 32, LATEST + timedelta(hours=1), LATEST)
    store.record_fetchers([Fetcher("feed.xml", "Feedly", 12, LATEST)], NOW)
    with store._transaction() as connection:  # as it is between the first message and the last
        connection.exec_driver_sql("UPDATE part SET body = X'00FF5C41' WHERE number = 1")


def _readers(store: Store, now: datetime) -> None:
    """The last numbers are those of somebody who is gone again: they are never given to anybody else."""
    store.admit([_reader(number, SubscriberState.ACTIVE) for number in range(10)], "test", now)
    for address, digest in (("r1@example.org", "daily"), ("r2@example.org", "")):
        person = store.subscriber_with_key(address)
        assert person
        store.unsubscribe(person.number, digest, "a test", now)
    store.erase("r3@example.org", now)
    for number in (20, 21):
        store.ask(_reader(number, SubscriberState.PENDING), now)
    store.erase("r21@example.org", now)


def _reader(number: int, state: SubscriberState) -> Subscriber:
    address = f"r{number}@example.org"
    choice = Subscription("daily", keywords=("giao-thong",)) if number % 2 else Subscription("daily")
    consent = Consent(NOW, "test", "Ja, ich will")
    return Subscriber(0, address, key_of(address), state, consent=consent, subscriptions=(choice,))


def twin(site: Site, root: Path) -> Site:
    """A copy of a whole site, times of files and all."""
    other = Site(root)
    shutil.copytree(site.root, root, dirs_exist_ok=True)
    return other
