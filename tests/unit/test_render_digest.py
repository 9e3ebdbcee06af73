"""The mail of a part of an edition."""

from __future__ import annotations

import quopri
import re
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from mails import CONFIG, DIGEST, DUE, LINKS, ZONE, Sample, sample

from publisher.config import Config
from publisher.errors import RenderError
from publisher.model import Section
from publisher.render.digest import BUDGET, ENCODED, LEADS, DigestMail, Links
from publisher.render.templates import Templates

SITE = "https://news.example.org/"
EDITION = f"{SITE}digests/daily/2026-11-22/"


def parse(page: str) -> Any:
    """The tree; untyped, because what XPath answers depends on the question."""
    return lxml_html.document_fromstring(page)


def words(node: Any) -> str:
    return " ".join(node.text_content().split())


def mail(config: Config = CONFIG) -> DigestMail:
    return DigestMail(config, Templates(None, config.site.language, ZONE), ())


def articles_in(html: str) -> list[str]:
    return [link for link in parse(html).xpath("//a/@href") if link.startswith(f"{SITE}articles/")]


def part_of(made: Sample, **changes: Any) -> Sample:
    return made._replace(part=replace(made.part, **changes))


def with_leads(made: Sample, lead: str) -> Sample:
    articles = {id: replace(article, summary=lead) for id, article in made.articles.items()}
    return made._replace(articles=articles)


def test_the_subject_is_one_line_and_not_escaped() -> None:
    assert mail().subject(DIGEST, DUE) == "Tin sáng Kiến An: 22 tháng 11, 2026"
    odd = replace(DIGEST, title="Tin &\r\nBcc: x@y\x00\x85", subject="  {{ digest.title }}\n!")
    assert mail().subject(odd, DUE) == "Tin & Bcc: x@y !"


def test_a_fault_in_the_subject_is_told() -> None:
    with pytest.raises(RenderError, match=r'^"\{\{ digest\.titel \}\}":1: .* no attribute .titel'):
        mail().subject(replace(DIGEST, subject="{{ digest.titel }}"), DUE)


@pytest.mark.parametrize(
    ("language", "subject"),
    [("", "as recorded"), ("vi", "as recorded"), ("en", "Tin sáng Kiến An: 22 November 2026")],
)
def test_the_subject_is_the_recorded_one_but_in_another_language(language: str, subject: str) -> None:
    made = part_of(sample("vi", 1), language=language)
    edition = replace(made.edition, subject="as recorded")
    assert mail().subject_of(DIGEST, edition, made.part) == subject
    assert f"<title>{subject}</title>" in made._replace(edition=edition).composed()[0]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("count", [1, 12, 300])
def test_both_parts_show_the_same_articles_each_once(language: str, count: int) -> None:
    html, text = sample(language, count).composed()
    shown = articles_in(html)
    assert len(set(shown)) == len(shown) > 0
    assert [line for line in text.splitlines() if line.startswith(f"{SITE}articles/")] == shown


def test_titles_are_shown_as_they_are_written() -> None:
    made = sample("vi", 2)
    title = "Bài <b>1</b> & “2”"
    html, text = made._replace(
        articles={id: replace(article, title=title) for id, article in made.articles.items()}
    ).composed()
    assert [words(node) for node in parse(html).xpath("//h3")] == [title, title]
    assert text.splitlines().count(title) == 2


def test_the_html_is_ready_for_mail_readers() -> None:
    html, _ = sample("vi", 12).composed()
    tree = parse(html)
    assert (tree.get("lang"), tree.get("dir")) == ("vi", "ltr")
    assert tree.xpath("//div[@role='article']/@lang") == ["vi"]
    assert tree.xpath("//title/text()") == ["Tin sáng Kiến An: 22 tháng 11, 2026"]
    tables = tree.xpath("//table")
    assert tables
    assert all(table.get("role") == "presentation" and table.get("width") for table in tables)
    assert html.count("<table") == html.count('role="presentation"')
    assert "max-width: 600px" in tree.xpath("//table[@class='sheet']/@style")[0]
    names = tree.xpath("//meta/@name")
    assert {"viewport", "x-apple-disable-message-reformatting", "color-scheme", "format-detection"} <= {
        *names
    }
    assert b'charset="utf-8"' in html.encode()[:1024]
    assert not tree.xpath("//@id")


def test_word_reads_as_many_ends_as_beginnings() -> None:
    html, _ = sample("vi", 12).composed()
    as_word_reads_it = re.sub(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", r"\1", html, flags=re.DOTALL)
    assert as_word_reads_it.count('width="600"') == 1
    for name in ("table", "tr", "td", "xml", "style"):
        assert as_word_reads_it.count(f"<{name}") == as_word_reads_it.count(f"</{name}>") > 0, name


def test_nothing_in_the_html_is_fetched_or_run() -> None:
    html, _ = sample("vi", 40).composed()
    tree = parse(html)
    assert not tree.xpath(
        "//script|//link|//img|//iframe|//form|//@src|//@background|//@*[starts-with(name(), 'on')]"
    )
    assert "url(" not in html
    assert "@import" not in html
    for link in tree.xpath("//a/@href"):
        assert link.startswith((SITE, "https://reader.example.org/")), link


def test_styles_are_in_the_elements_and_what_cannot_be_stays_in_the_head() -> None:
    html, _ = sample("vi", 12).composed()
    sheets = parse(html).xpath("//style/text()")
    kept = "".join(sheets)
    assert "prefers-color-scheme: dark" in kept
    assert "max-width: 480px" in kept
    assert "[data-ogsc] .link" in kept
    assert "[data-ogsb] .sheet" in kept
    assert all(
        "@" not in re.sub(r"^@media [^{]+", "", rule) for sheet in sheets for rule in sheet.split("\n@")
    )
    assert not re.search(
        r"<(h1|h2|h3|p|a|td)(?![^>]*style=)[\s>]", re.sub("<!--.*?-->", "", html, flags=re.DOTALL)
    )


def test_the_outlook_apps_get_the_colours_of_the_dark_scheme() -> None:
    html, _ = sample("vi", 1).composed()
    media, apps = parse(html).xpath("//style/text()")[-2:]
    colours = re.compile(r"#[0-9a-f]{6}")
    assert {*colours.findall(media)} == {*colours.findall(apps)}
    names = re.compile(r"\.(\w+)")
    assert {*names.findall(media)} - {"body"} == {*names.findall(apps)}


def test_the_preheader_is_the_first_text_and_nothing_comes_behind_it() -> None:
    html, _ = sample("vi", 12).composed()
    first = parse(html).xpath("//body//text()[normalize-space()]")[0].getparent()
    assert first.get("class") == "preheader"
    assert "display: none" in first.get("style")
    shown, _, padding = first.text_content().partition("\u034f")
    assert " ".join(shown.split()).startswith("Phường Kiến An gỡ nút thắt giờ tan trường")
    assert len(" ".join(shown.split())) <= 140
    assert set(padding) <= {"\u034f", "\u200c", "\xa0", "\n"}
    assert padding.count("\xa0") >= 100


def test_contents_count_what_sections_hold_and_do_not_link() -> None:
    tree = parse(sample("vi", 300).composed()[0])
    contents = tree.xpath("//td[contains(@class, 'contents')]")[0]
    assert words(contents) == (
        "An toàn giao thông 88 · Y tế 65 · Giáo dục 63 · Môi trường 42 · Văn hóa 21 · Các bài khác 21"
    )
    assert not contents.xpath(".//a")
    assert not parse(sample("vi", 1).composed()[0]).xpath("//td[contains(@class, 'contents')]")


def test_articles_stand_under_their_keyword_which_links_to_its_page_if_it_has_one() -> None:
    made = sample("vi", 14)
    html, text = made.composed()
    tree = parse(html)
    for section in made.part.sections:
        (heading,) = [node for node in tree.xpath("//h2") if words(node) == (section.label or "Các bài khác")]
        links = [f"{SITE}keywords/{section.keyword}/"] if section.keyword else []
        assert heading.xpath(".//a/@href") == links
        titles = [words(node) for node in heading.xpath("../h3")]
        assert titles == [made.articles[id].title for id in section.articles]
        assert f"{section.label or 'Các bài khác'}\n{'=' * len(section.label or 'Các bài khác')}\n\n" in text
    assert not parse(mail().compose(DIGEST, *made, LINKS)[0]).xpath("//h2//a")


def test_other_keywords_of_an_article_are_named_beside_it() -> None:
    html, text = sample("vi", 12).composed()
    assert "17:26, 21 tháng 11, 2026 · Cũng thuộc: Hạ tầng" in html
    assert "17:26, 21 tháng 11, 2026 · Cũng thuộc: Hạ tầng" in text.splitlines()
    assert html.count("Cũng thuộc:") == 3


@pytest.mark.parametrize(
    ("language", "date", "leave"),
    [
        ("", "22 tháng 11, 2026", "Hủy đăng ký"),
        ("vi", "22 tháng 11, 2026", "Hủy đăng ký"),
        ("en", "22 November 2026", "Unsubscribe"),
    ],
)
def test_words_and_dates_are_in_the_language_of_the_part(language: str, date: str, leave: str) -> None:
    html, text = part_of(sample("vi", 2), language=language).composed()
    tree = parse(html)
    assert tree.get("lang") == (language or "vi")
    assert (
        words(tree.xpath("//td[contains(@class, 'head')]")[0]) == f"Bản tin Kiến An Tin sáng Kiến An {date}"
    )
    assert words(tree.xpath("//a")[-1]) == leave
    assert text.startswith(f"Bản tin Kiến An\nTin sáng Kiến An\n{date}\n")
    assert f"{leave}:\n{LINKS.unsubscribe}\n" in text
    foreign = ["vi", "vi", "vi", "vi"] if language == "en" else []
    assert tree.xpath("//h3/@lang|//p/@lang") == foreign


def test_a_language_from_right_to_left_turns_the_mail() -> None:
    tree = parse(part_of(sample("vi", 1), language="ar").composed()[0])
    assert tree.get("dir") == "rtl"
    assert {*tree.xpath("//td[contains(@class, 'cell')]/@align")} == {"right"}


def test_templates_of_a_language_are_made_once() -> None:
    templates = Templates(None, "vi", ZONE)
    assert templates.speaking("") is templates.speaking("vi") is templates
    assert templates.speaking("en") is templates.speaking("en")
    assert templates.speaking("en").inline("{{ _('Unsubscribe') }}") == "Unsubscribe"


@pytest.mark.parametrize(
    ("language", "since", "shown"),
    [
        ("vi", "2026-11-16T08:00+07:00", "16–22 tháng 11, 2026"),
        ("en", "2026-11-16T08:00+07:00", "16–22 November 2026"),
        ("en-US", "2026-11-16T08:00+07:00", "November 16–22, 2026"),
        ("vi", "2026-10-28T08:00+07:00", "28 tháng 10 – 22 tháng 11, 2026"),
        ("en", "2025-12-28T08:00+07:00", "28 December 2025 – 22 November 2026"),
        ("vi", "2026-11-21T18:00+00:00", "22 tháng 11, 2026"),
        ("vi", "2026-11-23T08:00+07:00", "22 tháng 11, 2026"),
        ("th", "2026-11-16T08:00+07:00", "16–22 พฤศจิกายน 2026"),
    ],
)
def test_a_span_of_days_says_once_what_they_share(language: str, since: str, shown: str) -> None:
    templates = Templates(None, language, ZONE)
    given = {"due": DUE, "since": datetime.fromisoformat(since)}
    assert templates.inline("{{ due|date(since) }}", **given) == shown


def test_a_part_of_several_editions_says_its_span_and_leads_to_all_of_them() -> None:
    made = sample("vi", 12)
    today = replace(made.edition, sections=(Section("y-te", "Y tế", made.part.sections[1].articles),))
    html, text = made._replace(edition=today).composed()
    assert words(parse(html).xpath("//td[contains(@class, 'head')]/p")[1]) == "18–22 tháng 11, 2026"
    assert text.splitlines()[2] == "18–22 tháng 11, 2026"
    assert f"Xem các số trong trình duyệt:\n{SITE}digests/daily/\n" in text
    assert EDITION not in html + text
    omitted = replace(today, sections=made.edition.sections[1:], omitted=made.edition.sections[0].articles)
    assert (
        words(parse(made._replace(edition=omitted).composed()[0]).xpath("//td/p")[1]) == "22 tháng 11, 2026"
    )


def test_the_foot_tells_why_and_how_to_change_and_leave() -> None:
    html, text = part_of(sample("vi", 2), omitted=3).composed()
    foot = parse(html).xpath("//td[contains(@class, 'foot')]")[0]
    assert words(foot) == (
        "Còn 3 bài nữa Bạn nhận được thư này vì mai@example.com có trong danh sách nhận “Tin sáng Kiến An”. "
        "Xem trong trình duyệt Đổi chủ đề và lịch nhận Hủy đăng ký "
        "Bản tin Kiến An, 2 Cao Toàn, phường Kiến An, Hải Phòng"
    )
    assert foot.xpath(".//a/@href") == [EDITION, EDITION, LINKS.preferences, LINKS.unsubscribe]
    for line in ("Còn 3 bài nữa:", EDITION, "mai@example.com", LINKS.preferences, LINKS.unsubscribe):
        assert line in text.splitlines()


def test_what_a_reader_cannot_do_is_not_offered() -> None:
    html, text = sample("vi", 2).composed(Links(LINKS.unsubscribe))
    for part in (html, text):
        assert "Đổi chủ đề" not in part
        assert LINKS.preferences not in part
        assert "vì địa chỉ của bạn có trong danh sách nhận" in " ".join(part.split())
        assert LINKS.unsubscribe in part


def test_without_pages_nothing_leads_to_them() -> None:
    config = replace(CONFIG, output=replace(CONFIG.output, base="feeds"))
    for part in part_of(sample("vi", 300), omitted=3).composed(config=config):
        assert "digests/" not in part
        assert "trình duyệt" not in part
        assert re.search(r"Còn \d+ bài nữa", part)


def test_the_words_of_the_sender_keep_their_lines_and_are_no_markup() -> None:
    config = replace(CONFIG, mail=replace(CONFIG.mail, footer="Tòa soạn <A & B>\n2 Cao Toàn"))
    html, text = sample("vi", 1).composed(config=config)
    assert "Tòa soạn &lt;A &amp; B&gt;<br>\n2 Cao Toàn" in html
    assert "Tòa soạn <A & B>\n2 Cao Toàn" in text
    config = replace(CONFIG, mail=replace(CONFIG.mail, footer=""))
    html, text = sample("vi", 1).composed(config=config)
    assert "Cao Toàn" not in html + text


@pytest.mark.parametrize(
    "marks",
    [
        Links("%PUBLISHER-UNSUBSCRIBE%", "%PUBLISHER-PREFERENCES%", "%PUBLISHER-ADDRESS%"),
        Links("\ufdd0unsubscribe\ufdd1", "\ufdd0preferences\ufdd1", "\ufdd0address\ufdd1"),
    ],
)
def test_marks_come_out_as_they_went_in(marks: Links) -> None:
    html, text = sample("vi", 12).composed(marks)
    assert [html.count(mark) for mark in marks] == [1, 1, 1]
    assert [text.splitlines().count(mark) for mark in marks] == [1, 1, 1]
    assert f'href="{marks.unsubscribe}"' in html
    assert f'href="{marks.preferences}"' in html


def test_links_are_escaped_in_html_only() -> None:
    html, text = sample("vi", 1).composed(Links('mailto:a@b?subject="x"&body=y'))
    assert 'href="mailto:a@b?subject=&quot;x&quot;&amp;body=y"' in html
    assert 'mailto:a@b?subject="x"&body=y' in text.splitlines()


def test_withdrawn_articles_are_left_out_and_so_are_sections_without_any() -> None:
    made = sample("vi", 12)
    gone = made.part.sections[1].articles
    left = {id: article for id, article in made.articles.items() if id not in gone}
    html, text = made._replace(articles=left).composed()
    assert len(articles_in(html)) == 12 - len(gone)
    for part in (html, text):
        assert "Y tế" not in part
        assert "bài nữa" not in part


def test_a_mail_without_articles_says_so() -> None:
    for part in sample("vi", 12)._replace(articles={}).composed():
        assert "Tất cả bài viết trong số này đã được gỡ." in part
        assert LINKS.unsubscribe in part


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("count", [40, 90, 300, 1000])
def test_the_html_keeps_its_budget_and_uses_it(language: str, count: int) -> None:
    made = sample(language, count)
    html, _ = made.composed()
    size, encoded, shown = len(html.encode()), len(quopri.encodestring(html.encode())), len(articles_in(html))
    assert size <= BUDGET
    assert encoded <= ENCODED
    assert shown == count or size > 0.8 * BUDGET or encoded > 0.8 * ENCODED
    more = sum(int(number) for number in re.findall(r">(?:Còn )?(\d+) (?:bài nữa|more articles?)<", html))
    assert shown + more == count


def test_leads_become_shorter_before_articles_are_left_out() -> None:
    longest = []
    for count in (12, 60, 70, 90, 300):
        html, _ = with_leads(sample("vi", count), "Lời dẫn dài " * 30).composed()
        leads = {len(words(node)) for node in parse(html).xpath("//p[@class='lead']")}
        assert len(leads) <= 1
        assert len(articles_in(html)) == count or not leads
        longest.append(max(leads, default=0))
    assert longest == [*LEADS, 0]


def test_a_title_without_end_takes_no_room_from_other_articles() -> None:
    made = sample("vi", 60)
    last = made.part.sections[0].articles[-1]
    titled = {**made.articles, last: replace(made.articles[last], title="dài " * 50_000)}
    html, text = made._replace(articles=titled).composed()
    assert html.count('class="lead"') == 60
    assert "dài…" in html
    assert "dài…" in text


def test_what_is_left_out_is_of_the_longest_sections() -> None:
    made = sample("vi", 600)
    tree = parse(made.composed()[0])
    shown = [len(node.xpath("../h3")) for node in tree.xpath("//h2")]
    whole = [len(section.articles) for section in made.part.sections]
    limit = max(shown)
    assert all(
        few == min(all_, limit) or few == min(all_, limit - 1) for few, all_ in zip(shown, whole, strict=True)
    )
    assert {*tree.xpath("//a[starts-with(normalize-space(), 'Còn ')]/@href")} == {EDITION}


@pytest.mark.parametrize(
    "body",
    [
        "{% for section in sections %}{{ 'x' * 5000 * section.articles|length }}{% endfor %}",
        "{% set n = sections|map(attribute='articles')|map('length')|sum %}{{ 'x' * (10 if n < 9 else 99999) }}",
    ],
)
def test_own_templates_of_any_size_keep_the_budget(tmp_path: Path, body: str) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "digest.html").write_text(f"<p>{body}</p>")
    composer = DigestMail(CONFIG, Templates(tmp_path, "vi", ZONE), ())
    html, text = composer.compose(DIGEST, *sample("vi", 100), LINKS)
    assert 0 < len(html.encode()) <= BUDGET
    assert 0 < text.count("/articles/") < 100


def test_a_thousand_articles_take_less_than_a_second() -> None:
    made, composer = sample("vi", 1000), mail()
    made = with_leads(made, "Lời dẫn dài " * 25)
    begun = time.process_time()
    composer.compose(DIGEST, *made, LINKS)
    assert time.process_time() - begun < 1


def test_text_lines_are_short_but_for_addresses() -> None:
    for count in (1, 12, 300):
        _, text = part_of(sample("vi", count), omitted=2).composed()
        assert max(len(line) for line in text.splitlines() if "://" not in line) <= 72
        assert "\n\n\n\n" not in text
        assert not re.search(r"[ \t]$", text, re.MULTILINE)


@pytest.mark.parametrize("count", [1, 12, 300])
def test_lines_of_the_html_fit_into_a_message(count: int) -> None:
    html, _ = part_of(sample("vi", count), omitted=2).composed()
    assert max(len(line.encode()) for line in html.splitlines()) <= 900


def test_control_characters_do_not_reach_the_mail() -> None:
    made = sample("vi", 2)
    for part in with_leads(made, "Lời\x85 dẫn\x00\ufdd0").composed():
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0]", part)
        assert "Lời dẫn" in part
