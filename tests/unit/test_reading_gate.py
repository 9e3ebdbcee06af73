"""Whatever a reader gives, nothing leaves reading that a feed cannot carry."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from publisher.errors import SeedError
from publisher.model import Block, BlockKind, Draft, Picture
from publisher.reading import Options, read

OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")
MOMENT = datetime(2023, 5, 30, 17, 26, tzinfo=UTC)
GOOD = Draft("T", MOMENT, (Block(BlockKind.PARAGRAPH, "Text."), Block(BlockKind.LIST, "a\nb", "<ul></ul>")))


def through(draft: Draft) -> Draft:
    return read(b"anything", "a.odd", OPTIONS, {".odd": lambda text, options: draft})


def block(text: str = "", html: str = "") -> tuple[Block, ...]:
    return (*GOOD.blocks, Block(BlockKind.QUOTE, text, html))


@pytest.mark.parametrize(
    "draft",
    [
        GOOD,
        replace(GOOD, title="Kiến An 🧪\u200d\U00100000", summary="a\tb\nc\x85"),
        replace(GOOD, published=MOMENT.replace(year=1000), updated=MOMENT.replace(year=9998)),
    ],
)
def test_a_good_draft_passes_as_it_is(draft: Draft) -> None:
    assert through(draft) == draft


def test_an_offset_of_odd_seconds_loses_them_and_the_clock_stays() -> None:
    """Before May 1911 clocks in Vietnam stood 7 h 6 min 30 s from UTC, which no feed and no database can say."""
    odd = datetime(1905, 1, 1, tzinfo=OPTIONS.zone)
    draft = through(replace(GOOD, published=odd, updated=odd))
    assert draft.published.isoformat() == "1905-01-01T00:00:00+07:06"
    assert draft.updated == draft.published


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (replace(GOOD, title=""), "no title: nothing in it can be seen"),
        (replace(GOOD, title=" \u3000"), "no title: nothing in it can be seen"),
        (replace(GOOD, title="a\x07"), "the title holds U+0007, which no line of text can hold"),
        (replace(GOOD, title="a\nb"), "the title holds U+000A, which no line of text can hold"),
        (replace(GOOD, title="a\x9f"), "the title holds U+009F, which no line of text can hold"),
        (replace(GOOD, title="a\ud800"), "the title holds U+D800, which no line of text can hold"),
        (replace(GOOD, title="a\ufdd0"), "the title holds U+FDD0, which no line of text can hold"),
        (replace(GOOD, title="a\U0001ffff"), "the title holds U+1FFFF, which no line of text can hold"),
        (replace(GOOD, blocks=block("a\x00")), "block 3 (quote) holds U+0000, which XML forbids"),
        (
            replace(GOOD, blocks=block("a", "<p>\x1b")),
            "the HTML of block 3 (quote) holds U+001B, which XML forbids",
        ),
        (replace(GOOD, summary="\uffff"), "the summary holds U+FFFF, which XML forbids"),
        (replace(GOOD, authors=("a", "b\udfff")), "an author holds U+DFFF, which XML forbids"),
        (replace(GOOD, keywords=("\x0c",)), "a keyword holds U+000C, which XML forbids"),
        (replace(GOOD, language="\x01"), "the language holds U+0001, which XML forbids"),
        (replace(GOOD, declared_id="\ud83e"), "the id holds U+D83E, which XML forbids"),
        (
            replace(GOOD, pictures=(Picture("\x02", ""),)),
            "the address of a picture holds U+0002, which XML forbids",
        ),
    ],
)
def test_a_text_that_no_feed_can_carry_is_named(draft: Draft, reason: str) -> None:
    with pytest.raises(SeedError) as caught:
        through(draft)
    assert caught.value.reason == reason


@pytest.mark.parametrize("part", ["published", "updated"])
@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (MOMENT.replace(tzinfo=None), "has no time zone: 2023-05-30T17:26:00"),
        (MOMENT.replace(microsecond=5), "is not in whole seconds: 2023-05-30T17:26:00.000005+00:00"),
        (MOMENT.replace(year=999), "is outside the years 1000 to 9998: 0999-05-30T17:26:00+00:00"),
        (MOMENT.replace(year=9999), "is outside the years 1000 to 9998: 9999-05-30T17:26:00+00:00"),
    ],
)
def test_a_moment_that_no_feed_can_carry_is_named(part: str, moment: datetime, reason: str) -> None:
    what = {"published": "the date", "updated": "the date of the update"}[part]
    with pytest.raises(SeedError) as caught:
        through(replace(GOOD, **{part: moment}))
    assert caught.value.reason == f"{what} {reason}"
