"""What holds for every seed."""

import html
import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import SeedError
from publisher.model import Block, BlockKind, Draft, SeedFile
from publisher.reading import Options, attach, read
from publisher.reading.cleaning import clean
from publisher.reading.dates import parse_date

OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")
PATHS = st.sampled_from(["a.txt", "a.md", "a.html", "a"])
HEADS = st.sampled_from(
    ["", "T\n30/05/2023\n", "---\ntitle: T\ndate: 2023-05-30\n", "---\ntitle: T\ndate: 2023-05-30\n---\n",
     "+++\n", '+++\ntitle = "T"\ndate = 2023-05-30\n+++\n']
)  # fmt: skip

MOMENT = datetime(2023, 5, 30, tzinfo=UTC)
PIECES = st.sampled_from(
    ["..", "/", ".", "%2e", "%2F", "b", "ả", "a\u0309nh", "p.png", ".PNG", "p.jpg", "?", "#", ":", "http://", "[", "]",
     "e.x", "%", "%ff", "\\", "<", '"', "&amp;", " ", "@", ":99999", "℀", "\x01"]
)  # fmt: skip
SOURCES = st.lists(PIECES | st.text(max_size=3), max_size=6).map("".join)


@given(st.binary(), PATHS)
def test_any_bytes_are_a_draft_or_a_fault(raw: bytes, path: str) -> None:
    with suppress(SeedError):
        read(raw, path, OPTIONS)


@given(HEADS, st.text(), PATHS)
def test_every_string_of_a_draft_is_clean(head: str, text: str, path: str) -> None:
    with suppress(SeedError):
        draft = read((head + text).encode("utf-8", "ignore"), path, OPTIONS)
        for block in draft.blocks:
            assert block.text == clean(block.text).strip()
            assert block.html == clean(block.html)
        assert draft.title == clean(draft.title).strip() != ""


@given(st.lists(SOURCES, min_size=1, max_size=5), st.sampled_from(["a.md", "b/a.md", "b/ả/a.md"]))
def test_whatever_a_source_says_a_picture_stays_below_the_folders_and_is_listed_once(
    sources: list[str], seed: str
) -> None:
    blocks = tuple(Block(BlockKind.IMAGE, "", f'<img alt="x" src="{html.escape(src)}">') for src in sources)
    files = {path: SeedFile(path, 3, 7) for path in ("p.png", "b/p.png", "b/ả/p.png")}
    draft = attach(Draft("T", MOMENT, blocks), seed, files)
    assert len({picture.url for picture in draft.pictures}) == len(draft.pictures) <= len(sources)
    for picture in draft.pictures:
        assert picture.type.startswith("image/")
        if picture.source:
            assert re.fullmatch(r"[a-z0-9][a-z0-9-]*\.(avif|gif|jpe?g|png|webp)", picture.url)
            assert not {"", ".", ".."} & set(picture.source.split("/"))
        else:
            assert picture.url.isascii()
            assert picture.url.startswith(("http://", "https://"))
    assert attach(Draft("T", MOMENT, blocks), seed, files) == draft


@given(st.text(st.characters()))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once == unicodedata.normalize("NFC", once)


@given(
    st.from_regex(
        r"[0-9]{1,2}[:/.-][0-9]{1,2}[/.-][0-9]{1,4}[ T+,-]{0,2}[0-9:]{0,8}[Z+-]?[0-9]{0,4}", fullmatch=True
    )
)
def test_any_line_of_digits_is_a_date_or_not(line: str) -> None:
    with suppress(SeedError):
        parse_date(line, OPTIONS.zone)
