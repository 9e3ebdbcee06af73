"""Whole runs that tell hubs: a real hub passes the new document on to a subscriber."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW, Site
from hubs import Server, World, announce, changed, serving, waiting, with_hubs

from publisher import inspection
from publisher.websub import Limits


@pytest.fixture
def hub() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server
        server.patience.set()


@pytest.fixture
def world(site: Site, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(site, tmp_path, stack)


def test_a_subscriber_gets_the_new_document_from_the_hub(world: World) -> None:
    world.site.output.mkdir(parents=True)
    (world.site.output / "feed.atom").write_bytes(b"<feed>new</feed>")
    world.subscribe("feed.atom")
    changed(world.site, "feed.atom")
    assert announce(world.site, limits=Limits()) == ({"hubs told": 1}, [])
    assert world.subscriber.brought == [("/feed.atom", b"<feed>new</feed>")]


def test_a_run_tells_the_hub_when_the_new_document_is_in_place(world: World) -> None:
    world.site.article("a.txt", "Bài một", "Chuyện giao thông.")
    first = world.site.run()
    assert first.counts["hubs told"] > 0
    assert first.failures == []
    world.subscribe("feed.atom")
    world.site.article("b.txt", "Bài hai", "Chuyện ở Kiến An.", date="08:00 31/05/2023")
    outcome = world.site.run(NOW + timedelta(minutes=15))
    assert outcome.failures == []
    assert world.subscriber.brought == [("/feed.atom", (world.site.output / "feed.atom").read_bytes())]
    assert "Bài hai" in world.subscriber.brought[0][1].decode()
    assert world.site.run(NOW + timedelta(minutes=30)).counts["hubs told"] == 0
    assert len(world.subscriber.brought) == 1


def test_a_run_whose_hub_is_down_mails_and_tells_it_later(site: Site) -> None:
    with serving(Server()) as gone:
        port = gone.server_port
    with_hubs(site, f"http://127.0.0.1:{port}/")
    site.article("a.txt", "Bài một", "Chuyện giao thông.")
    outcome = site.run()
    assert outcome.counts["sent"] == 1
    told = outcome.counts["hub pings postponed"]
    assert told > 0
    assert outcome.failures == [
        f"http://127.0.0.1:{port}/: not told of {told} feeds: connection refused; tried again from 11:01"
    ]
    with serving(Server(port)) as hub:
        again = site.run(NOW + timedelta(minutes=15))
        assert (again.counts["hubs told"], again.failures) == (told, [])
        assert len(hub.received) == told
    with site.reading() as store:
        assert store.last_runs()[0].counts["hubs told"] == told


def test_a_run_that_only_has_pings_left_sends_them(site: Site, hub: Server) -> None:
    with_hubs(site, hub.url)
    site.run()
    hub.received.clear()
    changed(site, "feed.atom")
    outcome = site.run(NOW + timedelta(minutes=15))
    assert (outcome.counts["hubs told"], hub.topics) == (1, ["feed.atom"])


def test_a_dry_run_tells_nobody_and_says_whom_it_would_tell(site: Site, hub: Server) -> None:
    with_hubs(site, hub.url)
    site.run()
    hub.received.clear()
    changed(site, "feed.atom")
    command = [sys.executable, "-m", "publisher", "-c", str(site.root / "config.toml")]
    shown = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=False).stdout
    assert f"Hubs\n  {hub.url}  told of " in shown
    assert "1 of them waiting" in shown
    assert (hub.received, len(waiting(site))) == ([], 1)


def test_the_command_ends_with_1_while_a_hub_is_not_told(site: Site) -> None:
    with serving(Server()) as gone:
        url = gone.url
    with_hubs(site, url)
    changed(site, "feed.atom")
    command = [sys.executable, "-m", "publisher", "-c", str(site.root / "config.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{url}: not told of " in done.stderr
    assert "connection refused; tried again from " in done.stderr
    assert "  hubs " in done.stdout
    assert "postponed" in done.stdout


def test_a_run_that_tells_nobody_does_not_load_what_it_would_take(site: Site) -> None:
    program = (
        "import sys; from publisher.cli import main\n"
        "try: main()\n"
        "finally: assert 'urllib3' not in sys.modules"
    )
    command = [sys.executable, "-c", program, "-c", str(site.root / "config.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_status_shows_what_hubs_are_still_to_be_told(site: Site) -> None:
    with serving(Server()) as gone:
        url = gone.url
    with_hubs(site, url)
    changed(site, "feed.atom", "feed.rss")
    with site.reading() as store:
        lines = inspection.report(site.config, store, NOW)["hubs"]
    assert lines == [f"{url}: to be told of 2 feeds, at the next run"]
    announce(site)
    with site.reading() as store:
        lines = inspection.report(site.config, store, NOW)["hubs"]
    assert lines == [f"{url}: to be told of 2 feeds, 2026-11-24 11:01 +0700: connection refused"]
