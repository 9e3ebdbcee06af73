"""Readers subscribe, confirm, change and leave: what is answered, what is remembered, and what is not told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW, Site
from webapp import WebApp, copied
from webreaders import active, letters_to, link_to, person

from publisher import subscribing
from publisher.model import Rhythm, SubscriberState

SECOND = """
[[digest]]
name = "weekly"
title = "Tin tuần"
schedule = "0 8 * * SUN"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site after one run, to be copied."""
    site = Site(tmp_path_factory.mktemp("made") / "site")
    site.article("one.txt", "Giao thông hôm nay", "Giao thông.")
    site.article("two.txt", "Kiến An hôm nay", "Kiến An.")
    assert site.run().failures == []
    return site


@pytest.fixture
def published(made: Site, tmp_path: Path) -> Site:
    return copied(made, tmp_path / "published")


@pytest.fixture
def web(published: Site) -> Iterator[WebApp]:
    with WebApp(published) as running:
        yield running


def test_who_asks_is_written_to_and_gets_what_he_chose_after_his_click(web: WebApp) -> None:
    form = web.subscribe(
        "mai@example.com", keyword=["giao-thong", "kien-an"], rhythm="weekly", weekday="4", length="10"
    )
    assert "mai@example.com" in form.text
    before = person(web, "mai@example.com")
    assert before is not None
    assert before.state is SubscriberState.PENDING
    link = link_to(web, "mai@example.com")
    assert "Giao thông, Kiến An" in letters_to(web, "mai@example.com")[0]
    assert "mỗi tuần một thư, vào Thứ Sáu" in letters_to(web, "mai@example.com")[0]
    web.post(link)
    after = person(web, "mai@example.com")
    assert after is not None
    assert after.state is SubscriberState.ACTIVE
    (mine,) = after.subscriptions
    assert (mine.digest, set(mine.keywords)) == ("daily", {"Giao thông", "Kiến An"})
    assert (mine.rhythm, mine.weekday, mine.length) == (Rhythm.WEEKLY, 4, 10)
    assert after.consent is not None
    assert after.consent.source == "form"
    assert "Tôi muốn nhận thư của “Tin thử”" in after.consent.text


def test_a_get_changes_nothing_whatever_link_it_follows(web: WebApp) -> None:
    web.subscribe("mai@example.com")
    link = link_to(web, "mai@example.com")
    for _ in range(2):
        assert "<button>" in web.get(link).text
        assert web.ask("HEAD", link).status == 200
    waiting = person(web, "mai@example.com")
    assert waiting is not None
    assert waiting.state is SubscriberState.PENDING
    web.post(link)
    number = waiting.number
    for path in (
        f"/unsubscribe/{web.sign('unsubscribe', number)}",
        f"/unsubscribe/{web.sign('unsubscribe', number, 'daily')}",
        f"/preferences/{web.sign('preferences', number)}?digest=&List-Unsubscribe=One-Click",
    ):
        assert web.get(path).status == 200
        assert web.ask("HEAD", path).status == 200
        assert web.ask("OPTIONS", path).status == 405
    still = person(web, "mai@example.com")
    assert still is not None
    assert still.state is SubscriberState.ACTIVE


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
        ),
        ("", b""),
    ],
)
def test_a_mail_reader_unsubscribes_with_one_post_from_anywhere(web: WebApp, kind: str, body: bytes) -> None:
    number = active(web, "mai@example.com").number
    path = f"/unsubscribe/{web.sign('unsubscribe', number, 'daily')}"
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}
    answer = web.ask("POST", path, headers, body)
    assert answer.status == 200
    gone = person(web, "mai@example.com")
    assert gone is not None
    assert gone.subscriptions == ()
    assert web.ask("POST", path, headers, body).status == 200


def test_preferences_become_what_the_form_says(published: Site) -> None:
    published.configure((published.root / "config.toml").read_text(encoding="utf-8") + SECOND)
    with WebApp(published) as web:
        number = active(web, "mai@example.com", digest=["daily", "weekly"], keyword="giao-thong").number
        path = f"/preferences/{web.sign('preferences', number)}"
        shown = web.get(path).text
        assert 'name="daily.keyword" value="giao-thong" checked' in shown
        assert 'name="daily.keyword" value="kien-an">' in shown
        fields = {
            "digest": "weekly",
            "weekly.keyword": ["kien-an"],
            "weekly.rhythm": "weekly",
            "weekly.weekday": "2",
            "weekly.length": "5",
            "letters": "en",
        }
        saved = web.post(path, fields)
        assert "Đã lưu" in saved.text
        now = person(web, "mai@example.com")
        assert now is not None
        (mine,) = now.subscriptions
        assert (mine.digest, mine.keywords, mine.weekday, mine.length) == ("weekly", ("Kiến An",), 2, 5)
        assert now.language == "en"
        nothing = web.post(path, {"digest": ""})
        assert nothing.status == 422
        assert "Bạn chưa chọn bản tin nào." in nothing.text
        assert person(web, "mai@example.com") == now


def test_a_keyword_of_old_that_no_article_has_any_more_can_be_kept_and_dropped(web: WebApp) -> None:
    number = active(web, "mai@example.com").number
    store, token = web.site.store, web.sign("preferences", number)
    mine = store.subscriber(number)
    assert mine is not None
    (one,) = mine.subscriptions
    from dataclasses import replace

    subscribing.change(store, token, [replace(one, keywords=("Chợ <nổi>",))], "", NOW)
    shown = web.get(f"/preferences/{token}").text
    assert 'value="Chợ &lt;nổi&gt;" checked' in shown
    web.post(f"/preferences/{token}", {"digest": "daily", "daily.keyword": ["Chợ <nổi>", "kien-an"]})
    kept = store.subscriber(number)
    assert kept is not None
    assert set(kept.subscriptions[0].keywords) == {"Chợ <nổi>", "Kiến An"}
    web.post(f"/preferences/{token}", {"digest": "daily", "daily.keyword": ["never heard of"]})
    dropped = store.subscriber(number)
    assert dropped is not None
    assert dropped.subscriptions[0].keywords == ()


def test_a_form_from_elsewhere_or_without_our_mark_is_shown_again_and_does_nothing(web: WebApp) -> None:
    fields = {"address": "mai@example.com", "digest": "daily", "keyword": "kien-an"}
    mark = web.mark()
    tries = [
        web.post("/subscribe", fields),
        web.post("/subscribe", {**fields, "form": "0.0.0"}),
        web.post("/subscribe", {**fields, "form": web.sign("confirm", 0, now=NOW)}),
        web.post("/subscribe", {**fields, "form": web.sign("form", 0, now=NOW - timedelta(days=2))}),
        web.post("/subscribe", {**fields, "form": mark}, Origin="https://evil.example"),
        web.post("/subscribe", {**fields, "form": mark}, Sec_Fetch_Site="cross-site"),
        web.post("/subscribe", {**fields, "form": mark}, Origin="null"),
    ]
    for answer in tries:
        assert answer.status == 200
        assert 'value="mai@example.com"' in answer.text
        assert 'value="kien-an" checked' in answer.text
    assert person(web, "mai@example.com") is None
    own = web.post("/subscribe", {**fields, "form": mark}, Origin="https://news.example.org")
    assert "Mời bạn mở hộp thư" in own.text
    assert person(web, "mai@example.com") is not None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mai",
        "mai@",
        "@example.com",
        "mai@example..com",
        "mai@exam ple.com",
        "mai@example.com\r\nBcc: all@example.org",
        "mai@example.com\nSubject: x",
        '"<script>"@example.com>',
        "a" * 300 + "@example.com",
        "mai@example.com,lan@example.com",
        "=?utf-8?q?x?=@example.com\0",
    ],
)
def test_what_is_no_address_is_said_and_kept_nowhere(web: WebApp, address: str) -> None:
    answer = web.subscribe(address)
    assert answer.status == 422
    assert "Đây không phải là một địa chỉ email" in answer.text
    assert "<script>" not in answer.text
    assert web.site.store.subscriber_count() == 1  # the desk


def test_a_digest_must_be_chosen_and_exist(published: Site) -> None:
    published.configure((published.root / "config.toml").read_text(encoding="utf-8") + SECOND)
    with WebApp(published) as web:
        assert web.subscribe("mai@example.com", digest="").status == 422
        assert web.subscribe("mai@example.com", digest="other").status == 422
        assert person(web, "mai@example.com") is None


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("page", ["/subscribe", "/unsubscribe/x", "/preferences/x", "/confirm/x"])
def test_a_page_speaks_the_language_of_the_browser_and_can_be_switched(
    web: WebApp, page: str, language: str
) -> None:
    other = "en" if language == "vi" else "vi"
    asked = web.get(page, Accept_Language=f"fr, {language};q=0.9, {other};q=0.2")
    assert f'<html lang="{language}">' in asked.text
    assert asked.headers["content-language"] == language
    assert f'href="?lang={other}"' in asked.text
    assert f'<html lang="{other}">' in web.get(f"{page}?lang={other}", Accept_Language=language).text
    assert f'<html lang="{language}">' in web.get(f"{page}?lang=xx", Accept_Language=language).text


def test_the_mail_comes_in_the_language_that_was_chosen(web: WebApp) -> None:
    web.subscribe("mai@example.com", letters="en")
    assert "Was it you?" in letters_to(web, "mai@example.com")[0]
    web.subscribe("lan@example.com", letters="klingon")
    assert "Nếu là bạn" in letters_to(web, "lan@example.com")[0]


def test_pages_with_tokens_are_kept_by_nobody_and_tell_nobody(web: WebApp) -> None:
    number = active(web, "mai@example.com").number
    for path in (
        f"/unsubscribe/{web.sign('unsubscribe', number)}",
        f"/preferences/{web.sign('preferences', number)}",
        "/confirm/1.2.3",
        "/subscribe",
    ):
        headers = web.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-robots-tag"] == "noindex"
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "set-cookie" not in headers


def test_pages_hold_no_script_and_no_style_of_their_own(web: WebApp) -> None:
    number = active(web, "mai@example.com").number
    for path in ("/subscribe", f"/preferences/{web.sign('preferences', number)}"):
        text = web.get(path).text
        assert "<script" not in text
        assert "<style" not in text
        assert " style=" not in text
        assert re.search(r"\son[a-z]+=", text) is None


def test_an_old_link_says_so_and_a_torn_one_too(web: WebApp) -> None:
    web.subscribe("mai@example.com")
    link = link_to(web, "mai@example.com")
    assert (web.get(link[:-1]).status, web.post(link[:-1]).status) == (404, 404)
    web.clock.move(days=8)
    assert (web.get(link).status, web.post(link).status) == (410, 410)
    waiting = person(web, "mai@example.com")
    assert waiting is not None
    assert waiting.state is SubscriberState.PENDING


def test_a_token_is_good_for_its_own_purpose_only(web: WebApp) -> None:
    number = active(web, "mai@example.com").number
    purposes = {"confirm": ("1",), "unsubscribe": (), "preferences": (), "form": ()}
    for purpose, parts in purposes.items():
        token = web.sign(purpose, number, *parts, now=NOW)
        for page in ("confirm", "unsubscribe", "preferences"):
            if page != purpose:
                assert web.get(f"/{page}/{token}").status == 404
                assert web.post(f"/{page}/{token}", {"digest": "daily"}).status == 404
    still = person(web, "mai@example.com")
    assert still is not None
    assert still.state is SubscriberState.ACTIVE


def test_a_link_can_choose_a_keyword_and_nothing_else(web: WebApp) -> None:
    text = web.get('/subscribe?keyword=kien-an&keyword="><script>&digest=nowhere').text
    assert 'value="kien-an" checked' in text
    assert text.count(" checked") == 2  # the keyword and the rhythm
    assert "<script>" not in text


def test_without_a_web_address_there_are_no_pages_for_readers(published: Site) -> None:
    with WebApp(published) as web:
        published.change(f'url = "{web.url}"', 'url = ""')
        from webapp import site_of

        from publisher.web import application

        door = application(site_of(published.config, web.clock))
        assert door.steps.isdisjoint({"subscribe", "confirm", "preferences", "unsubscribe"})
    published.run(NOW + timedelta(hours=1))
    assert "subscribe" not in (published.output / "index.html").read_text(encoding="utf-8")


def test_pages_of_the_site_lead_to_the_form(web: WebApp) -> None:
    web.folder.run(NOW + timedelta(hours=1))
    assert f'<form method="post" action="{web.url}subscribe">' in web.get("/").text
    assert f"{web.url}subscribe?keyword=kien-an" in web.get("/keywords/kien-an/").text
    assert f"{web.url}subscribe?keyword=kien-an" in web.get("/feeds/").text


def test_a_site_of_feeds_alone_has_pages_for_readers_in_their_look(site: Site) -> None:
    site.change("[keywords]", '[output]\nbase = "feeds"\n\n[keywords]')
    site.article("one.txt", "Kiến An", "Kiến An.")
    assert site.run().failures == []
    with WebApp(site) as web:
        form = web.get("/subscribe")
        assert form.status == 200
        assert "<nav" not in form.text
        sheet = web.get("/style.css")
        assert (sheet.status, sheet.headers["content-type"]) == (200, "text/css; charset=utf-8")
        assert ".boxes" in sheet.text
        assert active(web, "mai@example.com").subscriptions


def test_the_fullest_keywords_are_in_sight_and_the_others_by_the_alphabet(site: Site) -> None:
    names = [f"Chuyện {letter}" for letter in "zyxwvutsrqponmlkjihg"]
    topics = "".join(f'\n[[keywords.topic]]\nname = "{name}"\n' for name in names)
    site.configure((site.root / "config.toml").read_text(encoding="utf-8") + topics)
    for number, name in enumerate(names):
        for copy in range(2 if number < 12 else 1):
            site.article(f"{number}-{copy}.txt", f"{name} {copy}", f"{name}.")
    assert site.run().failures == []
    with WebApp(site) as web:
        ahead, _, behind = web.get("/subscribe?lang=en").text.partition("<details>")
        labels = [re.findall(r"<span[^>]*>(Chuyện .)</span>", part) for part in (ahead, behind)]
        assert sorted(labels[0]) == sorted(names[:12])
        assert labels[1] == sorted(names[12:])
        assert "8 more keywords" in behind
        chosen, _, rest = web.get("/subscribe?keyword=chuyen-g").text.partition("<details>")
        assert 'value="chuyen-g" checked' in chosen
        assert 'value="chuyen-g"' not in rest
        found = re.findall(r' id="([^"]+)"', chosen + rest)
        assert len(found) == len(set(found))


def test_an_empty_form_is_kept_for_a_minute_and_its_mark_is_good_for_longer(web: WebApp) -> None:
    first = web.get("/subscribe?lang=vi").text
    web.clock.move(seconds=59)
    assert web.get("/subscribe").text == first
    assert web.get("/subscribe?lang=en").text != first
    assert web.ask("HEAD", "/subscribe").body == b""
    assert 'value="kien-an" checked' in web.get("/subscribe?keyword=kien-an").text
    web.clock.move(seconds=1)
    second = web.get("/subscribe").text
    assert second != first
    web.clock.move(hours=23)
    mark = first.partition('name="form" value="')[2].partition('"')[0]
    answer = web.post("/subscribe", {"form": mark, "address": "mai@example.com", "digest": "daily"})
    assert "Mời bạn mở hộp thư" in answer.text
