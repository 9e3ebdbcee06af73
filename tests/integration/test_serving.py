"""`publish serve` as an office starts it: real processes, real signals, a real socket for systemd."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from conftest import Site
from served import ROOT, Served, until
from sinks import Faults, Sink
from test_killed import CONNECTIONS, address, enrol

from publisher.model import DeliveryState

SOON = 10.0
"""Seconds in which it ends, whatever it is about."""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The repository's own site, elsewhere."""
    shutil.copy(ROOT / "config.toml", tmp_path)
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    return tmp_path


def test_one_command_on_the_own_configuration_brings_everything_up(own: Path) -> None:
    with Served(own) as served:
        served.up()
        assert served.hear("run")["done"]["added"] >= 1
        assert served.get("feed.rss")[0] == 200
        assert "Kiến An" in served.get("")[1]
        assert served.get("healthz") == (200, "ok\n")
        until(lambda: served.get("readyz")[0] == 200)
        assert served.stop() < SOON
    assert sorted(path.name for path in (own / "data").iterdir() if path.suffix != ".sending") == [
        "mail",
        "publisher.db",
    ]


def test_what_runs_where_is_said_in_a_few_lines_on_a_terminal(own: Path) -> None:
    command = f"{sys.executable} -m publisher serve --port 0"
    with subprocess.Popen(
        ["script", "-qec", command, "/dev/null"], cwd=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as terminal:
        assert terminal.stdout is not None
        said = []
        for line in terminal.stdout:
            said.append(line.decode().rstrip())
            if "Ctrl-C" in said[-1]:
                break
        serving = until_pid(own)
        serving.send_signal(signal.SIGINT)
        rest = terminal.stdout.read().decode()
        assert terminal.wait(SOON) == 0
    assert said[0] == "Bản tin Kiến An"
    assert [line.split()[0] for line in said[1:5]] == ["web", "console", "seeds", "output"]
    assert said[1].split()[1].startswith("http://127.0.0.1:")
    assert "stopped" in rest
    assert "{" not in rest


def until_pid(root: Path):
    """The process that serves a site, by its lock."""
    import psutil

    file = root / "data/publisher.serving"
    until(lambda: file.exists() and bool(file.read_text().split()))
    return psutil.Process(int(file.read_text().split()[1]))


def refused(root: Path, *options: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "publisher", "-c", str(root / "config.toml"), "serve", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stderr.splitlines()


def test_a_port_that_is_taken_is_one_line_and_a_hint(site: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused(site.root, "--port", str(port)) == (
            1,
            [
                f"127.0.0.1:{port}: the port is taken",
                "hint: is publish serve running already? port under [web], or --port, takes another",
            ],
        )
    assert not (site.root / "data").exists()


@pytest.mark.parametrize(
    ("host", "why"),
    [("192.0.2.1", "not an address of this machine"), ("nowhere.invalid", "no such host")],
)
def test_a_host_that_is_not_here_is_one_line_and_a_hint(site: Site, host: str, why: str) -> None:
    code, lines = refused(site.root, "--host", host, "--port", "0")
    assert code == 1
    assert lines[0].startswith(f"{host}:0: {why}")
    assert lines[1].startswith("hint: set host")
    assert len(lines) == 2


def test_a_site_is_served_by_one_process(site: Site) -> None:
    with Served(site.root) as served:
        served.up()
        code, lines = refused(site.root, "--port", "0")
        assert (code, len(lines)) == (1, 2)
        assert lines[0].startswith(f"this site is served already: process {served.process.pid} ")
        served.stop()


def test_without_the_web_server_no_port_is_bound(site: Site) -> None:
    site.article("a.txt", "Bài một")
    with Served(site.root, "--no-web") as served:
        assert served.hear("serving")["web"] == ""
        served.hear("run")
        assert served.stop() < SOON
    assert (site.output / "feed.rss").exists()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd listens on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(60)
        yield listener


def test_systemd_is_told_when_it_is_ready_alive_and_about_to_stop(site: Site, manager: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "200000"}
    with Served(site.root, environment=environment) as served:
        assert manager.recv(1000).decode().split("\n") == ["READY=1", "STATUS=serving Tin thử"]
        assert served.up().get("healthz")[0] == 200
        assert [manager.recv(1000) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        served.stop()
        last = manager.recv(1000)
        while last == b"WATCHDOG=1":
            last = manager.recv(1000)
        assert last == b"STOPPING=1"


def test_a_saved_seed_is_in_the_feed_within_two_seconds(site: Site) -> None:
    site.change("[mail]", "[schedule]\nwatch = true\n\n[mail]")
    site.article("a.txt", "Bài một")
    with Served(site.root) as served:
        served.up()
        served.hear("run")
        # The watch has begun when a first change is heard of.
        until(
            lambda: bool(site.article("b.txt", "Bài hai")) and "Bài hai" in served.get("feed.rss")[1], every=1
        )
        site.article("c.txt", "Bài ba, vừa lưu")
        assert until(lambda: "Bài ba, vừa lưu" in served.get("feed.rss")[1], every=0.02) < 2
        served.stop()


def test_a_seed_that_is_still_being_written_is_read_again(site: Site) -> None:
    site.change("[mail]", "[schedule]\nwatch = true\n\n[mail]")
    site.article("a.txt", "Bài một")
    page = site.output / "feed.rss"
    with Served(site.root) as served:
        served.up()
        served.hear("run")
        until(lambda: bool(site.article("b.txt", "Bài hai")) and "Bài hai" in page.read_text(), every=1)
        with (site.seeds / "c.txt").open("w", encoding="utf-8") as seed:
            seed.write("Bài dở dang\n\n08:00 01/11/2026\n\nNửa đầu của bài.\n")
            seed.flush()
            until(lambda: "Nửa đầu của bài" in page.read_text(), every=0.02)
            assert "Nửa sau của bài" not in page.read_text()
            seed.write("\nNửa sau của bài.\n")
        assert until(lambda: "Nửa sau của bài" in page.read_text(), every=0.02) < 2
        served.stop()


def test_asked_to_stop_while_it_sends_it_ends_soon_with_nothing_half_done(site: Site) -> None:
    readers = 400
    send_through_a_relay(site)
    enrol(site, readers)
    with Sink(Faults(delay=0.25)) as sink:
        site.change("port = 1", f"port = {sink.port}")
        with Served(site.root) as served:
            served.up()
            until(lambda: len(sink.names) >= 10)
            assert served.stop() < SOON
        assert len(sink.names) < readers
        with site.reading() as store:
            states = store.delivery_counts()
        assert states == {"sent": len(sink.names), "pending": readers - len(sink.names)}
    with Sink() as rest:
        site.change(f"port = {sink.port}", f"port = {rest.port}")
        with Served(site.root) as served:
            served.up()
            until(lambda: len(rest.names) == readers - len(sink.names))
            served.stop()
    assert sorted([*sink.recipients, *rest.recipients]) == sorted(
        address(number) for number in range(readers)
    )


def send_through_a_relay(site: Site) -> None:
    site.change('recipients = ["desk@example.org"]', "recipients = []")
    site.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "Tin thử <news@example.org>"\ntransport = "smtp"\n\n'
        f'[mail.smtp]\nhost = "127.0.0.1"\nport = 1\nconnections = {CONNECTIONS}',
    )
    site.article("a.txt", "Bài một", "Chuyện giao thông.")
    site.article("b.txt", "Bài hai", "Chuyện ở Kiến An.")


def test_killed_at_each_stage_of_a_run_nothing_is_lost_or_doubled(site: Site, new_site) -> None:
    readers, articles = 200, 60
    whole = new_site("whole")
    for each in (site, whole):
        send_through_a_relay(each)
        for number in range(articles):
            each.article(f"{number}.txt", f"Bài {number}")
    enrol(site, readers)
    lock = site.config.database_file.with_suffix(".lock")
    with Sink(Faults(delay=0.01)) as sink:
        site.change("port = 1", f"port = {sink.port}")
        stages = {
            "reading": lock.exists,
            "recorded": lambda: editions(site) == 1,
            "writing": lambda: (site.output / "articles").exists(),
            "written": lambda: (site.output / "feeds.opml").exists(),
            "delivering": lambda: len(sink.names) > 0,
            "half delivered": lambda: len(set(sink.names)) > readers // 2,
            "nearly delivered": lambda: len(set(sink.names)) > readers - 10,
        }
        for reached in stages.values():
            with Served(site.root) as served:
                until(reached)
                served.kill()
        with Served(site.root) as served:
            served.up()
            until(lambda: sent(site) == readers, every=0.1)
            served.stop()
        arrived = list(sink.recipients)
    assert set(arrived) == {address(number) for number in range(readers)}
    assert len(sink.names) == len(arrived)
    assert len(set(sink.names)) == readers
    assert len(arrived) - readers <= CONNECTIONS * len(stages)
    assert editions(site) == 1
    whole.run(site_moment(site))
    ours, theirs = site.bytes_of(site.output), whole.bytes_of(whole.output)
    assert ours.keys() == theirs.keys()


def site_moment(site: Site):
    with site.reading() as store:
        return store.known().editions[0].recorded


def editions(site: Site) -> int:
    """Asked past the program, which may be making the database just now."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(site.config.database_file)) as database:
        return int(database.execute("SELECT count(*) FROM edition").fetchone()[0])
    return 0


def sent(site: Site) -> int:
    with site.reading() as store:
        return store.delivery_counts().get(DeliveryState.SENT, 0)


def test_status_tells_which_process_serves_and_what_waits(site: Site) -> None:
    site.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "a@e.org"\ntransport = "sendmail"\nsendmail.command = ["/nowhere/sendmail"]',
    )
    site.article("a.txt", "Bài một")
    assert status(site)["serving"] == []
    with Served(site.root) as served:
        served.up()
        served.hear("run")
        told = status(site)
        assert told["serving"] == [
            f"process {served.process.pid} (publish serve at {served.url}), seeds are not watched"
        ]
        assert len(told["waiting"]) == 1
        assert told["waiting"][0].startswith("1 due, the oldest since ")
        served.kill()
    assert status(site)["serving"] == []


def status(site: Site) -> dict[str, list[str]]:
    command = [sys.executable, "-m", "publisher", "-c", str(site.root / "config.toml"), "status", "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
