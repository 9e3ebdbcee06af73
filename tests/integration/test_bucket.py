"""A site whose output is a bucket of a real server for the S3 API."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.error import URLError

import obstore
import pytest
from conftest import NOW, Site, demand
from obstore.store import S3Store

from publisher.errors import ConfigError, OutputError
from publisher.output import bucket as buckets
from publisher.output.bucket import Bucket

SERVER = Path(sys.prefix) / "s3" / "bin" / "moto_server"
_NAMES = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the server."""
    demand("a server for the S3 API (.venv/s3)", str(SERVER) if SERVER.exists() else None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [str(SERVER), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address, ends = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while True:
            with suppress(URLError, ConnectionError), urllib.request.urlopen(f"{address}/moto-api/"):
                break
            assert time.monotonic() < ends, "the server does not come up"
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


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
def here(tmp_path: Path, server: str, name: str) -> Site:
    site = Site(tmp_path / "here")
    fill(site)
    return to_bucket(site, server, name)


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


def objects(store: S3Store) -> dict[str, bytes]:
    names = [item["path"] for some in obstore.list(store) for item in some]
    return {name: bytes(obstore.get(store, name).bytes()) for name in sorted(names)}


def files(site: Site) -> dict[str, bytes]:
    start = site.output
    return {f.relative_to(start).as_posix(): f.read_bytes() for f in sorted(start.rglob("*")) if f.is_file()}


def test_a_bucket_holds_the_same_bytes_as_a_folder_whatever_changes(
    here: Site, there: Site, store: S3Store
) -> None:
    for site in (here, there):
        assert site.run().failures == []
    assert objects(store) == files(there)
    again = here.run(NOW + timedelta(minutes=1))
    assert (again.counts["files written"], again.plan.documents) == (0, ())
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


def test_a_dry_run_puts_nothing(here: Site, store: S3Store) -> None:
    assert here.plan().plan.documents
    assert objects(store) == {}


def test_an_entry_is_never_there_before_its_page(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    order, put, lock = list[str](), Bucket.put, threading.Lock()

    def noted(self: Bucket, path: str, content: bytes, siblings: object = ()) -> bool:
        done = put(self, path, content)
        with lock:
            order.append(path)
        return done

    monkeypatch.setattr(Bucket, "put", noted)
    here.run()
    last_page = max(place for place, path in enumerate(order) if path.startswith("articles/"))
    first_feed = min(place for place, path in enumerate(order) if path.endswith(("feed.rss", "feed.atom")))
    assert last_page < first_feed


def test_one_that_is_not_there_is_one_line_and_what_to_do(tmp_path: Path, server: str) -> None:
    site = Site(tmp_path / "site")
    fill(site)
    to_bucket(site, server, "nobody-made-it")
    command = [sys.executable, "-m", "publisher", "-c", str(site.root / "config.toml")]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("s3://nobody-made-it/site: ")
    assert "hint: see that the bucket is there" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_a_bucket_that_refuses_in_the_middle_is_gone_on_with(
    here: Site, there: Site, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.run()
    put, number = Bucket.put, count()

    def refusing(self: Bucket, path: str, content: bytes, siblings: object = ()) -> bool:
        if next(number) > 9:
            raise OutputError(f"{path}: refused")
        return put(self, path, content)

    with monkeypatch.context() as patched, pytest.raises(OutputError):
        patched.setattr(Bucket, "put", refusing)
        here.run()
    assert 0 < len(objects(store)) < len(files(there))
    assert here.run(NOW).failures == []
    assert objects(store) == files(there)
    assert len(here.messages()) == 1


def test_one_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "_SECONDS", 1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        site = Site(tmp_path / "site")
        fill(site)
        to_bucket(site, f"http://127.0.0.1:{silent.getsockname()[1]}", "far-away")
        began = time.monotonic()
        with pytest.raises(OutputError, match=r"s3://far-away/site: .+ error"):
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


def test_without_a_disk_nobody_serves_files_but_pages_for_readers_go_on(here: Site) -> None:
    assert here.config.bucket.startswith("s3://press-")
    assert not here.output.exists()
    here.run()
    assert not here.output.exists()


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
