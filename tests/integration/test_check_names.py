"""`publish check` over a folder with everything that it should not hold: each is named once, with what to do."""

from __future__ import annotations

import os
import socket
import unicodedata
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from conftest import Site

from publisher.cli import publish

GOOD = "Bài một\n\n17:26 30/05/2023\n\nThân bài.\n"
NESTED = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "x" * 1000}">' for n in range(8))
BOMB = f"""<?xml version="1.0"?><!DOCTYPE rss [{NESTED}]><rss version="2.0"><channel><title>T</title>
<item><title>&a7;</title><pubDate>Tue, 30 May 2023 17:26:00 +0700</pubDate></item></channel></rss>"""
FRONT = "---\ntitle: Trích\ndate: 2023-05-30T17:26:00+07:00\n---\n\n"

BAD: dict[str, tuple[str | bytes, str]] = {
    "bom.xml": (BOMB, "it defines entities of its own"),
    "trich.md": (FRONT + ">" * 10_000 + " sâu\n", "no text below the title"),
    "long.html": (f"<title>T</title>{'<blockquote>' * 10_000}x", "no article in the page"),
    "trong.txt": ("", "the file is empty"),
    "anh.txt": (b"\x89PNG\r\n\x00\x01", "binary data, not text"),
    "la.txt": (b"T\nB\xe0i", "not UTF-8 (byte 0xE0 at line 2), and not surely windows-1258 or vni"),
    "ngay.txt": ("Tựa\n\nThân bài.\n", "no date"),
    "hai.txt": ("T\n\n31/02/2023\n\nx", "impossible date “31/02/2023”"),
    "trang.xyz": ("gì", "no reader for '.xyz' files"),
    "to.txt": (GOOD + "x " * 5_500_000, "too large: more than 10 MB"),
    "hong.json": ("{", "not JSON"),
    "dong.jsonl/1": ("", "not JSON"),
    "xuống\nhỏng.txt": ("", "the file is empty"),
}
ODD = {
    "lien-ket.txt": "a symbolic link, and links are not followed",
    "thu-muc": "a symbolic link, and links are not followed",
    "ong.txt": "a pipe, not a file",
    "o-cam.txt": "a socket, not a file",
    r"kh\udcf4ng.txt": "its name is not UTF-8, so it is not read",
    "xuống\\ndòng.txt": "its name holds a character that is not printed, such as a newline",
    "tin.txt": "its name differs from that of Tin.txt in capitals only, and some disks take both for one",
    unicodedata.normalize("NFC", "bài.txt"): "in the Unicode form only, and some disks take both for one",
}
"""The path as it is shown, and what is wrong with it."""


@pytest.fixture
def folder(site: Site) -> Iterator[Site]:
    site.write("tốt.txt", GOOD)
    for name, (content, _) in BAD.items():
        if "/" not in name:
            site.write(name, content)
    site.write("dong.jsonl", '{"title": "a"\n')
    (site.seeds / "lien-ket.txt").symlink_to("/etc/hostname")
    (site.seeds / "thu-muc").symlink_to("/etc")
    os.mkfifo(site.seeds / "ong.txt")
    for number, name in enumerate(["xuống\ndòng.txt", "Tin.txt", "tin.txt"]):
        site.write(name, GOOD.replace("một", f"số {number}"))
    for form in ("NFD", "NFC"):
        site.write(unicodedata.normalize(form, "bài.txt"), GOOD.replace("một", form))
    with open(os.fsencode(site.seeds) + b"/kh\xf4ng.txt", "w", encoding="utf-8") as file:
        file.write(GOOD)
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(os.path.relpath(site.seeds / "o-cam.txt"))  # such an address has room for about 100 octets
        yield site


def test_every_bad_input_is_named_once_with_what_to_do(folder: Site) -> None:
    done = CliRunner().invoke(publish, ["-c", str(folder.root / "config.toml"), "check"])
    *lines, last = done.stdout.splitlines()
    expected = {name.replace("\n", "\\n"): reason for name, (_, reason) in BAD.items()} | ODD
    for name, reason in expected.items():
        (line,) = (line for line in lines if line.startswith((f"{name}:", f"{name} ")))
        assert reason in line
        assert " (hint: " in line
    assert (len(lines), last, done.exit_code) == (len(expected), f"{len(expected)} faults", 1)


def test_a_run_reads_the_rest(folder: Site) -> None:
    outcome = folder.run()
    assert {fault.path for fault in outcome.plan.faults} == set(BAD)
    assert outcome.counts["added"] == 6
