"""What every feed format owes: the same entries, their ids, dates and text, whatever the format."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import feedparser
import pytest

from publisher import addresses
from publisher.render.feeds import FORMATS, Channel, Entry

ZONE = timezone(timedelta(hours=7))
MOMENT = datetime(2023, 5, 30, 17, 26, tzinfo=ZONE)
CHANNEL = Channel(
    "urn:uuid:00000000-0000-0000-0000-000000000001",
    "Bản tin",
    "Tin tức",
    "https://news.example.org/feed",
    "https://news.example.org/",
    "vi",
    "Bản tin",
    MOMENT,
    MOMENT.isoformat(),
)


def entry(number: int) -> Entry:
    return Entry(
        id=f"urn:uuid:00000000-0000-0000-0000-{number:012}",
        url=f"https://news.example.org/{number}/",
        title=f"Tin <{number}> & ]]>",
        published=MOMENT + timedelta(minutes=number),
        updated=MOMENT + timedelta(minutes=number, hours=1),
        summary="Tóm tắt < & >",
        html='<p>Thân bài &lt; xmlns:dc="x"</p>',
        authors=("KC", "MT"),
        categories=("Kiến An",),
        scheme="https://news.example.org/keywords/",
        language="vi",
    )


def parsed(form: str, entries: list[Entry]) -> list[dict[str, object]]:
    raw = FORMATS[form].document(CHANNEL, [FORMATS[form].entry(one) for one in entries])
    if form == "json":
        import json

        return [
            {
                "id": item["id"],
                "url": item["url"],
                "title": item["title"],
                "published": item["date_published"],
                "updated": item["date_modified"],
                "html": item["content_html"],
                "authors": [author["name"] for author in item["authors"]],
                "keywords": item["tags"],
            }
            for item in json.loads(raw)["items"]
        ]
    found = feedparser.parse(raw, sanitize_html=False)
    assert not found.bozo
    return [
        {
            "id": item.id,
            "url": item.link,
            "title": feedparser_text(item.title),
            "published": item.published,
            "updated": item.updated,
            "html": item.content[0].value,
            "authors": [author.name for author in item.authors],
            "keywords": [tag.label or tag.term for tag in item.tags],
        }
        for item in found.entries
    ]


def feedparser_text(title: str) -> str:
    return title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize("form", FORMATS)
def test_a_document_holds_its_entries_in_order_with_everything_they_say(form: str) -> None:
    wanted = [entry(2), entry(1)]
    found = parsed(form, wanted)
    assert [item["id"] for item in found] == [one.id for one in wanted]
    for item, one in zip(found, wanted, strict=True):
        assert item["url"] == one.url
        assert item["title"] == one.title
        assert item["html"] == one.html
        assert item["keywords"] == ["Kiến An"]
        assert "KC" in item["authors"]
        assert moment(str(item["published"])) == one.published
        assert moment(str(item["updated"])).replace(microsecond=0) == one.updated


def moment(text: str) -> datetime:
    from email.utils import parsedate_to_datetime

    return datetime.fromisoformat(text) if text[0].isdigit() else parsedate_to_datetime(text)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_entries_give_the_same_bytes(form: str) -> None:
    made = [FORMATS[form].document(CHANNEL, [FORMATS[form].entry(entry(1))]) for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("form", FORMATS)
def test_a_feed_without_entries_is_whole(form: str) -> None:
    assert parsed(form, []) == []


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_a_media_type(form: str) -> None:
    assert addresses.FEED_TYPES[form].startswith("application/")
