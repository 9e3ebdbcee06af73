"""What pages of the console tell, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Site as Folder
from consoles import (
    FORM,
    NOW,
    PASSWORD,
    Console,
    client_of,
    copied,
    filled,
    plain,
    press,
    served,
    sign_in,
)
from httpx import Client

from publisher.model import DeliveryState

HELD, FAULTY = 16, 15
"""Editions of the site: the one that is held, and one with deliveries in trouble."""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A site with two weeks behind it; nobody changes it."""
    return filled(tmp_path_factory.mktemp("console") / "site")


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_CONSOLE_PASSWORD", PASSWORD)


@pytest.fixture
def console(past: Folder, tmp_path: Path) -> Iterator[Console]:
    """Its console, on a copy."""
    with served(Console(copied(past, tmp_path / "site"))) as found:
        yield found


@pytest.fixture
def stranger(console: Console) -> Iterator[Client]:
    with client_of(console) as client:
        yield client


@pytest.fixture
def owner(console: Console) -> Iterator[Client]:
    with client_of(console) as client:
        assert sign_in(client).status_code == 303
        yield client


# Pages

PAGES = [
    "",
    "runs",
    "editions",
    f"editions/{FAULTY}",
    f"editions/{HELD}",
    "deliveries",
    "deliveries?state=failed",
    "quarantine",
    "subscribers",
    "subscribers/12",
    "feeds",
    "keywords",
    "preview/daily",
    "preview/weekly?for=12",
    "nowhere",
    "editions/999",
    "subscribers/999999999999999999999999",
    "preview/none",
]


ODD = [
    "page=99999999999999999999",
    "page=-1",
    "page=0",
    "page=%D9%A3",
    "for=99999999999999999999",
    "for=x",
    "state=%00",
    "lang=..%2F..",
    "notice=%FF%FE",
    "next=//evil.example",
    "a=" + "x" * 5_000,
]


def test_no_question_that_an_address_can_ask_is_too_odd(owner: Client) -> None:
    for path in (
        "",
        "editions",
        "deliveries",
        "feeds",
        "preview/daily",
        "preview/daily/mail",
        "subscribers/12",
    ):
        for query in ODD:
            assert owner.get(f"{path}?{query}").status_code == 200, (path, query)
    for path in (
        "editions/0",
        "editions/-1",
        "subscribers/%00",
        "preview/..%2F..",
        "%2e%2e/feed.atom",
        "a//b",
    ):
        assert owner.get(path).status_code == 404, path


@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_both_languages_and_is_kept_by_nobody(owner: Client, path: str) -> None:
    texts = {}
    for language in ("vi", "en"):
        answer = owner.get(path, headers={"accept-language": language})
        assert answer.status_code == (
            404 if "9999" in path or path in ("nowhere", "editions/999", "preview/none") else 200
        )
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-language"] == language
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert f'<html lang="{language}">' in answer.text
        assert not re.search(r"<script(?! src=)| on[a-z]+=| style=|<style", answer.text)
        texts[language] = answer.text
    assert "Tổng quan" in texts["vi"]
    assert "Overview" in texts["en"]


def test_a_language_that_was_chosen_is_kept(owner: Client) -> None:
    vietnamese = {"accept-language": "vi"}
    assert "Overview" in owner.get("?lang=en", headers=vietnamese).text
    assert "Editions" in owner.get("editions", headers=vietnamese).text
    assert "Các số bản tin" in owner.get("editions?lang=vi").text
    assert "Tổng quan" in owner.get("?lang=xx").text


def test_the_overview_tells_what_happened_and_what_needs_a_person(owner: Client) -> None:
    text = plain(owner.get("?lang=en").text)
    assert "An edition is held" in text
    assert "by hand, in the console" in text
    assert "1 delivery may have arrived or not" in text
    assert "2 seeds are in quarantine" in text
    assert "Comes next" in text
    assert "25 Nov, 06:00" in text
    assert "Readers of feeds, at least 376" in text


def test_an_edition_tells_its_figures_and_its_troubles(owner: Client) -> None:
    text = plain(owner.get(f"editions/{FAULTY}?lang=en").text)
    assert "550 5.7.1 rejected by policy" in text
    assert "Bounces 2" in text
    assert "Retry 3 failed deliveries" in text
    assert "Retry the uncertain ones too" in text


def test_deliveries_are_told_by_state(owner: Client) -> None:
    everything, failed = owner.get("deliveries").text, owner.get("deliveries?state=failed").text
    assert "the connection broke" in everything
    assert "the connection broke" not in failed
    assert "rejected by policy" in failed
    assert owner.get("deliveries?state=nonsense&page=-1").text.count("<tr>") == everything.count("<tr>")


def test_a_subscriber_is_found_by_his_address_which_stands_in_no_url(console: Console, owner: Client) -> None:
    form = FORM.search(owner.get("subscribers").text)
    assert form
    answer = owner.post("subscribers", data={"form": form[1], "address": " Doc-Gia-2-1@EXAMPLE.org "})
    assert answer.headers["location"] == "/console/subscribers/12"
    page = plain(owner.get("subscribers/12?lang=en").text)
    assert "doc-gia-2-1@example.org" in page
    assert "daily (import:readers.csv)" in page
    assert "Tin sáng Kiến An: 14 tháng 11, 2026 sent" in page
    for nobody in ("nobody@example.org", "no address", "'; DROP TABLE subscriber; --"):
        assert "Nobody has this address." in press(owner, "subscribers", "subscribers", address=nobody).text


def test_feeds_are_told_with_addresses_and_readers(owner: Client) -> None:
    text = plain(owner.get("feeds?lang=en").text)
    assert "Feedly 214, Inoreader 96, NewsBlur Feed Fetcher 17" in text
    assert "327 readers" in text
    assert "news.example.org/ keywords/ giao-thong/ feed.atom" in text


def test_topics_are_suggested_as_toml(owner: Client) -> None:
    text = owner.get("keywords").text
    assert "any = [&#34;An ninh trật tự&#34;, &#34;ANTT&#34;]" in text


def test_what_a_seed_or_a_relay_says_never_becomes_markup(console: Console, owner: Client) -> None:
    store = console.site.store
    console.folder.write("<img src=x onerror=alert(1)>.txt", "x")
    console.folder.run(NOW)
    (first,) = [each for each in store.deliveries(5_000) if each.number == FAULTY][:1]
    store.learn(replace(first, state=DeliveryState.FAILED, reason="<script>alert(1)</script>"))
    for path in ("quarantine", f"editions/{FAULTY}", "deliveries", "", "runs"):
        text = owner.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
