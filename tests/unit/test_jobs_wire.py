"""What goes to workers and comes back is, on its way as JSON, what it was: every kind of seed, fault and document."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import NOW, Site
from pydantic import TypeAdapter

from publisher import gathering, shards
from publisher.config import Config
from publisher.jobs import wire
from publisher.model import Document, DocumentKind, SeedFile
from publisher.planning import Reading
from publisher.reading import Options, holds_many, scan
from publisher.reading.sources import Folder
from publisher.store import Store

CASES = Path(__file__).parents[1] / "cases"
EVERYTHING = """
[[feed]]
name = "both"
keywords = ["Kiến An", "Giao thông"]
"""


@pytest.fixture
def full(site: Site) -> Site:
    """A site of all the seeds of the cases, and of a picture; seeds that are withdrawn and held, a correction."""
    for folder in ("reading", "pitfalls"):
        shutil.copytree(
            CASES / folder, site.seeds / folder, ignore=shutil.ignore_patterns("*.expected.json", "faulty")
        )
    for file in (CASES / "reading" / "faulty").iterdir():
        if not file.name.endswith(".expected.json") and file.is_file():
            shutil.copy(file, site.seeds)
    site.article("gone.txt", "Sẽ mất", "Chuyện giao thông.")
    site.article("late.txt", "Sẽ đến", date="17:26 30/05/2030")
    site.write(
        "p.md", "---\ntitle: Ảnh\ndate: 2023-05-01\nimage: x y.png\n---\n![một](x%20y.png)\n\nKiến An."
    )
    site.write("x y.png", b"\x89PNG\r\n\x1a\n" + bytes(99))
    site.change("found = 0", "found = 3")
    site.configure((site.root / "config.toml").read_text(encoding="utf-8") + EVERYTHING)
    site.run()
    (site.seeds / "gone.txt").unlink()
    site.article("new.txt", "Mới", "Chuyện ở Kiến An.", date="09:00 24/11/2026")
    return site


def ordered(config: Config) -> tuple[gathering.Order, list[list[SeedFile]]]:
    contents = scan(Folder(config.seeds_folder, config.seeds.ignore))
    files = [file for file in contents.seeds if not holds_many(file.path)]
    order = gathering.Order(config, Options.from_config(config), contents.pictures, keep=False)
    return order, [files[at : at + 7] for at in range(0, len(files), 7)]


def test_a_worker_reads_what_a_run_reads_itself(full: Site) -> None:
    order, some = ordered(full.config)
    kind, here = wire.KINDS["read"], gathering.reader(order)
    there = kind.make(full.config, kind.order(order))
    seen = list[Reading]()
    for shard in some:
        read = kind.done(there(kind.shard(shard)))
        assert read == here(shard)
        seen += [reading for reading, _ in read]
    assert len(seen) > 40
    assert sum(reading.fault is not None for reading in seen) > 3
    assert any(reading.draft and reading.draft.pictures for reading in seen)


def test_a_worker_gets_the_documents_that_were_planned(full: Site) -> None:
    kind = wire.KINDS["render"]
    job = full.plan()
    documents = list(job.plan.documents)
    kinds = {document.kind for document in documents}
    assert {DocumentKind.WITHDRAWN, DocumentKind.FEED, DocumentKind.ARTICLE, DocumentKind.OPML} <= kinds
    for step in shards.in_shards(documents, 5):
        for shard in step:
            assert TypeAdapter(list[Document]).validate_json(kind.shard(shard)) == shard


def test_a_worker_makes_the_same_documents_from_an_order_that_was_sent(full: Site) -> None:
    """Into another folder than the run, from the same database."""
    job = full.plan(NOW)
    store = Store.open(full.config.database_at)
    store.record(job.plan, {digest.name: digest.recipients for digest in full.config.digest})
    kind, documents = wire.KINDS["render"], list(job.plan.documents)
    made = kind.make(full.config, kind.order(job.order()))
    for step in shards.in_shards(documents, 5):
        for shard in step:
            puts, faults = kind.done(made(kind.shard(shard)))
            assert [put.failures for put in puts] == [()] * len(shard)
            assert faults == {}
    there = full.bytes_of(full.output)
    shutil.rmtree(full.output)
    here = shards.bench(job.order())
    for step in shards.in_shards(documents, 5):
        for shard in step:
            here(shard)
    paths = {name for name in full.bytes_of(full.output) if not name.startswith(".")}
    assert len(paths) >= len(documents)
    assert {name: there[name] for name in paths} == {
        name: content for name, content in full.bytes_of(full.output).items() if name in paths
    }
