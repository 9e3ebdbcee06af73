"""Seeds that cannot be read, and the folder they lie in."""

import os
import time
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher.errors import SeedError, UsageError
from publisher.model import SeedFile
from publisher.reading import Options, load, read, scan
from publisher.reading.sources import Folder

OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi", max_bytes=30_000_000)


@pytest.mark.parametrize(
    ("raw", "path", "reason", "line"),
    [
        (b"", "a.txt", "the file is empty", 0),
        (b" \n", "a.txt", "the file is empty", 0),
        (b"a\nb\xe1c", "a.txt", "not UTF-8 (byte 0xE1 at line 2), and not surely windows-1258 or vni", 2),
        (b"\x89PNG\0", "a.txt", "binary data, not text", 0),
        (b"x", "a.docx", "no reader for '.docx' files", 0),
        (b"x", "a.html", "no article in the page", 0),
        (b"30/05/2023\nx", "a.txt", "no title: the first line is a date", 1),
        (b"\n" + b"x" * 301, "a.txt", "no title: the first line is a paragraph", 2),
        (b"T\na.\nb.\nc.\nd.\n30/05/2023\nx", "a.txt", "no date", 1),
        (b"T\n31/02/2023\nx", "a.txt", "impossible date “31/02/2023”", 2),
        (b"T\n30/05/2023\n", "a.txt", "no text below the date", 2),
        (b"# T\n\nText", "a.md", "no date", 1),
        (b"---\ndate: 17:26\n---\n# T\nText", "a.md", "no date in “date: 17:26”", 2),
        (b"---\ndate: 17:26\n", "a.md", "the front matter has no end", 1),
        (b"+++\ndate = \n+++\n", "a.md", "the front matter is not TOML", 2),
    ],
)
def test_a_fault_is_named_with_its_line(raw: bytes, path: str, reason: str, line: int) -> None:
    with pytest.raises(SeedError) as caught:
        read(raw, path, OPTIONS)
    assert (caught.value.reason, caught.value.line) == (reason, line)


def test_utf_16_and_a_byte_order_mark_are_read() -> None:
    text = "Tít\n30/05/2023\nChữ."
    drafts = {read(text.encode(code), "a.txt", OPTIONS) for code in ("utf-8", "utf-8-sig", "utf-16")}
    assert len(drafts) == 1


def test_keywords_stand_below_an_empty_marker_only_as_a_list() -> None:
    head = "T\n30/05/2023\nLead.\nTags:\n"
    assert read(f"{head}a, b\nc".encode(), "a.txt", OPTIONS).keywords == ("a", "b")
    assert read(f"{head}Something else\nc".encode(), "a.txt", OPTIONS).keywords == ()


def test_toml_front_matter_is_read() -> None:
    raw = b'+++\ntitle = "T"\ndate = 2023-05-30T17:26:00\ntags = ["a", "b"]\n+++\n# T\n\nText.\n'
    draft = read(raw, "a.md", OPTIONS)
    assert (draft.title, draft.published.hour, draft.keywords, len(draft.blocks)) == ("T", 17, ("a", "b"), 1)


def test_twenty_megabytes_in_a_line_are_read_quickly() -> None:
    raw = b"T\n30/05/2023\n" + b"a" * 20_000_000
    began = time.perf_counter()
    read(raw, "a.txt", OPTIONS)
    assert time.perf_counter() - began < 5


def test_the_scan_finds_regular_seeds_only(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c.md", ".hidden/d.txt", "e.txt~", "f.PNG", "old/g.txt", "h.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to(tmp_path / "b.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).touch()
    assert [seed.path for seed in scan(Folder(tmp_path, ["old/*"])).seeds] == ["a/c.md", "b.txt", "h.html"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no seeds folder") as caught:
        scan(Folder(tmp_path / "none", []))
    assert caught.value.hint


def test_a_file_is_loaded_as_it_is(tmp_path: Path) -> None:
    raw = b"T\n30/05/2023\nText."
    (tmp_path / "a.txt").write_bytes(raw)
    assert load(tmp_path, scan(Folder(tmp_path, [])).seeds[0], OPTIONS) == raw


def test_a_file_that_is_gone_or_too_large_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="cannot be opened: No such file"):
        load(tmp_path, SeedFile("a.txt", 1, 0), OPTIONS)
    (tmp_path / "large.txt").write_bytes(b"x" * 1_000_001)
    with pytest.raises(SeedError, match="too large: more than 1 MB"):
        load(tmp_path, SeedFile("large.txt", 1, 0), replace(OPTIONS, max_bytes=1_000_000))


def test_the_fingerprint_follows_the_options() -> None:
    other = Options(zone=OPTIONS.zone, language="vi", max_bytes=OPTIONS.max_bytes, tail_markers=("Hết",))
    assert OPTIONS.fingerprint != other.fingerprint
