"""A site whose seeds are in a bucket of a real server for the S3 API."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import obstore
import pytest
from bucketgate import Asked, Deed, Gate
from click.testing import CliRunner
from conftest import NOW, Site
from databases import fresh
from obstore.store import S3Store
from test_bucket import fill
from test_bucket import gate as gate
from test_bucket import keys as keys
from test_bucket import name as name
from test_bucket import server as server
from test_bucket import store as store
from test_workers import ENGINE, Hired, done_by_workers, small
from test_workers import eventually as eventually

from publisher.cli import publish
from publisher.errors import BucketError, ConfigError
from publisher.jobs.board import Board
from publisher.stopping import Stop
from publisher.watching import watcher_of

small = small
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)
NAMES = ("Tin tức/Kiến An số 1.txt", "a+b&c #1 50% = d.txt", "sâu/hơn/nữa/bài ~(x).txt", "a?b'c\"d.txt")
LINES = "".join(
    json.dumps({"id": f"k{number}", "title": f"Giao thông {number}", "date": "2023-05-02", "text": "Tin."})
    + "\n"
    for number in range(3)
)


def fill_oddly(site: Site) -> None:
    fill(site)
    for number, path in enumerate(NAMES):
        site.article(path, f"Ánh sáng {number} lạ", "Tin Kiến An.", f"08:00 {number + 1}/06/2023")
    site.write("nhiều/bài.jsonl", LINES)
    site.write("Tin tức/ảnh đẹp.png", PICTURE)
    site.write(
        "Tin tức/có ảnh.md",
        "---\ntitle: Giao thông có ảnh\ndate: 2023-06-09\n---\n\n![Cầu](<ảnh đẹp.png>)\n\nTin Kiến An.\n",
    )
    site.write(".ẩn.txt", "Không đọc\n\n2023-06-09\n\nTin.\n")
    site.write(".git/config.txt", "Không đọc\n\n2023-06-09\n\nTin.\n")
    site.write("bản nháp/x.txt", "Không đọc\n\n2023-06-09\n\nTin.\n")
    site.write("hỏng.txt", b"\x00\x01\x02")
    site.write("to.txt", b"x" * 1_200_000)
    site.change('path = "seeds"', 'path = "seeds"\nmax_megabytes = 1\nignore = ["bản nháp"]')


def put_seeds(site: Site, store: S3Store) -> None:
    """Have the bucket hold what the folder does."""
    held = {item["path"] for some in obstore.list(store) for item in some}
    stands = {file.relative_to(site.seeds).as_posix() for file in site.seeds.rglob("*") if file.is_file()}
    for path in held - stands:
        obstore.delete(store, path)
    for path in stands:
        content = (site.seeds / path).read_bytes()
        if path not in held or bytes(obstore.get(store, path).bytes()) != content:
            obstore.put(store, path, content)


@pytest.fixture
def there(tmp_path: Path) -> Site:
    """A site with a folder."""
    site = Site(tmp_path / "there")
    site.change("[keywords]", '[seeds]\npath = "seeds"\n\n[keywords]')
    fill_oddly(site)
    return site


@pytest.fixture
def here(tmp_path: Path, there: Site, gate: Gate, name: str, store: S3Store) -> Site:
    """The same with a bucket."""
    site = Site(tmp_path / "here")
    shutil.rmtree(site.seeds)
    to_bucket(site, there, gate, name)
    put_seeds(there, store)
    return site


def to_bucket(site: Site, there: Site, gate: Gate, name: str) -> None:
    text = (there.root / "config.toml").read_text(encoding="utf-8")
    site.configure(text.replace('path = "seeds"', f'path = "s3://{name}/site"\nendpoint = "{gate.address}"'))


def test_seeds_in_a_bucket_give_the_bytes_that_a_folder_gives_whatever_changes(
    here: Site, there: Site, store: S3Store
) -> None:
    for hours in range(3):
        outcomes = [site.run(NOW + timedelta(hours=hours)) for site in (here, there)]
        assert outcomes[0].failures == outcomes[1].failures
        assert outcomes[0].counts == outcomes[1].counts
        assert here.bytes_of(here.output) == there.bytes_of(there.output)
        if hours == 0:
            assert {line.partition(":")[0] for line in outcomes[0].failures} == {"hỏng.txt", "to.txt"}
            there.article("3.txt", "Kiến An 3, sửa", "Tin mới.", "13:26 4/05/2023")
            (there.seeds / "5.txt").unlink()
            (there.seeds / NAMES[0]).rename(there.seeds / "đổi tên.txt")
            there.write("Tin tức/ảnh đẹp.png", PICTURE + b"1")
        else:
            there.write("nhiều/bài.jsonl", LINES.replace("Giao thông 1", "Ánh sáng mới"))
        put_seeds(there, store)


def test_only_what_changed_is_fetched(here: Site, there: Site, store: S3Store, gate: Gate) -> None:
    (there.seeds / "hỏng.txt").unlink(), (there.seeds / "to.txt").unlink()
    put_seeds(there, store)
    here.run()
    gate.asked.clear()
    assert here.run(NOW + timedelta(minutes=1)).counts["files written"] == 0
    assert [(one.method, one.name) for one in gate.asked] == [("GET", "")]
    gate.asked.clear()
    # As many bytes as before, within the same second.
    obstore.put(store, "2.txt", (there.seeds / "2.txt").read_bytes().replace(b"Tin", b"Tan"))
    assert here.run(NOW + timedelta(hours=1)).counts["files written"] > 0
    assert sorted((one.method, one.name) for one in gate.asked) == [("GET", ""), ("GET", "2.txt")]


@pytest.mark.parametrize("deed", ["refuse", "list"])
def test_a_bucket_that_refuses_stops_the_run_and_withdraws_nothing(
    here: Site, there: Site, store: S3Store, gate: Gate, deed: str
) -> None:
    here.run()
    before = here.bytes_of(here.output)
    there.article("3.txt", "Kiến An 3, sửa", "Tin mới.", "13:26 4/05/2023")
    put_seeds(there, store)

    def decide(asked: Asked) -> Deed:
        return "refuse" if bool(asked.name) == (deed == "refuse") else "pass"

    gate.decide = decide
    with pytest.raises(BucketError, match=r"^s3://.+403 Forbidden \(AccessDenied\)") as caught:
        here.run(NOW + timedelta(hours=1))
    assert caught.value.hint.startswith("its keys must be allowed to list and read there")
    assert here.bytes_of(here.output) == before
    gate.decide = lambda _: "pass"
    assert here.run(NOW + timedelta(hours=1)).counts["quarantined"] == 2
    assert here.bytes_of(here.output) != before


def test_names_that_lead_elsewhere_are_passed_over(here: Site, there: Site, store: S3Store) -> None:
    there.run()
    raw = (there.seeds / "3.txt").read_bytes()
    for path in ("thư mục/.ẩn/a.txt", "a.txt~", "2.txt/b.txt"):
        obstore.put(store, path, raw.replace("Kiến".encode(), "Kiến kiến".encode()))
    here.run()
    # "2.txt" cannot be a file and a folder on a disk; here each is an object, and an article.
    assert len(articles(here)) == len(articles(there)) + 1
    assert not [*here.root.parent.glob("**/a.txt")]


def articles(site: Site) -> list[Path]:
    return [*(site.output / "articles").rglob("index.html")]


def test_the_command_says_where_an_article_stands_and_what_is_wrong(
    here: Site, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.run()
    command = ["-c", str(here.root / "config.toml")]
    for seed, why in (("1.txt", "[giao thông] 1"), ("nhiều/bài.jsonl/k1", "[Giao thông] 1")):
        for named in (seed, f"s3://{name}/site/{seed}"):
            told = CliRunner().invoke(publish, [*command, "keywords", "--why", named])
            assert told.exit_code == 0, told.output
            assert why in told.output
    absent = CliRunner().invoke(publish, [*command, "keywords", "--why", "không có.txt"])
    assert absent.exit_code != 0
    assert "Traceback" not in absent.output
    checked = CliRunner().invoke(publish, [*command, "check"])
    assert re.search(r"^hỏng\.txt", checked.output, re.MULTILINE)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    here.change("max_megabytes", 'access_key = "mine"\nmax_megabytes')
    with pytest.raises(BucketError, match=r"^seeds\.access_key: there is no secret key for it"):
        here.run()


def test_a_bucket_is_named_as_it_must_be(here: Site) -> None:
    here.change("s3://", "s3:/")
    with pytest.raises(ConfigError, match=r"seeds\.path: must be a bucket and maybe a path"):
        _ = here.config


def test_a_change_is_noticed(here: Site, store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    here.change("[keywords]", "[schedule]\nwatch = true\npoll = 1\n\n[keywords]")
    changed, stop = Event(), Stop()
    lookout = watcher_of(here.config, changed.set, stop)
    thread = Thread(target=lookout.run)
    thread.start()
    try:
        assert not changed.wait(2.5)
        obstore.put(store, "neu.txt", b"Giao th\xc3\xb4ng\n\n2023-06-09\n\nTin.\n")
        assert changed.wait(10)
    finally:
        stop.ask()
        thread.join()


@pytest.fixture
def shared(here: Site, there: Site, tmp_path: Path, gate: Gate, name: str) -> Iterator[Site]:
    """The site with workers."""
    with fresh("postgresql", tmp_path) as url:
        site = Site(tmp_path / "shared", str(url))
        to_bucket(site, there, gate, name)
        site.configure((site.root / "config.toml").read_text(encoding="utf-8") + ENGINE)
        yield site


def test_a_worker_fetches_what_it_reads(
    shared: Site, there: Site, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.run()
    monkeypatch.setattr(Board, "take_any", lambda board, order: None)
    hired = Hired(shared)
    hired.hire(), hired.hire()
    try:
        hired.here(2)
        gate.asked.clear()
        shared.run()
    finally:
        hired.stop()
    assert {"read", "render"} <= done_by_workers(shared).keys()
    assert shared.bytes_of(shared.output) == there.bytes_of(there.output)
    fetched = [one.name for one in gate.asked if one.name.endswith(".txt")]
    assert len(fetched) == len(set(fetched)) == 12 + len(NAMES) + 1  # the one that is too large is not
