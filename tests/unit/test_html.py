"""Saved pages: odd and hostile ones give an article or a reason, and never markup that was not meant."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import SeedError
from publisher.reading import Options, read
from publisher.render.blocks import to_html

OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")
PROSE = "Người dân trong phường góp ý về làn đường riêng cho xe máy trước cổng trường, và đa số tán thành."


def page(
    body: str, head: str = '<meta property="article:published_time" content="2026-11-20T08:00+07:00">'
) -> bytes:
    return f"<html><head><title>Làn đường riêng</title>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<p></p>", "no article in the page"),
        (b"<html><body><nav><p>" + PROSE.encode() + b"</p></nav></body></html>", "no article in the page"),
        (page(f"<p>{PROSE}</p>", head=""), "no date"),
        (f"<html><body><p>{PROSE}</p><time datetime='2026-11-20'></time></body></html>".encode(), "no title"),
        (b"<div>" * 3000 + PROSE.encode(), "no article in the page"),
    ],
)
def test_a_page_that_is_no_article_is_named(raw: bytes, reason: str) -> None:
    with pytest.raises(SeedError) as refused:
        read(raw, "a.html", OPTIONS)
    assert refused.value.reason == reason
    assert refused.value.hint


def test_scripts_forms_and_hidden_words_are_no_part_of_it() -> None:
    draft = read(
        page(
            f"<article><p onclick='x()'>{PROSE}</p><script>evil()</script><form><p>{PROSE} Gửi</p></form>"
            f'<p style="display: none">Ẩn đi, {PROSE}</p><p>{PROSE} <a href="javascript:evil()">Xem</a></p></article>'
        ),
        "a.html",
        OPTIONS,
    )
    made = to_html(draft.blocks, "https://news.example.org/a/")
    assert "evil" not in made
    assert "onclick" not in made
    assert "Gửi" not in made
    assert "Ẩn đi" not in made
    assert made.count("<p>") == 2


def test_links_and_pictures_lead_where_they_led_on_the_page() -> None:
    draft = read(
        page(
            f'<article><p>{PROSE} <a href="../b.html">Bài trước</a></p><img src="anh.jpg" alt="Ảnh"></article>',
            '<link rel="canonical" href="https://bao.example.vn/x/a.html"><time datetime="2026-11-20 08:00"></time>',
        ),
        "a.html",
        OPTIONS,
    )
    assert 'href="https://bao.example.vn/b.html"' in draft.blocks[0].html
    assert 'src="https://bao.example.vn/x/anh.jpg"' in draft.blocks[1].html
    assert draft.declared_id == "https://bao.example.vn/x/a.html"


def test_a_sidebar_that_holds_the_article_is_none() -> None:
    draft = read(page(f'<div class="sidebar"><p>{PROSE}</p><p>{PROSE} Hai.</p></div>'), "a.html", OPTIONS)
    assert len(draft.blocks) == 2


def test_keywords_come_from_the_surest_source() -> None:
    metas = '<meta name="keywords" content="a, b"><meta name="news_keywords" content="c; d">'
    date = '<meta itemprop="datePublished" content="2026-11-20T08:00+07:00">'
    links = '<a rel="tag" href="/e">e</a>'
    assert read(page(f"<p>{PROSE}</p>{links}", date + metas), "a.html", OPTIONS).keywords == ("c", "d")
    assert read(page(f"<p>{PROSE}</p>{links}", date), "a.html", OPTIONS).keywords == ("e",)


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "Làn đường riêng", "image": ' + "[" * 900 + "]" * 900 + "}",
        '{"@type": "NewsArticle"',
        "[" * 5000,
        '{"author": {"author": [[]]}}',
        "null",
        '"x"',
        "[1, {}]",
    ],
)
def test_broken_json_ld_stops_nothing(script: str) -> None:
    head = f'<meta name="date" content="2026-11-20"><script type="application/ld+json">{script}</script>'
    assert read(page(f"<p>{PROSE}</p>", head), "a.html", OPTIONS).title == "Làn đường riêng"


def test_ten_thousand_quotes_in_one_another_take_no_time() -> None:
    started = time.perf_counter()
    with pytest.raises(SeedError):
        read(b"<blockquote>" * 10_000 + PROSE.encode(), "a.html", OPTIONS)
    assert time.perf_counter() - started < 5  # a hang, not a measurement


MARKUP = "<p> </p> <div> </div> <br> <a/href=x> </a> <table><tr><td> <li> <b>"
TAGS = st.sampled_from(MARKUP.split())


@given(st.lists(st.one_of(TAGS, st.text(max_size=60), st.just(PROSE)), max_size=30))
@settings(deadline=None)
def test_whatever_a_page_holds_it_is_an_article_or_a_reason(parts: list[str]) -> None:
    raw = page("".join(parts)).decode("utf-8", "replace").encode("utf-8", "replace")
    try:
        draft = read(raw, "a.html", OPTIONS)
    except SeedError as fault:
        assert fault.reason
        return
    assert draft.blocks
