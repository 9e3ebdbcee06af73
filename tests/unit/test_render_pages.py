"""Templates, the body of an article and the plain pages."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from lxml import html as lxml_html

import publisher
from publisher import addresses
from publisher.config import Config, Digest, Feeds, Mail, Site
from publisher.errors import RenderError
from publisher.model import (
    Article,
    Block,
    BlockKind,
    Chain,
    Edition,
    Feed,
    Filing,
    Keyword,
    KeywordCount,
    KeywordSource,
    Listing,
    Section,
)
from publisher.render.blocks import to_html
from publisher.render.pages import Pages
from publisher.render.sources import built_in_folder
from publisher.render.templates import Templates, cut

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2023, 5, 30, 17, 26, tzinfo=ZONE)
DIGEST = Digest(name="sang", title="Tin sáng")
CONFIG = Config(
    site=Site(title="Báo <Kiến An>", url="https://tin.example.vn/bao"),
    mail=Mail(sender="a@example.vn"),
    digest=(DIGEST,),
)
KIEN_AN = Keyword("kien-an", "Kiến An", "kiến an")
RARE = Keyword("hiem", "Hiếm gặp", "hiếm gặp")
SITE_FEED = Feed("", "Báo <Kiến An>", "Báo <Kiến An>", "", 9)
COMBINED = Feed("feeds/quiet/", "Bình yên", "Bình yên · Báo", "Không có tin dữ.", 3)
MONTHS = [("2022-12", 1), ("2023-04", 1), ("2023-04", 2), ("2023-05", 1)]
WAYS = [None, *(addresses.archive("keywords/kien-an/", *place) for place in MONTHS), None]
CHAINS = tuple(
    Chain("keywords/kien-an/", month, part, WAYS[number], WAYS[number + 2])
    for number, (month, part) in enumerate(MONTHS)
)
KEYWORD_FEED = Feed("keywords/kien-an/", "Kiến An", "Kiến An · Báo", "", 7, CHAINS)


def make_article(number: int = 1, **changes: object) -> Article:
    article = Article(
        id=f"tag:x,{number}",
        page=addresses.article(NOON, f"bai-{number}"),
        title=f"Bài số {number}: <Ước>",
        published=NOON,
        updated=NOON,
        blocks=(Block(BlockKind.PARAGRAPH, "Thân bài & kết"),),
        summary="Lời dẫn " * 60,
        authors=("Nguyễn Văn Ước",),
        declared=(),
        language="vi",
        filings=(Filing(KIEN_AN, KeywordSource.TOPIC), Filing(RARE, KeywordSource.FOUND)),
    )
    return replace(article, **changes)


def make_listing(article: Article) -> Listing:
    return Listing(
        id=article.id,
        page=article.page,
        title=article.title,
        published=article.published,
        updated=article.updated,
        digest="",
        version="1",
        keywords=("kien-an",),
        withdrawn=True,
    )


def make_edition(*sections: Section, omitted: tuple[str, ...] = ()) -> Edition:
    page = addresses.edition("sang", NOON, timed=False)
    return Edition("e1", "sang", page, "Tin sáng: 30/5", NOON, NOON, sections, omitted)


def parse(page: str) -> Any:
    """The tree; untyped, because what XPath answers depends on the question."""
    return lxml_html.document_fromstring(page)


def make_pages(config: Config = CONFIG, own: Path | None = None) -> Pages:
    return Pages(config, Templates(own, config.site.language, ZONE), {"kien-an"})


def every_page(pages: Pages) -> Mapping[str, str]:
    article = make_article()
    counts = [KeywordCount(KIEN_AN, 2), KeywordCount(RARE, 1)]
    edition = make_edition(Section("kien-an", "Kiến An", (article.id, "gone")), omitted=("x",))
    listing = make_listing(article)
    return {
        "": pages.index([article, make_article(2)], counts, [DIGEST], SITE_FEED),
        article.page: pages.article(article),
        "withdrawn/": pages.withdrawn(replace(listing, page="withdrawn/")),
        "keywords/kien-an/": pages.keyword(KIEN_AN, [article], KEYWORD_FEED),
        "keywords/kien-an/archive/2023/04/2/": pages.archive(KEYWORD_FEED, CHAINS[2], [article]),
        "feeds/quiet/": pages.combined(COMBINED, [article]),
        "feeds/": pages.feeds([SITE_FEED, KEYWORD_FEED, COMBINED], [DIGEST]),
        "keywords/": pages.keywords(counts),
        "digests/sang/": pages.digest(DIGEST, [edition]),
        edition.page: pages.edition(DIGEST, edition, {article.id: article}),
    }


@pytest.mark.parametrize("language", ["vi", "en", "fr", "vi-VN"])
def test_every_page_is_whole_html_without_script_or_foreign_host(language: str) -> None:
    config = replace(CONFIG, site=replace(CONFIG.site, language=language))
    for path, page in every_page(make_pages(config)).items():
        tree = parse(page)
        assert tree.get("lang") == language
        assert len(tree.xpath("//h1")) == 1, path
        assert not tree.xpath("//script|//style|//img")
        for rel, file in (("stylesheet", "style.css"), ("icon", "icon.png")):
            assert tree.xpath("//link[@rel=$rel]/@href", rel=rel) == [addresses.root_from(path) + file]
        absolute = {link for _, _, link, _ in tree.iterlinks() if "//" in link}
        assert all(link.startswith(CONFIG.site.url) for link in absolute)


def test_headings_go_down_one_level_at_a_time() -> None:
    for path, page in every_page(make_pages()).items():
        levels = [int(heading.tag[1]) for heading in parse(page).xpath("//h1|//h2|//h3|//h4")]
        assert levels[0] == 1, path
        assert all(after - before <= 1 for before, after in pairwise(levels)), path


def test_a_page_announces_its_feeds_in_the_formats_of_the_configuration() -> None:
    pages = every_page(make_pages(replace(CONFIG, feeds=Feeds(formats=("atom",)))))
    found = {path: parse(page).xpath("//link[@rel='alternate']/@href") for path, page in pages.items()}
    site = "https://tin.example.vn/bao/feed.atom"
    assert found[""] == [site]
    assert found["keywords/kien-an/"] == ["https://tin.example.vn/bao/keywords/kien-an/feed.atom", site]
    assert found["keywords/kien-an/archive/2023/04/2/"] == found["keywords/kien-an/"]
    assert found["feeds/quiet/"] == ["https://tin.example.vn/bao/feeds/quiet/feed.atom", site]
    assert found["feeds/"] == [site]
    assert found["digests/sang/"] == ["https://tin.example.vn/bao/digests/sang/feed.atom", site]
    assert found[make_article().page] == found["keywords/kien-an/"]


@pytest.mark.parametrize(
    ("path", "label", "forms"),
    [
        ("", "Báo <Kiến An>", ["atom", "rss", "json"]),
        ("keywords/kien-an/", "Kiến An", ["atom", "rss", "json"]),
        ("feeds/quiet/", "Bình yên", ["atom", "rss", "json"]),
        ("digests/sang/", "Tin sáng", ["atom"]),
    ],
)
def test_the_page_of_a_feed_shows_its_addresses_to_copy(path: str, label: str, forms: list[str]) -> None:
    (section,) = parse(every_page(make_pages())[path]).xpath("//main/section[@id='feeds']")
    wanted = [f"{CONFIG.site.url}/{path}feed.{form}" for form in forms]
    assert section.xpath("string(.//h2)") == f"Theo dõi “{label}”"
    assert [code.text_content() for code in section.xpath(".//code[@class='address']")] == wanted
    assert section.xpath(".//li/a/@href") == wanted
    assert section.xpath(".//p/a/@href") == [addresses.root_from(path) + "feeds/"]
    assert ("hãy chọn Atom" in section.text_content()) is (len(forms) > 1)


@pytest.mark.parametrize("path", [make_article().page, make_edition().page, "withdrawn/", "keywords/"])
def test_other_pages_lead_to_the_feed_of_the_site_and_to_the_list_of_feeds(path: str) -> None:
    tree = parse(every_page(make_pages())[path])
    site = [f"{CONFIG.site.url}/feed.{form}" for form in ("atom", "rss", "json")]
    assert tree.xpath("//footer[not(ancestor::main)]//a/@href") == [
        *site,
        addresses.root_from(path) + "feeds/",
    ]
    assert tree.xpath("//nav//a[text()='Kênh tin']/@href") == [addresses.root_from(path) + "feeds/"]
    assert not tree.xpath("//*[@id='feeds']")


def test_the_format_to_take_in_doubt_is_one_that_there_is() -> None:
    page = every_page(make_pages(replace(CONFIG, feeds=Feeds(formats=("json", "rss")))))["feeds/quiet/"]
    assert "hãy chọn RSS" in page


def test_the_list_of_feeds_has_the_page_and_every_address_of_every_feed() -> None:
    page = every_page(make_pages())["feeds/"]
    tree = parse(page)
    links = set(tree.xpath("//main//a/@href"))
    folders = ("", "keywords/kien-an/", "feeds/quiet/")
    wanted = {f"{CONFIG.site.url}/{folder}feed.{form}" for folder in folders for form in addresses.FEED_TYPES}
    opml, editions = f"{CONFIG.site.url}/feeds.opml", f"{CONFIG.site.url}/digests/sang/feed.atom"
    assert links == wanted | {opml, editions} | {f"../{folder}" for folder in (*folders, "digests/sang/")}
    codes = {code.text_content() for code in tree.xpath("//code[@class='address']")}
    assert {opml, editions, f"{CONFIG.site.url}/keywords/kien-an/feed.atom"} <= codes <= links
    assert tree.xpath("//nav//a[@aria-current='page']/@href") == ["../feeds/"]
    assert "Không có tin dữ." in page


def test_a_list_of_feeds_without_keywords_and_newsletters_has_no_empty_sections() -> None:
    tree = parse(make_pages().feeds([SITE_FEED], []))
    assert tree.xpath("//main//section/@aria-labelledby") == ["how", "site", "opml"]


def test_older_articles_are_linked_by_year_and_month_with_the_newest_first() -> None:
    (older,) = parse(every_page(make_pages())["keywords/kien-an/"]).xpath("//section[@class='older']")
    assert older.xpath(".//dt/text()") == ["2023", "2022"]
    assert older.xpath(".//a/text()") == ["Tháng 5", "Tháng 4 (2)", "Tháng 4", "Tháng 12"]
    assert older.xpath(".//a/@href") == [f"../../{way}" for way in reversed(WAYS[1:-1])]
    assert "Bài cũ hơn" not in every_page(make_pages())[""]


def test_an_archived_month_leads_to_older_and_newer_months_and_to_its_feed() -> None:
    pages, article = make_pages(), make_article()
    tree = parse(pages.archive(KEYWORD_FEED, CHAINS[2], [article]))
    root = addresses.root_from(str(WAYS[3]))
    assert tree.xpath("string(//title)") == "Tháng 4 năm 2023 (phần 2) · Kiến An · Báo"
    assert tree.xpath("string(//h1)") == "Tháng 4 năm 2023"
    assert tree.xpath("//a[@rel='prev']/@href") == [f"{root}{WAYS[2]}"]
    assert tree.xpath("//a[@rel='next']/@href") == [f"{root}{WAYS[4]}"]
    assert tree.xpath("//p[@class='kicker']/a/@href") == [f"{root}keywords/kien-an/"]
    assert tree.xpath("//main//h2/a/@href") == [root + article.page]
    ends = [parse(pages.archive(KEYWORD_FEED, CHAINS[number], [])) for number in (0, -1)]
    assert [end.xpath("//nav//a[@rel]/@rel") for end in ends] == [["next"], ["prev"]]


@pytest.mark.parametrize(("language", "note"), [("vi", "Đây là kênh tin"), ("en", "This is a feed")])
def test_the_style_of_feeds_explains_them_in_the_language_of_the_site(language: str, note: str) -> None:
    style = Templates(None, language, ZONE).render(addresses.FEED_STYLE)
    assert f'content: "{note}' in style
    assert not [mark for mark in ("{{", "{%", "url(", "@import") if mark in style]


def test_the_icon_is_a_small_square_png() -> None:
    icon = (built_in_folder() / addresses.ICON).read_bytes()
    assert icon[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", icon[16:24]) == (144, 144)
    assert len(icon) < 4096


def test_links_are_relative_and_the_canonical_address_is_absolute() -> None:
    article = make_article()
    tree = parse(make_pages().article(article))
    assert tree.xpath("//link[@rel='canonical']/@href") == [f"{CONFIG.site.url}/{article.page}"]
    assert tree.xpath("//a[@rel='tag']/@href") == ["../../../../../keywords/kien-an/"]
    assert parse(make_pages().keywords([])).xpath("//nav//a/@href")[0] == "../"


def test_a_keyword_without_a_page_is_plain_text() -> None:
    tree = parse(make_pages().article(make_article()))
    assert tree.xpath("//ul[@class='tags']//span/text()") == ["Hiếm gặp"]


def test_the_time_of_an_update_is_shown_only_where_there_was_one() -> None:
    assert "cập nhật" not in make_pages().article(make_article())
    assert "19:26, 30 tháng 5, 2023" in make_pages().article(make_article(updated=NOON + timedelta(hours=2)))


def test_a_summary_that_the_body_repeats_is_not_shown_twice() -> None:
    assert "standfirst" not in make_pages().article(make_article(summary="Thân bài…"))
    assert "standfirst" in make_pages().article(make_article(summary="Lời dẫn"))


def test_an_edition_leaves_out_withdrawn_articles_and_empty_sections() -> None:
    edition = make_edition(
        Section("kien-an", "Kiến An", ("tag:x,1",)), Section("hiem", "Hiếm gặp", ("gone",))
    )
    page = make_pages().edition(DIGEST, edition, {"tag:x,1": make_article()})
    assert parse(page).xpath("//h2//text()") == ["Kiến An"]


def test_a_withdrawn_article_is_not_indexed_and_says_nothing_of_its_text() -> None:
    page = every_page(make_pages())["withdrawn/"]
    assert 'content="noindex"' in page
    assert "Bài số" not in page


def test_blocks_become_elements_and_text_is_escaped() -> None:
    made = to_html(
        [
            Block(BlockKind.HEADING, "Mục <1>"),
            Block(BlockKind.PARAGRAPH, "a & b\x07\x85"),
            Block(BlockKind.IMAGE, "ảnh", '<img src="a.jpg" alt="ảnh" onerror="x()">'),
            Block(BlockKind.CAPTION, "Chú thích"),
            Block(BlockKind.CAPTION, "Một mình"),
            Block(BlockKind.QUOTE, "Lời"),
            Block(BlockKind.LIST, "một\nhai"),
            Block(BlockKind.CODE, "x < 1"),
            Block(BlockKind.PARAGRAPH, "b", '<p><a href="../b/">b</a><script>x</script>&#7;</p>'),
            Block(BlockKind.HEADING, "h", "<h1>h</h1>"),
        ],
        "https://tin.example.vn/a/",
    )
    assert made.split("\n") == [
        "<h2>Mục &lt;1&gt;</h2>",
        "<p>a &amp; b</p>",
        '<figure><img src="https://tin.example.vn/a/a.jpg" alt="ảnh"><figcaption>Chú thích</figcaption></figure>',
        "<figure><figcaption>Một mình</figcaption></figure>",
        "<blockquote><p>Lời</p></blockquote>",
        "<ul><li>một</li><li>hai</li></ul>",
        "<pre><code>x &lt; 1</code></pre>",
        '<p><a href="https://tin.example.vn/b/" rel="noopener noreferrer">b</a></p>',
        "<h2>h</h2>",
    ]


def test_every_message_of_the_templates_has_vietnamese_words() -> None:
    with (Path(publisher.__file__).parent / "translations" / "vi.po").open("rb") as file:
        catalogue = read_po(file)
    found = extract_from_dir(
        built_in_folder(),
        method_map=[("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.css", "jinja2")],
        options_map={"**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}},
    )
    used = {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}
    assert len(used) > 20
    translated = {
        entry.id[0] if isinstance(entry.id, tuple) else entry.id for entry in catalogue if entry.string
    }
    assert used - translated == set()
    assert translated - used - {""} == set()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a\n{{ nothing }}", "2: 'nothing' is undefined"),
        ("a\n\n{% if %}", "3: Expected an expression, got 'end of statement block'"),
        ("{{ 1 + '' }}", "1: TypeError: unsupported operand type(s) for +: 'int' and 'str'"),
        ("{% include 'away.html' %}", "1: there is no template away.html"),
    ],
)
def test_a_fault_in_a_template_is_told_with_its_line(tmp_path: Path, source: str, message: str) -> None:
    own = tmp_path / "style.css"
    own.write_text(source)
    with pytest.raises(RenderError) as caught:
        Templates(tmp_path, "vi", ZONE).render("style.css")
    assert str(caught.value) == f"{own}:{message}"
    assert caught.value.__cause__ is not None


def test_a_fault_in_a_built_in_template_is_told_by_its_name() -> None:
    with pytest.raises(RenderError, match=r"^mail/digest\.txt:8: 'site' is undefined$"):
        Templates(None, "vi", ZONE).render("mail/digest.txt")


def test_an_own_template_may_extend_the_one_that_it_replaces(tmp_path: Path) -> None:
    (tmp_path / "keywords.html").write_text(
        '{% extends "built-in/keywords.html" %}{% block content %}của tôi{% endblock %}'
    )
    page = make_pages(own=tmp_path).keywords([])
    assert "của tôi" in page
    assert "Mới nhất" in page


def test_the_fingerprint_changes_with_any_own_template(tmp_path: Path) -> None:
    before = Templates(tmp_path, "vi", ZONE).fingerprint
    assert before == Templates(tmp_path, "vi", ZONE).fingerprint
    (tmp_path / "style.css").write_text("body {}")
    assert Templates(tmp_path, "vi", ZONE).fingerprint != before


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("vi", "17:26, 30 tháng 5, 2023"),
        ("en", "30 May 2023, 17:26"),
        ("en-US", "May 30, 2023, 17:26"),
        ("xx", "30 May 2023, 17:26"),
    ],
)
def test_dates_are_written_as_the_language_has_them(language: str, shown: str) -> None:
    assert Templates(None, language, ZONE).inline("{{ at|datetime }}", at=NOON) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [("vi", "Tháng 5 năm 2023|Tháng 5"), ("en", "May 2023|May"), ("fr", "Mai 2023|Mai")],
)
def test_months_are_written_as_the_language_has_them(language: str, shown: str) -> None:
    template = "{{ at|month }}|{{ at|month(year=false) }}"
    assert Templates(None, language, ZONE).inline(template, at="2023-05") == shown


def test_text_is_cut_at_a_word() -> None:
    assert cut("một hai  ba", 20) == "một hai ba"
    assert cut("một hai, ba bốn", 10) == "một hai…"
    assert cut("x" * 20, 10) == "x" * 9 + "…"


def test_text_is_wrapped_and_escaped_once() -> None:
    templates = Templates(None, "vi", ZONE)
    assert templates.inline("{{ text|wrap(7) }}", text="một  & hai\nhttps://tin.example.vn/ ba") == (
        "một &\nhai\nhttps://tin.example.vn/\nba"
    )
    assert templates.inline("{{ (text|e)|wrap(40)|safe }}", text="một & hai") == "một &amp; hai"
