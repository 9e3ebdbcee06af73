"""People subscribe: real feed readers fetch from a real web server, while the site goes on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from conftest import NOW, Site, demand
from subscribers import READERS, Shown
from webserver import NGINX, WebServer

HOUR = timedelta(hours=1)
WRITTEN = {
    "Xe & <nghìn tỷ>: 5 > 3": (datetime.fromisoformat("2023-05-30T17:26+07:00"), ["Giao thông", "Kiến An"]),
    "Trời đẹp ở Kiến An": (datetime.fromisoformat("2023-06-01T00:05+07:00"), ["Kiến An"]),
}
CASES = [(name, form) for name, habits in READERS.items() for form in habits.forms]


class Town:
    """A site on a web server, another address that it can move to, and one subscriber."""

    def __init__(
        self, site: Site, old: WebServer, new: WebServer, name: str, form: str, folder: Path
    ) -> None:
        self.site, self.old, self.new, self.feed = site, old, new, f"feed.{form}"
        self.habits = READERS[name]
        self.names = self.habits.forms[form]
        self.now = NOW
        self.subscriber = self.habits.kind(folder / "subscriber")
        self.moved = folder / "moved"

    def publish(self) -> None:
        """One run, an hour after the one before, also to the web server."""
        before = self._times()
        assert self.site.run(self.now).failures == []
        # nginx tells versions by second and size, and newsboat drops what is not younger by a second whatever the
        # ETag says. Two runs of a test fall into one second; those of a site hardly ever do.
        for file, time in self._times().items():
            if before.get(file) != time:
                os.utime(file, (self.now.timestamp(), self.now.timestamp()))
        self.now += HOUR

    def _times(self) -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for file in self.site.output.rglob("*") if file.is_file()}

    def move(self) -> None:
        """The site has another address from now on; both are served."""
        self.site.change(self.old.url, self.new.url)
        self.publish()

    def ids(self) -> set[str]:
        """The ids of all articles, as the JSON feed has them."""
        items = json.loads((self.site.output / "feed.json").read_bytes())["items"]
        return {item["id"] for item in items}

    def shown(self) -> dict[str, Shown]:
        """What the subscriber has, by title; never one article twice."""
        found = self.subscriber.shown()
        by_title = {shown.title: shown for shown in found.values()}
        assert len(by_title) == len(found)
        return by_title


@pytest.fixture(params=CASES, ids="-".join)
def town(site: Site, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """Two articles are published, and subscribed to by somebody who has read them."""
    name, form = request.param
    demand("nginx", NGINX)
    if (program := READERS[name].kind.program) is not None:
        demand(program, shutil.which(program))
    site.output.mkdir()
    new = WebServer(site.output)
    redirect = f"if (-f {tmp_path}/moved) {{ return 301 http://127.0.0.1:{new.port}$request_uri; }}"
    with WebServer(site.output, f"location / {{ {redirect} }}") as old, new:
        site.change("https://news.example.org/", old.url)
        site.article("a.txt", "Xe & <nghìn tỷ>: 5 > 3", "Giao thông ở Kiến An.")
        site.article("b.txt", "Trời đẹp ở Kiến An", date="00:05 01/06/2023")
        town = Town(site, old, new, name, form, tmp_path)
        town.publish()
        town.subscriber.subscribe(old.url + town.feed)
        town.subscriber.poll()
        yield town
        town.subscriber.close()


def test_a_subscriber_sees_each_title_moment_and_keyword_as_written(town: Town) -> None:
    expected = {
        title: (moment, sorted(town.names[keyword] for keyword in keywords) if town.names else None)
        for title, (moment, keywords) in WRITTEN.items()
    }
    seen = {
        title: (shown.moment, None if shown.keywords is None else sorted(shown.keywords))
        for title, shown in town.shown().items()
    }
    assert seen == expected
    assert set(town.subscriber.shown()) == town.ids()
    assert sorted(town.subscriber.news()) == sorted(WRITTEN)


def test_who_asks_again_is_told_that_nothing_changed(town: Town) -> None:
    before = town.shown()
    for _ in town.habits.answers[1:]:
        town.subscriber.poll()
    assert town.old.statuses(f"/{town.feed}") == town.habits.answers
    assert town.shown() == before
    last = town.old.requests(f"/{town.feed}")[-1]
    assert (last.none_match != "", last.modified_since != "", last.sent) == (True, True, 0)


def test_an_edited_article_is_shown_once_and_a_new_one_is_the_only_news(town: Town) -> None:
    town.subscriber.read_all()
    town.site.article("b.txt", "Trời rất đẹp ở Kiến An", "Sửa.", date="00:05 01/06/2023")
    town.site.article("c.txt", "Cầu mới", date="09:00 02/06/2023")
    town.publish()
    town.subscriber.poll()
    edited = "Trời rất đẹp ở Kiến An" if town.habits.shows_edits else "Trời đẹp ở Kiến An"
    assert set(town.shown()) == {"Xe & <nghìn tỷ>: 5 > 3", edited, "Cầu mới"}
    assert town.shown()[edited].moment == WRITTEN["Trời đẹp ở Kiến An"][0]
    assert set(town.subscriber.shown()) == town.ids()
    assert town.subscriber.news() == ["Cầu mới"]


def test_nothing_is_news_to_a_subscriber_who_enters_the_new_address_of_a_site(town: Town) -> None:
    town.subscriber.read_all()
    before = town.ids()
    town.move()
    town.subscriber.move(town.new.url + town.feed)
    town.subscriber.poll()
    assert town.new.statuses(f"/{town.feed}") == [200]
    assert town.subscriber.news() == []
    assert set(town.shown()) == set(WRITTEN)
    assert set(town.subscriber.shown()) == town.ids() == before
    assert_links_lead_to_the_site(town)


def test_nothing_is_news_to_a_subscriber_whom_the_old_address_sends_to_the_new_one(town: Town) -> None:
    town.subscriber.read_all()
    town.move()
    town.moved.touch()
    town.subscriber.poll()
    assert town.old.statuses(f"/{town.feed}")[-1] == 301
    assert town.new.statuses(f"/{town.feed}") == [200]
    assert town.subscriber.news() == []
    assert set(town.shown()) == set(WRITTEN)
    assert_links_lead_to_the_site(town)
    town.site.article("c.txt", "Cầu mới", date="09:00 02/06/2023")
    town.publish()
    town.subscriber.poll()
    assert town.subscriber.news() == ["Cầu mới"]


def assert_links_lead_to_the_site(town: Town) -> None:
    """After a move: links of the new address, but where a reader keeps what it once had."""
    start = town.new.url if town.habits.shows_edits else town.old.url
    assert [shown.link for shown in town.shown().values() if not shown.link.startswith(start)] == []
