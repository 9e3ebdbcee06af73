"""A site whose output is a bucket of a real server for the S3 API."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import obstore
import pytest
from bucketgate import SERVER, Gate, files, objects, passed, puts, running
from conftest import NOW, Site, demand
from obstore.store import S3Store
from webapp import WebApp

from publisher import buckets, inspection
from publisher.errors import BucketError, ConfigError

_NAMES = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the server."""
    demand("a server for the S3 API (.venv/s3)", str(SERVER) if SERVER.exists() else None)
    with running() as address:
        yield address


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.fixture
def name(server: str) -> str:
    """A bucket of its own."""
    name = f"press-{next(_NAMES)}"
    urllib.request.urlopen(urllib.request.Request(f"{server}/{name}", method="PUT")).close()
    return name


def fill(site: Site) -> None:
    for number in range(12):
        word = ("Kiến An", "giao thông", "Ánh sáng")[number % 3]
        site.article(
            f"{number}.txt", f"{word} {number}", f"Tin {word}.", f"1{number % 9}:26 {number + 1}/05/2023"
        )


def to_bucket(site: Site, server: str, name: str) -> Site:
    site.configure(
        (site.root / "config.toml").read_text(encoding="utf-8")
        + f'\n[output]\npath = "s3://{name}/site"\nendpoint = "{server}"\n'
    )
    return site


@pytest.fixture
def gate(server: str) -> Iterator[Gate]:
    """What stands between the site and the server."""
    with Gate(server) as gate:
        yield gate


@pytest.fixture
def here(tmp_path: Path, gate: Gate, name: str) -> Site:
    site = Site(tmp_path / "here")
    fill(site)
    return to_bucket(site, gate.address, name)


@pytest.fixture
def there(tmp_path: Path) -> Site:
    """The same site with a folder."""
    site = Site(tmp_path / "there")
    fill(site)
    site.configure((site.root / "config.toml").read_text(encoding="utf-8") + "\n[feeds]\ncompressed = []\n")
    return site


@pytest.fixture
def store(server: str, name: str) -> S3Store:
    """A way into the bucket beside the program."""
    return S3Store.from_url(
        f"s3://{name}/site",
        endpoint=server,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


def test_a_bucket_holds_the_same_bytes_as_a_folder_whatever_changes(
    here: Site, there: Site, store: S3Store
) -> None:
    for site in (here, there):
        assert site.run().failures == []
    assert objects(store) == files(there)
    written = []
    for site in (here, there):
        site.article("neu.txt", "Giao thông mới", "Tin Kiến An.", "08:00 20/11/2026")
        site.article("3.txt", "Kiến An 3, sửa", "Tin mới.", "13:26 4/05/2023")
        (site.seeds / "5.txt").unlink()
        written.append(site.run(NOW + timedelta(hours=1)).counts["files written"])
    assert written[0] == written[1] > 0
    assert objects(store) == files(there)
    for site in (here, there):
        site.change('name = "Kiến An"', 'name = "Kiến An quận"')
        assert site.run(NOW + timedelta(hours=2)).failures == []
    assert objects(store) == files(there)


def test_a_run_with_nothing_to_do_asks_for_one_list(here: Site, gate: Gate) -> None:
    here.run()
    gate.asked.clear()
    again = here.run(NOW + timedelta(minutes=1))
    assert (again.counts["files written"], again.plan.documents) == (0, ())
    assert [(one.method, one.name) for one in gate.asked] == [("GET", "")]


def test_one_seed_more_puts_what_it_changes_in_a_folder(here: Site, there: Site, gate: Gate) -> None:
    for site in (here, there):
        site.run()
    before = {path: (there.output / path).stat().st_mtime_ns for path in files(there)}
    gate.asked.clear()
    for site in (here, there):
        site.article("neu.txt", "Giao thông mới", "Tin Kiến An.", "08:00 20/11/2026")
        site.run(NOW + timedelta(hours=1))
    changed = [path for path in files(there) if (there.output / path).stat().st_mtime_ns != before.get(path)]
    assert sorted(gate.names("PUT")) == changed
    assert len(changed) < len(before) / 2
    assert gate.methods.count("GET") == 1
    assert gate.names("POST") == gate.names("DELETE") == []


def test_an_object_that_somebody_took_away_or_changed_is_put_again(here: Site, store: S3Store) -> None:
    here.run()
    before = objects(store)
    obstore.delete(store, "feed.atom")
    obstore.put(store, "index.html", b"somebody else was here")
    assert here.run(NOW + timedelta(minutes=1)).counts["files written"] == 2
    assert objects(store) == before


def test_objects_have_their_type_and_say_how_long_they_keep(here: Site, store: S3Store) -> None:
    here.run()
    for path, kind, keeps in (
        ("index.html", "text/html; charset=utf-8", 300),
        ("feed.atom", "application/xml; charset=utf-8", 900),
        ("feed.json", "application/feed+json; charset=utf-8", 900),
        ("style.css", "text/css; charset=utf-8", 86400),
        ("icon.png", "image/png", 86400),
    ):
        said = obstore.get(store, path).attributes
        assert (said["Content-Type"], said["Cache-Control"]) == (kind, f"public, max-age={keeps}")


def test_how_long_feeds_keep_changes_with_their_schedule(here: Site, store: S3Store) -> None:
    here.run()
    before = objects(store)
    here.configure((here.root / "config.toml").read_text("utf-8") + '\n[schedule]\nfeeds = "0 * * * *"\n')
    assert here.run(NOW + timedelta(hours=1)).failures == []
    after = objects(store)
    for path in (name for name in after if name.endswith("feed.atom") and "archive" not in name):
        assert obstore.get(store, path).attributes["Cache-Control"] == "public, max-age=3600"
    assert after["index.html"] == before["index.html"]


def test_a_dry_run_puts_nothing(here: Site, gate: Gate) -> None:
    assert here.plan().plan.documents
    here.run()
    here.article("neu.txt", "Giao thông mới", "Tin Kiến An.", "08:00 20/11/2026")
    gate.asked.clear()
    assert here.plan(NOW + timedelta(hours=1)).plan.documents
    assert set(gate.methods) == {"GET"}


def test_an_entry_is_never_there_before_its_page(here: Site, gate: Gate) -> None:
    here.run()
    order = gate.names("PUT")
    last_page = max(place for place, path in enumerate(order) if path.startswith("articles/"))
    first_list = min(
        place for place, path in enumerate(order) if path in ("index.html", "keywords/index.html")
    )
    first_feed = min(place for place, path in enumerate(order) if path.endswith(("feed.rss", "feed.atom")))
    assert last_page < first_list < first_feed


def test_what_is_withdrawn_goes_after_the_feeds_that_led_to_it(
    here: Site, store: S3Store, gate: Gate
) -> None:
    here.run()
    assert any(path.startswith("keywords/giao-thong/") for path in objects(store))
    for number in range(1, 12, 3):
        (here.seeds / f"{number}.txt").unlink()
    gate.asked.clear()
    assert here.run(NOW + timedelta(hours=1)).counts["files removed"] > 0
    assert not any(path.startswith("keywords/giao-thong/feed") for path in objects(store))
    last_feed = max(place for place, one in enumerate(gate.asked) if one.method == "PUT")
    first_gone = gate.methods.index("POST")
    assert last_feed < first_gone


def test_one_that_is_not_there_is_one_line_and_what_to_do(tmp_path: Path, server: str) -> None:
    site = Site(tmp_path / "site")
    fill(site)
    to_bucket(site, server, "nobody-made-it")
    command = [sys.executable, "-m", "publisher", "-c", str(site.root / "config.toml")]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("s3://nobody-made-it/site: ")
    assert "404 Not Found (NoSuchBucket)\nhint: make the bucket" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_a_bucket_that_refuses_in_the_middle_is_gone_on_with(
    here: Site, there: Site, store: S3Store, gate: Gate
) -> None:
    there.run()
    gate.decide = puts("refuse", after=10)
    command = [
        sys.executable,
        "-m",
        "publisher",
        "-c",
        str(here.root / "config.toml"),
        "--at",
        NOW.isoformat(),
    ]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    cause, hint = refused.stderr.splitlines()
    assert re.fullmatch(r"s3://press-\d+/site: \S+: 403 Forbidden \(AccessDenied\)", cause)
    assert hint.startswith(
        "hint: its keys must be allowed to list, read, put and delete there; the next run goes on"
    )
    assert len(objects(store)) == 10
    assert here.messages() == []
    gate.decide = passed
    gate.asked.clear()
    assert here.run(NOW).failures == []
    assert objects(store) == files(there)
    assert len(gate.names("PUT")) == len(files(there)) - 10
    assert len(here.messages()) == 1


def test_a_bucket_that_falls_silent_in_the_middle_is_gone_on_with(
    here: Site, there: Site, store: S3Store, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.run()
    monkeypatch.setattr(buckets, "_SECONDS", 1)
    gate.decide = puts("stall", after=10)
    with pytest.raises(BucketError, match=r"s3://press-\d+/site: \S+: no answer within 1 seconds"):
        here.run()
    gate.decide = passed
    assert here.run(NOW).failures == []
    assert objects(store) == files(there)


def test_a_list_that_is_refused_ends_a_run_before_it_does_anything(
    here: Site, store: S3Store, gate: Gate
) -> None:
    here.run()
    before = objects(store)
    here.article("neu.txt", "Giao thông mới", "Tin Kiến An.", "08:00 20/11/2026")
    gate.decide = lambda asked: "refuse" if asked.name == "" else "pass"
    with pytest.raises(BucketError, match=r"the list: 403 Forbidden \(AccessDenied\)"):
        here.run(NOW + timedelta(hours=1))
    assert objects(store) == before


def test_one_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "_SECONDS", 1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        site = Site(tmp_path / "site")
        fill(site)
        to_bucket(site, f"http://127.0.0.1:{silent.getsockname()[1]}", "far-away")
        began = time.monotonic()
        with pytest.raises(BucketError, match=r"s3://far-away/site: \S+: no answer within 1 seconds"):
            site.run()
        assert time.monotonic() - began < 30


def test_killed_while_it_puts_it_goes_on(here: Site, there: Site, store: S3Store) -> None:
    there.run()
    command = [
        sys.executable,
        "-m",
        "publisher",
        "-c",
        str(here.root / "config.toml"),
        "--at",
        NOW.isoformat(),
    ]
    for goal in (3, 20):
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
        while run.poll() is None and len(objects(store)) < goal:
            time.sleep(0.01)
        run.kill()
        run.wait()
    assert here.run().failures == []
    assert objects(store) == files(there)


def test_keys_of_the_configuration_are_used_alone(
    here: Site, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of another key")
    here.change("[output]", '[output]\naccess_key = "ours"')
    with pytest.raises(BucketError, match="there is no secret key") as refused:
        here.run()
    assert refused.value.hint == "set the environment variable PUBLISHER_S3_SECRET_KEY"
    secret = tmp_path / "secret"
    secret.write_text("hush\n", "utf-8")
    monkeypatch.setenv("PUBLISHER_S3_SECRET_KEY_FILE", str(secret))
    here.run()
    assert {one.key for one in gate.asked} == {"ours"}


def test_without_the_extra_one_line_says_what_to_install(here: Site) -> None:
    program = (
        "import sys; sys.modules['obstore'] = None\n"
        "from publisher.cli import main\n"
        f"sys.argv = ['publish', '-c', {str(here.root / 'config.toml')!r}]\n"
        "main()\n"
    )
    lacking = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (lacking.returncode, lacking.stderr) == (
        1,
        "output.path: a bucket needs the extra s3 (obstore)\nhint: pip install 'publisher[s3]'\n",
    )


def test_the_web_server_has_readers_pages_and_leads_to_the_bucket_for_files(here: Site) -> None:
    here.run()
    assert not here.output.exists()
    with WebApp(here) as server:
        assert server.get("/subscribe").status == 200
        assert server.get("/style.css").headers["content-type"] == "text/css; charset=utf-8"
        led = server.get("/keywords/ki%E1%BA%BFn/?a=b")
        assert led.status == 307
        assert led.headers["location"] == "https://news.example.org/keywords/ki%E1%BA%BFn/?a=b"


@pytest.mark.parametrize(
    "path", ["s3://", "s3://UPPER/x", "s3://a", "s3://name/", "s3:/name", "s3://name//x"]
)
def test_what_is_no_bucket_is_refused(tmp_path: Path, path: str) -> None:
    site = Site(tmp_path / "site")
    site.configure((site.root / "config.toml").read_text(encoding="utf-8") + f'\n[output]\npath = "{path}"\n')
    with pytest.raises(ConfigError, match="must be a bucket and maybe a path"):
        assert site.config


def test_workers_put_into_a_bucket_too(
    here: Site, there: Site, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several processes of this machine: each with the bucket, and none with a list of it."""
    there.run()
    monkeypatch.setattr("publisher.writing.WORTH_IT", 1)
    here.configure((here.root / "config.toml").read_text(encoding="utf-8") + "\n[work]\nprocesses = 2\n")
    assert here.run().failures == []
    assert objects(store) == files(there)


def test_status_says_that_the_bucket_is_away_and_everything_else(here: Site, gate: Gate) -> None:
    here.write("hỏng.txt", b"\x00\x01")
    here.run()
    gate.decide = lambda _: "refuse"
    with here.reading() as store:
        report = inspection.report(here.config, store, NOW)
    assert report["away"][0].endswith(": the list: 403 Forbidden (AccessDenied)")
    assert report["away"][1].startswith("hint: its keys must be allowed to list, read, put and delete there")
    assert len(report["last_runs"]) == 1
    assert [line.partition(":")[0] for line in report["quarantine"]] == ["hỏng.txt"]
    gate.decide = passed
    with here.reading() as store:
        assert "away" not in inspection.report(here.config, store, NOW)
