"""Files of the output folder: whole, only when they differ, never outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from publisher.output import Folder


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
