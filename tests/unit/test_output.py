"""Files of the output folder: whole, only when they differ, never outside."""

from __future__ import annotations

import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
import pytest

from publisher.output import COMPRESSED, Folder, brotlied, gzipped


def test_a_file_is_written_once_and_then_left_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.put("a/b/", b"one") is True
    file = tmp_path / "a/b/index.html"
    before = file.stat()
    assert folder.put("a/b/", b"one") is False
    after = file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert folder.state("a/b/") == (3, before.st_mtime_ns)


def test_other_bytes_replace_the_file_whole(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("feed.rss", b"old")
    with open(tmp_path / "feed.rss", "rb") as reader:
        assert folder.put("feed.rss", b"new and longer") is True
        assert reader.read() == b"old"
    folder.sweep()
    assert [file.name for file in tmp_path.iterdir()] == ["feed.rss"]
    assert (tmp_path / "feed.rss").read_bytes() == b"new and longer"


def test_the_root_page_is_index_html(tmp_path: Path) -> None:
    Folder(tmp_path).put("", b"front")
    assert (tmp_path / "index.html").read_bytes() == b"front"


def test_what_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "feed.rss").mkdir()
    with pytest.raises(OSError, match=r"feed\.rss"):
        Folder(tmp_path).put("feed.rss", b"new")
    assert sorted(file.name for file in tmp_path.rglob("*")) == [".unfinished", "feed.rss"]


def test_what_a_killed_writer_left_is_swept_away(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("feed.rss", b"whole")
    (tmp_path / ".unfinished/4711").write_bytes(b"ha")
    folder.sweep()
    assert [file.name for file in tmp_path.rglob("*")] == ["feed.rss"]
    folder.sweep()


def test_a_removed_file_takes_empty_folders_along_but_not_the_root(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("a/b/c/", b"x")
    folder.put("a/feed.rss", b"x")
    folder.sweep()
    assert folder.remove("a/b/c/") is True
    assert folder.remove("a/b/c/") is False
    assert [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")] == ["a", "a/feed.rss"]
    assert folder.remove("a/feed.rss") is True
    assert list(tmp_path.iterdir()) == []
    assert folder.state("a/feed.rss") is None


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "..", "a/../"])
def test_no_path_leaves_the_folder(tmp_path: Path, path: str) -> None:
    folder = Folder(tmp_path / "public")
    with pytest.raises(ValueError, match="not a path of the output"):
        folder.put(path, b"x")
    with pytest.raises(ValueError, match="not a path of the output"):
        folder.remove(path)
    assert list(tmp_path.iterdir()) == []


def test_a_document_has_its_compressed_forms_beside_it_with_its_own_time(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.put("feed.rss", b"<rss/>" * 99, COMPRESSED) is True
    forms = {suffix: (tmp_path / f"feed.rss.{suffix}").read_bytes() for suffix in ("gz", "br")}
    assert gzip.decompress(forms["gz"]) == brotli.decompress(forms["br"]) == b"<rss/>" * 99
    folder.sweep()
    times = {file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert [folder.state("feed.rss", COMPRESSED)] == [(594, time) for time in times]
    assert folder.put("feed.rss", b"<rss/>" * 99, COMPRESSED) is False
    assert {file.stat().st_mtime_ns for file in tmp_path.iterdir()} == times


def test_equal_bytes_have_equal_compressed_forms_whatever_the_file_and_the_time(tmp_path: Path) -> None:
    one, other = gzipped(b"a" * 999), gzipped(b"a" * 999)
    assert one == other
    # RFC 1952, section 2.3: no flags, so no name, and no time of change.
    assert (one[:4], one[4:8]) == (b"\x1f\x8b\x08\x00", bytes(4))
    assert brotlied(b"a" * 999) == brotlied(b"a" * 999)


def test_a_compressed_form_follows_its_document(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("feed.rss", b"old", COMPRESSED)
    folder.put("feed.rss", b"new", COMPRESSED)
    assert gzip.decompress((tmp_path / "feed.rss.gz").read_bytes()) == b"new"
    assert brotli.decompress((tmp_path / "feed.rss.br").read_bytes()) == b"new"
    (tmp_path / "feed.rss.gz").unlink()
    assert folder.state("feed.rss", COMPRESSED) is None
    assert folder.put("feed.rss", b"new", COMPRESSED) is False
    assert gzip.decompress((tmp_path / "feed.rss.gz").read_bytes()) == b"new"
    os.utime(tmp_path / "feed.rss.br", (1, 1))
    assert folder.state("feed.rss", COMPRESSED) is None
    folder.remove("feed.rss")
    folder.sweep()
    assert list(tmp_path.iterdir()) == []


def test_forms_that_are_no_longer_wanted_are_taken_away(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("feed.rss", b"x", COMPRESSED)
    folder.remove_siblings("feed.rss", keep=("gz",))
    folder.sweep()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["feed.rss", "feed.rss.gz"]


def test_two_machines_that_write_at_once_do_not_mix_their_files(tmp_path: Path) -> None:
    """Each has a `Folder`; in containers, their processes often have one number."""

    def write(name: str) -> list[str]:
        folder, content = Folder(tmp_path), name.encode() * 100_000
        return [
            path
            for path in (f"{name}/{number}.txt" for number in range(200))
            if not (folder.put(path, content) and (tmp_path / path).read_bytes() == content)
        ]

    with ThreadPoolExecutor(4) as machines:
        assert list(machines.map(write, "abcd")) == [[], [], [], []]
