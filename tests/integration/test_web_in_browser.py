"""A reader's whole way in a real browser, and every page of ours under the eyes of axe-core."""

from __future__ import annotations

import email
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from browsing import PHONE, Hands, chromium
from conftest import NOW, Site
from sinks import Sink
from webapp import WebApp

from publisher.model import SubscriberState

READER = "mai@example.com"
TOPIC = '\n[[keywords.topic]]\nname = "Trường học"\nany = ["trường học"]\n'
SUBJECTS = ("Giao thông", "Kiến An", "Trường học")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(keep=True) as running:
        yield running


@pytest.fixture
def web(site: Site, sink: Sink) -> Iterator[WebApp]:
    relay = f'transport = "smtp"\n[mail.smtp]\nhost = "127.0.0.1"\nport = {sink.port}\n'
    site.configure((site.root / "config.toml").read_text(encoding="utf-8") + relay + TOPIC)
    publish(site, "first")
    with WebApp(site) as running:
        run(site, NOW)
        yield running


def publish(site: Site, name: str) -> None:
    """An article about each subject."""
    for number, subject in enumerate(SUBJECTS):
        site.article(f"{name}-{number}.txt", f"{subject}: {name}", f"{subject} hôm nay.")


def run(site: Site, at: datetime) -> None:
    """A run beside the browser, whose own loop of events has the main thread."""
    with ThreadPoolExecutor(1) as beside:
        assert beside.submit(site.run, at).result().failures == []


def mails_to(sink: Sink, address: str, count: int) -> list[EmailMessage]:
    """The messages that arrived for an address, when there are so many."""
    for _ in range(300):
        if sink.recipients.count(address) >= count:
            break
        time.sleep(0.05)  # they leave in a thread
    pairs = zip(sink.recipients, sink.contents, strict=True)
    return [
        email.message_from_bytes(content, policy=default)
        for recipient, content in pairs
        if recipient == address
    ]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(message: EmailMessage, page: str) -> str:
    found = re.search(rf"http://127\.0\.0\.1:\d+/{page}/\S+", text_of(message))
    assert found
    return found[0]


def test_a_reader_comes_chooses_reads_and_leaves_on_a_phone_by_keyboard_without_script(
    browser: Any, web: WebApp, sink: Sink
) -> None:
    site, hands = web.folder, Hands(browser, "vi-VN")
    hands.go(web.url)
    hands.reach("#address")
    hands.page.keyboard.type(READER)
    hands.submit(".ask button")
    assert hands.heading == "Đăng ký nhận tin qua email"
    assert hands.page.locator("#address").input_value() == READER
    hands.press('input[value="giao-thong"]', "Space")
    hands.press('input[value="truong-hoc"]', "Space")
    hands.submit("main button")
    assert hands.heading == "Mời bạn mở hộp thư"

    (asking,) = mails_to(sink, READER, 1)
    assert "Giao thông, Trường học" in text_of(asking)
    hands.go(link_in(asking, "confirm"))
    assert web.site.store.subscriber_count(SubscriberState.PENDING) == 1
    hands.submit("main button")
    assert hands.heading == "Chào mừng bạn: đăng ký đã xong"

    hands.submit('a[href*="/preferences/"], a[href*="../preferences"]')
    assert hands.page.locator('input[value="giao-thong"]').is_checked()
    hands.press('input[value="giao-thong"]', "Space")
    hands.press('input[value="kien-an"]', "Space")
    hands.submit("main form:first-of-type button")
    assert hands.page.locator("[role=status]").inner_text() == "Đã lưu. Có hiệu lực từ thư tới."

    publish(site, "second")
    run(site, NOW + timedelta(days=1))
    _, edition = mails_to(sink, READER, 2)
    assert "Kiến An: second" in text_of(edition)
    assert "Trường học: second" in text_of(edition)
    assert "Giao thông: second" not in text_of(edition)
    assert "first" not in text_of(edition)

    hands.go(link_in(edition, "unsubscribe"))
    assert web.site.store.subscriber_count(SubscriberState.ACTIVE) == 2
    hands.submit("main button")
    assert hands.heading == "Bạn đã hủy đăng ký"
    publish(site, "third")
    run(site, NOW + timedelta(days=2))
    assert len(mails_to(sink, "desk@example.org", 3)) == 3
    assert len(mails_to(sink, READER, 0)) == 2
    hands.close()


def pages(web: WebApp) -> dict[str, tuple[str, str, dict[str, Any] | None]]:
    """Every page for readers: its method, its path, and the form that is sent."""
    number = web.site.store.subscriber_with_key("desk@example.org")
    assert number is not None
    mine = f"/preferences/{web.sign('preferences', number.number)}"
    leave = f"/unsubscribe/{web.sign('unsubscribe', number.number, 'daily')}"
    confirm = f"/confirm/{web.sign('confirm', number.number, '1', now=NOW)}"
    form = {"form": web.mark(), "address": READER, "digest": "daily"}
    return {
        "index": ("GET", "/", None),
        "subscribe": ("GET", "/subscribe?keyword=kien-an", None),
        "wrong": ("POST", "/subscribe", {**form, "address": "mai@"}),
        "again": ("POST", "/subscribe", {**form, "form": "0"}),
        "sent": ("POST", "/subscribe", form),
        "confirm": ("GET", confirm, None),
        "closed": ("POST", confirm, {"x": "y"}),
        "broken": ("GET", "/confirm/x", None),
        "preferences": ("GET", mine, None),
        "saved": ("POST", mine, {"digest": "daily", "daily.keyword": "kien-an"}),
        "unsubscribe": ("GET", leave, None),
        "not found": ("GET", "/nowhere", None),
        "problem": ("POST", "/subscribe/x", {"x": "y"}),
        "left": ("POST", leave, {"x": "y"}),
        "nothing": ("GET", mine, None),
    }


POST = """([path, fields]) => {
  const form = document.createElement("form");
  form.method = "post"; form.action = path;
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    input.type = "hidden"; input.name = name; input.value = value; form.append(input);
  }
  document.body.append(form); form.submit();
}"""


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_for_readers(
    browser: Any, web: WebApp, language: str, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport=PHONE, locale=language, color_scheme=scheme)
    page, found = context.new_page(), {}
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for name, (method, path, fields) in pages(web).items():
        complaints.clear()
        if method == "GET":
            page.goto(web.url + path[1:])
        else:
            page.goto(web.url + "subscribe")
            with page.expect_navigation():
                page.evaluate(POST, [path, fields])
        assert page.locator("h1").count() == 1, name
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        assert [text for text in complaints if "status of 4" not in text] == [], name
        if name != "index":
            assert page.evaluate("document.documentElement.lang") == language, name
        results = Axe().run(page, options={"resultTypes": ["violations"]})
        if results.violations_count:
            found[name] = results.generate_report()
    context.close()
    assert found == {}


def test_the_button_for_one_click_out_needs_one_click(browser: Any, web: WebApp) -> None:
    desk = web.site.store.subscriber_with_key("desk@example.org")
    assert desk is not None
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{web.url}unsubscribe/{web.sign('unsubscribe', desk.number)}")
    page.locator("main button").click()
    page.wait_for_load_state()
    page.close()
    assert web.site.store.subscriber_count(SubscriberState.UNSUBSCRIBED) == 1
