"""The mail of an edition."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html as lxml_html

from publisher import addresses
from publisher.config import Config, Digest, Mail, Site
from publisher.errors import RenderError
from publisher.model import Article, Block, BlockKind, Edition, Filing, Keyword, KeywordSource, Section
from publisher.render.digest import BUDGET, DigestMail
from publisher.render.templates import Templates

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DUE = datetime(2023, 5, 31, 6, 0, tzinfo=ZONE)
DIGEST = Digest(name="sang", title="Tin sáng")
CONFIG = Config(
    site=Site(title="Báo Kiến An", url="https://tin.example.vn"),
    mail=Mail(sender="a@example.vn"),
    digest=(DIGEST,),
)
KEYWORDS = (Keyword("kien-an", "Kiến An", "kiến an"), Keyword("y-te", "Y tế", "y tế"))
UNSUBSCRIBE = "mailto:bo@example.vn?subject=unsubscribe"


def make_articles(count: int) -> dict[str, Article]:
    return {
        f"tag:x,{number}": Article(
            id=f"tag:x,{number}",
            page=addresses.article(DUE, f"bai-{number}"),
            title=f"Bài <{number}> của quận",
            published=DUE,
            updated=DUE,
            blocks=(Block(BlockKind.PARAGRAPH, "Thân bài"),),
            summary="Lời dẫn\x85 " * 60,
            authors=(),
            declared=(),
            language="vi",
            filings=tuple(Filing(keyword, KeywordSource.TOPIC) for keyword in KEYWORDS),
        )
        for number in range(count)
    }


def make_edition(articles: dict[str, Article], omitted: tuple[str, ...] = ()) -> Edition:
    ids = tuple(articles)
    half = len(ids) // 2
    sections = (Section("kien-an", "Kiến An", ids[:half]), Section("", "", ids[half:]))
    page = addresses.edition("sang", DUE, timed=False)
    return Edition("e1", "sang", page, "Tin sáng: 31 tháng 5, 2023", DUE, DUE, sections, omitted)


def parse(page: str) -> Any:
    """The tree; untyped, because what XPath answers depends on the question."""
    return lxml_html.document_fromstring(page)


def mail(config: Config = CONFIG) -> DigestMail:
    return DigestMail(config, Templates(None, config.site.language, ZONE), {"kien-an"})


def compose(count: int, omitted: tuple[str, ...] = ()) -> tuple[str, str]:
    articles = make_articles(count)
    return mail().compose(DIGEST, make_edition(articles, omitted), articles, UNSUBSCRIBE)


def test_the_subject_is_one_line_and_not_escaped() -> None:
    assert mail().subject(DIGEST, DUE) == "Tin sáng: 31 tháng 5, 2023"
    odd = replace(DIGEST, title="Tin &\r\nBcc: x@y\x00\x85", subject="  {{ digest.title }}\n!")
    assert mail().subject(odd, DUE) == "Tin & Bcc: x@y !"


def test_a_fault_in_the_subject_is_told() -> None:
    with pytest.raises(RenderError, match=r'^"\{\{ digest\.titel \}\}":1: .* no attribute .titel'):
        mail().subject(replace(DIGEST, subject="{{ digest.titel }}"), DUE)


def test_both_parts_show_each_article_once_with_its_address() -> None:
    html, text = compose(4)
    for number in range(4):
        address = f"https://tin.example.vn/articles/2023/05/31/bai-{number}/"
        assert html.count(f'href="{address}"') == 1
        assert text.splitlines().count(address) == 1
        assert f"Bài <{number}> của quận" in text


def test_the_html_is_ready_for_mail_clients() -> None:
    html, _ = compose(4)
    tree = parse(html)
    assert tree.get("lang") == "vi"
    assert tree.xpath("//title/text()") == ["Tin sáng: 31 tháng 5, 2023"]
    assert all(table.get("role") == "presentation" for table in tree.xpath("//table"))
    assert "max-width: 600px" in tree.xpath("//table[@class='sheet']/@style")[0]
    assert "prefers-color-scheme: dark" in tree.xpath("string(//style)")
    assert tree.xpath("//meta[@name='color-scheme']/@content") == ["light dark"]
    assert html.count("<style") == 1
    assert b'charset="utf-8"' in html.encode()[:1024]
    assert not tree.xpath("//script|//link|//img")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", html)


def test_contents_lead_to_sections_with_their_counts() -> None:
    tree = parse(compose(5)[0])
    entries = [entry.text_content().split() for entry in tree.xpath("//span[@class='entry']")]
    assert entries == [["Kiến", "An", "2"], ["Các", "bài", "khác", "3"]]
    anchors = tree.xpath("//span[@class='entry']/a/@href")
    assert [f"#{id}" for id in tree.xpath("//h2/@id")] == anchors


def test_other_keywords_of_an_article_are_named_beside_it() -> None:
    html, text = compose(2)
    assert "Cũng thuộc: Y tế" in html
    assert "Cũng thuộc: Y tế" in text.splitlines()
    assert "Cũng thuộc: Kiến An, Y tế" in text.splitlines()


def test_the_foot_tells_why_and_how_to_leave() -> None:
    for part in compose(2, omitted=("a", "b", "c")):
        assert "https://tin.example.vn/digests/sang/2023-05-31/" in part
        assert UNSUBSCRIBE in part
        assert "có trong danh sách nhận “Tin sáng”" in " ".join(part.split())
        assert "Còn 3 bài nữa trên trang" in part


def test_withdrawn_articles_are_left_out() -> None:
    articles = make_articles(4)
    edition = make_edition(articles)
    del articles["tag:x,0"]
    assert "bai-0/" not in "".join(mail().compose(DIGEST, edition, articles, UNSUBSCRIBE))


@pytest.mark.parametrize(("count", "all_shown"), [(40, True), (90, True), (1000, False)])
def test_the_html_keeps_its_budget(count: int, all_shown: bool) -> None:
    html, text = compose(count)
    assert len(html.encode()) <= BUDGET
    shown = html.count("<h3")
    assert (shown == count) is all_shown
    assert ("bài nữa trên trang" in html) is not all_shown
    assert text.count("/articles/") == shown


def test_text_lines_are_short_but_for_addresses() -> None:
    _, text = compose(3)
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 72
    assert "\n\n\n\n" not in text
