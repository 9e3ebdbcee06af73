"""What holds for every seed."""

import unicodedata
from contextlib import suppress
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import SeedError
from publisher.reading import Options, read
from publisher.reading.cleaning import clean
from publisher.reading.dates import parse_date

OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")
PATHS = st.sampled_from(["a.txt", "a.md", "a.html", "a"])
HEADS = st.sampled_from(
    ["", "T\n30/05/2023\n", "---\ntitle: T\ndate: 2023-05-30\n", "---\ntitle: T\ndate: 2023-05-30\n---\n",
     "+++\n", '+++\ntitle = "T"\ndate = 2023-05-30\n+++\n']
)  # fmt: skip


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
