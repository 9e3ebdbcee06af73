"""From one machine to three, as docs/scale.md has it typed; and one of them that is cut off."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import obstore
import psycopg
import pytest
from bucketgate import SERVER, files, objects, running
from conftest import NOW, Site, demand
from machines import Machines
from obstore.store import S3Store
from postgresql import Server, installed
from sinks import Faults, Sink
from test_bucket import keys as keys
from test_killed import address, enrol
from test_workers import ENGINE, WORDS, Hired, done_by_workers, eventually, living

from publisher.model import DeliveryState
from publisher.store import Store, postgres

ARTICLES, READERS, CONNECTIONS = 450, 200, 4
RELAY = f"""\
transport = "smtp"

[mail.smtp]
host = "%s"
port = %d
connections = {CONNECTIONS}
"""


@pytest.fixture
def machines() -> Iterator[Machines]:
    demand("PostgreSQL", str(programs) if (programs := installed()) else None)
    with Machines("desk", "one", "two") as made:
        yield made


@pytest.fixture
def server(machines: Machines) -> Iterator[Server]:
    """A server that listens on the first machine."""
    programs = installed()
    assert programs is not None
    with machines.inside("desk"):
        made = Server(programs, machines.address("desk"))
    try:
        yield made
    finally:
        postgres.dispose()
        made.remove()


@pytest.fixture
def sink(machines: Machines) -> Iterator[Sink]:
    """A relay on the first machine."""
    with machines.inside("desk"):
        made = Sink(Faults(delay=0.02), address=machines.address("desk"))
        made.__enter__()
    try:
        yield made
    finally:
        made.__exit__()


@pytest.fixture
def site(tmp_path: Path, sink: Sink, machines: Machines) -> Site:
    """A site in a folder that all machines see."""
    made = Site(tmp_path / "site")
    made.change('recipients = ["desk@example.org"]', "recipients = []")
    relay = RELAY % (machines.address("desk"), sink.port)
    made.change('sender = "Tin thử <news@example.org>"', f'sender = "Tin thử <news@example.org>"\n{relay}')
    return made


@pytest.fixture
def hired(site: Site) -> Iterator[Hired]:
    made = Hired(site)
    try:
        yield made
    finally:
        made.stop()


def fill(site: Site, beginning: int) -> None:
    for number in range(beginning, beginning + ARTICLES):
        word = WORDS[number % len(WORDS)]
        site.article(
            f"{number}.txt", f"{word} {number}", f"Tin {word}.", f"1{number % 9}:26 {number % 27 + 1}/05/2023"
        )


def type_(machines: Machines, site: Site, *words: str) -> str:
    """Type a command on the first machine; what it says."""
    command = [sys.executable, "-m", "publisher", "-c", str(site.root / "config.toml"), *words]
    with machines.inside("desk"):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def publish(machines: Machines, site: Site) -> str:
    return type_(machines, site, "--at", NOW.isoformat())


def add(site: Site, text: str) -> None:
    site.configure((site.root / "config.toml").read_text(encoding="utf-8") + text)


def test_each_step_as_it_is_typed(
    machines: Machines, server: Server, sink: Sink, site: Site, hired: Hired, tmp_path: Path, keys: None
) -> None:
    alone = Site(tmp_path / "alone")
    alone.configure((site.root / "config.toml").read_text(encoding="utf-8"))
    for each in (site, alone):
        fill(each, 0)
    alone.run()
    # 1. One machine, SQLite.
    enrol(site, READERS)
    publish(machines, site)
    assert len(set(sink.recipients)) == len(sink.recipients) == READERS
    before = site.bytes_of(site.output)
    # 2. PostgreSQL.
    url = server.create()
    type_(machines, site, "db", "backup")
    assert "holds every row" in type_(machines, site, "db", "copy", "sqlite:///data/publisher.db", url)
    add(site, f'\n[database]\nurl = "{url}"\n')
    assert publish(machines, site).startswith("Nothing to do")
    assert site.bytes_of(site.output) == before
    with machines.inside("desk"):
        # 3. Workers on two more machines.
        add(site, ENGINE)
        for name in ("one", "two"):
            with machines.inside(name):
                hired.hire("--concurrency", "2")
        eventually(lambda: living(site) == 4)
        for each in (site, alone):
            fill(each, ARTICLES)
        publish(machines, site)
        alone.run()
        assert site.bytes_of(site.output) == alone.bytes_of(alone.output)
        assert {"read", "render"} <= done_by_workers(site).keys()
        with psycopg.connect(url) as connection:
            clients = connection.execute("SELECT DISTINCT host(client_addr) FROM pg_stat_activity").fetchall()
        assert {machines.address(name) for name in ("one", "two")} <= {client for (client,) in clients}
        assert "4 workers at work" in type_(machines, site, "status")


@pytest.mark.usefixtures("keys")
def test_the_last_step_shares_no_folder(
    machines: Machines, server: Server, site: Site, hired: Hired, tmp_path: Path
) -> None:
    demand("a server for the S3 API (.venv/s3)", str(SERVER) if SERVER.exists() else None)
    alone = Site(tmp_path / "alone")
    alone.configure((site.root / "config.toml").read_text(encoding="utf-8") + "\n[feeds]\ncompressed = []\n")
    fill(alone, 0)
    alone.run()
    with machines.inside("desk"), running(machines.address("desk")) as service:
        kept = {
            name: S3Store.from_url(
                f"s3://{name}/site",
                endpoint=service,
                virtual_hosted_style_request=False,
                client_options={"allow_http": True},
            )
            for name in ("articles", "pages")
        }
        for name in kept:
            urllib.request.urlopen(urllib.request.Request(f"{service}/{name}", method="PUT")).close()
        for file in alone.seeds.iterdir():
            obstore.put(kept["articles"], file.name, file.read_bytes())
        tables = f'\n[database]\nurl = "{server.create()}"\n{ENGINE}'
        for table, name in (("seeds", "articles"), ("output", "pages")):
            tables += f'\n[{table}]\npath = "s3://{name}/site"\nendpoint = "{service}"\n'
        add(site, tables)
        for name in ("one", "two"):
            # A machine of its own: it has the configuration, and nothing else.
            own = tmp_path / name
            own.mkdir()
            (own / "config.toml").write_bytes((site.root / "config.toml").read_bytes())
            with machines.inside(name):
                hired.hire_with(own / "config.toml")
        eventually(lambda: living(site) == 2)
        publish(machines, site)
        assert objects(kept["pages"]) == files(alone)
        assert {"read", "render"} <= done_by_workers(site).keys()
        assert [file.name for name in ("one", "two") for file in (tmp_path / name).iterdir()] == [
            "config.toml"
        ] * 2


def test_a_machine_that_is_cut_off_while_it_mails_loses_nobody(
    machines: Machines, server: Server, sink: Sink, site: Site, hired: Hired
) -> None:
    fill(site, 0)
    with machines.inside("desk"):
        add(site, f'\n[database]\nurl = "{server.create()}"\n{ENGINE}')
        enrol(site, READERS)
        with machines.inside("one"):
            hired.hire()
        eventually(lambda: living(site) == 1)
        publish(machines, site)
        eventually(lambda: len(sink.names) > READERS // 4)
        machines.pull("one")
        lost = time.monotonic()
        with machines.inside("two"):
            hired.hire()
        store = Store.open(site.config.database_at)
        eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: READERS}, 120)
        took_up = time.monotonic() - lost
        machines.plug("one")  # and it comes back, knowing nothing of it
        eventually(lambda: living(site) == 2)
        time.sleep(2)
        arrived = Counter(sink.recipients)
    assert set(arrived) == {address(number) for number in range(READERS)}
    assert sum(times - 1 for times in arrived.values()) <= CONNECTIONS
    assert len(set(sink.names)) == READERS
    assert took_up < 60
