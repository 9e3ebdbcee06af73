"""What becomes of an article when the pictures beside its seed come, change and go."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher.model import ArticleChange, Draft, Fault, Known, Listing, Picture, Plan, SeedFile, SeedRecord
from publisher.planning import Names, Reading, reconcile, to_read
from publisher.planning.identity import content_digest, version_of
from publisher.reading import Options, attach, digest_of, load, read, scan, sources
from publisher.store import Store

OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")
NAMES = Names("news.example.org")
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
SEED = "---\ntitle: T\ndate: 2023-05-30\n---\nText.\n\n![A street](street.jpg)\n"
STREET = Picture("street.jpg", "image/jpeg", 3, "a/street.jpg", 7)


class Folder:
    """A seeds folder and what is remembered of it, one run after another."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store.open(root / "publisher.db")
        self.now = NOW

    def put(self, name: str, content: bytes, mtime_ns: int = 1_000_000_000) -> None:
        file = self.root / "seeds" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        os.utime(file, ns=(mtime_ns, mtime_ns))

    def remove(self, name: str) -> None:
        (self.root / "seeds" / name).unlink()

    def run(self) -> list[ArticleChange]:
        """Read what must be read, an hour after the last time, and remember what comes of it."""
        self.now += timedelta(hours=1)
        known, found = self.store.known(), scan(sources.Folder(self.root / "seeds", []))
        readings = [
            self._reading(file, found.pictures)
            for file in to_read(known, found.seeds, found.pictures, again=False)
        ]
        decisions = reconcile(known, found.seeds, readings, NAMES, self.now)
        changes = [
            ArticleChange(c.article, c.digest, version_of(c.article, c.digest), c.kind)
            for c in decisions.candidates
        ]
        plan = Plan(self.now, tuple(decisions.seeds), tuple(decisions.seeds_gone), tuple(changes))
        self.store.record(replace(plan, withdrawn=tuple(decisions.withdrawn)), [])
        return changes

    def _reading(self, file: SeedFile, pictures: Mapping[str, SeedFile]) -> Reading:
        raw = load(self.root / "seeds", file, OPTIONS)
        return Reading(file, digest_of(raw), attach(read(raw, file.path, OPTIONS), file.path, pictures))

    @property
    def listing(self) -> Listing:
        (listing,) = self.store.known().listings.values()
        return listing


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    found = Folder(tmp_path)
    found.put("a/a.md", SEED.encode())
    return found


def kinds(changes: Sequence[ArticleChange]) -> list[str]:
    return [change.kind for change in changes]


def test_an_article_remembers_its_pictures(folder: Folder) -> None:
    folder.put("a/street.jpg", b"123")
    (change,) = folder.run()
    assert change.article.pictures == (replace(STREET, mtime_ns=1_000_000_000),)
    assert folder.listing.pictures == change.article.pictures
    assert folder.run() == []


def test_a_picture_that_comes_and_goes_updates_its_article_each_time(folder: Folder) -> None:
    assert kinds(folder.run()) == ["added"]
    assert not folder.listing.pictures[0].shown
    assert folder.run() == []
    folder.put("a/street.jpg", b"123")
    assert kinds(folder.run()) == ["updated"]
    assert folder.listing.pictures[0].shown
    assert folder.listing.updated == folder.now
    folder.remove("a/street.jpg")
    assert kinds(folder.run()) == ["updated"]
    assert not folder.listing.pictures[0].shown
    assert folder.run() == []


def test_a_picture_of_another_size_updates_its_article(folder: Folder) -> None:
    folder.put("a/street.jpg", b"123")
    folder.run()
    folder.put("a/street.jpg", b"1234")
    assert kinds(folder.run()) == ["updated"]
    assert (folder.listing.pictures[0].length, folder.listing.updated) == (4, folder.now)


def test_a_picture_of_the_same_size_is_noticed_and_the_article_keeps_its_date(folder: Folder) -> None:
    folder.put("a/street.jpg", b"123")
    folder.run()
    before = folder.listing
    folder.put("a/street.jpg", b"321", mtime_ns=2_000_000_000)
    assert kinds(folder.run()) == ["refiled"]
    assert folder.listing == replace(before, pictures=(replace(before.pictures[0], mtime_ns=2_000_000_000),))
    assert folder.run() == []


def test_an_empty_picture_is_noticed_once(folder: Folder) -> None:
    folder.put("a/street.jpg", b"")
    folder.run()
    assert folder.run() == []


def test_a_seed_that_moves_with_its_picture_stays_its_article(folder: Folder) -> None:
    folder.put("a/street.jpg", b"123")
    folder.run()
    before = folder.listing
    for name, content in (("b/a.md", SEED.encode()), ("b/street.jpg", b"123")):
        folder.put(name, content)
        folder.remove(name.replace("b/", "a/"))
    assert kinds(folder.run()) == ["refiled"]
    moved = (replace(before.pictures[0], source="b/street.jpg"),)
    assert folder.listing == replace(before, pictures=moved)
    assert folder.run() == []


def test_of_two_seeds_with_one_text_the_first_says_which_pictures(folder: Folder) -> None:
    folder.put("b/a.md", SEED.encode())
    folder.put("b/street.jpg", b"12345")
    folder.run()
    assert folder.run() == []
    folder.put("a/street.jpg", b"123")
    folder.run()
    assert folder.listing.pictures[0].source == "a/street.jpg"
    assert folder.run() == []


def test_articles_that_were_read_before_pictures_were_known_keep_their_date() -> None:
    draft = Draft("T", NOW, ())
    reading = Reading(SeedFile("a.md", 1, 1), "d", replace(draft, pictures=(STREET,)))
    old = Listing("urn:x:1", "p/", "T", NOW, NOW, content_digest(draft), "v", ())
    known = Known({"a.md": SeedRecord(reading.file, "d", "urn:x:1")}, {"urn:x:1": old})
    (candidate,) = reconcile(known, [reading.file], [reading], NAMES, NOW + timedelta(days=1)).candidates
    assert (candidate.kind, candidate.article.updated) == ("refiled", NOW)


def test_a_seed_is_read_again_only_for_its_own_pictures_and_not_in_quarantine() -> None:
    files = [SeedFile(name, 1, 1) for name in ("a.md", "b.md", "c.md")]
    listings = {
        name: Listing(name, "", name, NOW, NOW, "", "", (), pictures=pictures)
        for name, pictures in (("a.md", (STREET,)), ("b.md", ()), ("c.md", (STREET,)))
    }
    faults = {"c.md": Fault("c.md", "no date")}
    seeds = {f.path: SeedRecord(f, "d", f.path, faults.get(f.path)) for f in files}
    known = Known(seeds, listings)
    assert to_read(known, files, {}, again=False) == files[:1]
    there = {"a/street.jpg": SeedFile("a/street.jpg", 3, 7)}
    assert to_read(known, files, there, again=False) == []
    assert to_read(known, files, there, again=True) == files


def test_a_picture_that_is_spelled_in_another_unicode_form_is_noticed() -> None:
    composed, decomposed = (unicodedata.normalize(form, "ảnh.png") for form in ("NFC", "NFD"))
    file = SeedFile("a.md", 1, 1)
    picture = Picture("anh.png", "image/png", 3, decomposed, 7)
    listing = Listing("x", "", "T", NOW, NOW, "", "", (), pictures=(picture,))
    known = Known({"a.md": SeedRecord(file, "d", "x")}, {"x": listing})
    assert to_read(known, [file], {composed: SeedFile(decomposed, 3, 7)}, again=False) == []
    assert to_read(known, [file], {composed: SeedFile(composed, 3, 7)}, again=False) == [file]


def test_what_an_article_says_depends_on_what_its_pictures_are_and_not_on_when() -> None:
    def digest(picture: Picture) -> str:
        return content_digest(Draft("T", NOW, (), pictures=(picture,)))

    assert digest(STREET) == digest(replace(STREET, mtime_ns=8, source="b/street.jpg"))
    others = [replace(STREET, url="x.jpg"), replace(STREET, type="image/png"), replace(STREET, length=4)]
    assert digest(STREET) not in {digest(other) for other in others}
    assert digest(STREET) != content_digest(Draft("T", NOW, ()))
