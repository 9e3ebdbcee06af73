"""The console in a real Chromium: with script and without, by keyboard alone, on a phone, and under axe-core."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import Site as Folder
from conftest import demand
from consoles import NOW, PASSWORD, Console, Doing, copied, filled, served
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from publisher.scheduler import Scheduler

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
PAGES = [
    "",
    "runs",
    "editions",
    "editions/15",
    "editions/16",
    "deliveries",
    "preview/daily",
    "subscribers",
    "subscribers/12",
    "feeds",
    "keywords",
    "quarantine",
    "nowhere",
]
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A site with two weeks behind it; nobody changes it."""
    return filled(tmp_path_factory.mktemp("console") / "site")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    demand("Chromium", CHROMIUM)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_CONSOLE_PASSWORD", PASSWORD)


@pytest.fixture
def console(past: Folder, tmp_path: Path) -> Iterator[Console]:
    """Its console, on a copy."""
    with served(Console(copied(past, tmp_path / "site"))) as found:
        yield found


def window(browser: Browser, **options: Any) -> BrowserContext:
    options = {"locale": "en", "viewport": {"width": 1280, "height": 900}, **options}
    return browser.new_context(**options)


def signed_in(context: BrowserContext, console: Console) -> Page:
    page = context.new_page()
    page.goto(f"{console.url}sign-in")
    page.get_by_label("Password").or_(page.get_by_label("Mật khẩu")).fill(PASSWORD)
    page.locator("button.main").click()
    page.wait_for_url(console.url)
    return page


def complaints(page: Page) -> list[str]:
    """What the browser complains of, such as something that the content policy forbids."""
    found: list[str] = []
    page.on(
        "console",
        lambda message: found.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_a_day_with_the_console(browser: Browser, console: Console) -> None:
    context = window(browser)
    page = signed_in(context, console)
    said = complaints(page)
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("status")).to_contain_text("A run was asked for")
    assert console.woken == 1
    assert "notice" not in page.url
    page.reload()
    assert console.woken == 1
    expect(page.get_by_role("status")).to_have_count(0)
    page.get_by_role("link", name="An edition is held").click()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("status")).to_contain_text("deliveries go on now")
    page.get_by_role("button", name="Hold this edition").click()
    expect(page.get_by_role("status")).to_contain_text("no more of it is sent until you release it")
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="1 delivery failed in the last week").click()
    page.locator("td a").first.click()
    page.get_by_role("button", name="Retry 3 failed deliveries").click()
    expect(page.get_by_role("status")).to_contain_text("3 deliveries are tried again now")
    page.get_by_role("link", name="Subscribers").click()
    page.get_by_label("E-mail address").fill("doc-gia-2-1@example.org")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("doc-gia-2-1@example.org")
    page.get_by_role("link", name="Tiếng Việt").click()
    expect(page.get_by_role("heading", name="Lịch sử")).to_be_visible()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("status")).to_contain_text("Bạn đã đăng xuất")
    page.goto(console.url)
    assert "sign-in" in page.url
    assert said == []
    context.close()


def test_what_a_run_does_is_seen_as_it_goes_on_and_the_page_follows(
    browser: Browser, console: Console
) -> None:
    context = window(browser)
    page = signed_in(context, console)
    said = complaints(page)
    live = page.locator("#live")
    expect(live.locator("progress")).to_have_count(0)
    console.doing = Doing("reading", 3, 12, NOW)
    expect(live).to_contain_text("Reading articles 3 of 12 since 11:20")
    assert live.locator("progress").evaluate("bar => bar.position") == 0.25
    console.doing = Doing("delivering", 9, 12, NOW)
    expect(live).to_contain_text("Delivering 9 of 12")
    page.evaluate("window.untouched = true")
    console.folder.run(NOW)
    console.doing = None
    expect(live.locator("progress")).to_have_count(0)
    expect(page.locator("ol.runs > li").first).to_contain_text("11:20")
    assert page.evaluate("window.untouched") is True  # it was not loaded anew
    assert said == []
    context.close()


def test_run_now_wakes_the_scheduler_and_its_run_appears(browser: Browser, console: Console) -> None:
    scheduler = Scheduler(console.folder.config, lambda: console.now, stop=console.stop)
    console.site = console.made(scheduler.wake, lambda: scheduler.progress)
    with served(console):
        working = threading.Thread(target=scheduler.run)
        working.start()
        context = window(browser)
        page = signed_in(context, console)
        expect(page.locator("ol.runs > li").first).to_contain_text("1 added", timeout=20_000)
        for number in range(40):
            console.folder.article(f"new-{number}.txt", f"Bản tin nhanh số {number}", date="10:00 24/11/2026")
        page.get_by_role("button", name="Run now").click()
        page.locator("body").click(
            position={"x": 640, "y": 5}
        )  # a button that has the focus is not taken away
        expect(page.locator("ol.runs > li").first).to_contain_text("40 added", timeout=20_000)
        context.close()
        console.stop.ask()
        working.join(15)
    assert not working.is_alive()


def test_without_script_everything_can_be_done(browser: Browser, console: Console) -> None:
    context = window(browser, java_script_enabled=False)
    page = signed_in(context, console)
    page.locator("form[action$='/run'] button").click()
    assert "A run was asked for" in page.locator(".notice").inner_text()
    page.reload()
    assert console.woken == 1
    console.doing = Doing("writing", 1, 4, NOW)
    page.goto(console.url + "runs")
    assert "Writing feeds and pages 1 of 4" in " ".join(page.locator("#live").inner_text().split())
    assert page.locator("meta[http-equiv=refresh]").count() == 1
    assert page.locator("button.copy:visible").count() == 0
    page.goto(console.url + "preview/daily")
    frame = page.frame_locator("iframe.mail")
    assert "Khánh thành thư viện thiếu nhi" in frame.locator("body").inner_text()
    page.locator("form[action$='/hold'] button").click()
    assert "will be held when it is due" in page.locator(".notice").inner_text()
    page.goto(console.url + "editions/16")
    page.locator("form[action$='/release'] button").click()
    assert console.site.store.held_editions() == []
    page.locator("form[action$='/sign-out'] button").click()
    assert "You are signed out" in page.locator(".notice").inner_text()
    context.close()


def test_who_guesses_is_told_to_wait(browser: Browser, console: Console) -> None:
    context = window(browser, locale="vi")
    page = context.new_page()
    page.goto(f"{console.url}sign-in")
    for _ in range(5):
        page.get_by_label("Mật khẩu").fill("đoán")
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("alert")).to_have_text("Mật khẩu không đúng.")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_contain_text("thử lại sau 30 giây")
    context.close()


def test_by_keyboard_alone_one_signs_in_runs_and_signs_out(browser: Browser, console: Console) -> None:
    context = window(browser)
    page = context.new_page()
    page.goto(f"{console.url}sign-in")
    expect(page.locator("input[type=password]")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(console.url)
    for name, action in (("Run now", "A run was asked for"), ("Sign out", "You are signed out")):
        for _ in range(60):
            page.keyboard.press("Tab")
            focus = page.evaluate(
                "[document.activeElement.textContent.trim(), getComputedStyle(document.activeElement).outlineStyle]"
            )
            assert focus[1] == "solid", focus
            if focus[0] == name:
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(action)
    assert console.woken == 1
    context.close()


def test_the_first_stop_of_the_keyboard_leads_past_the_menu(browser: Browser, console: Console) -> None:
    context = window(browser)
    page = signed_in(context, console)
    page.goto(console.url + "feeds")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    context.close()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_every_page_fits_asks_nobody_else_and_breaks_no_rule(
    browser: Browser, console: Console, width: int
) -> None:
    context = window(browser, viewport={"width": width, "height": 800})
    page = signed_in(context, console)
    console.doing = Doing("delivering", 31, 48, NOW)
    said, asked = complaints(page), []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        page.goto(console.url + path)
        assert page.evaluate(OVERFLOW) <= 0, path
        assert page.locator("h1").count() == 1, path
    root = console.url.removesuffix("console/")
    assert [url for url in asked if not url.startswith(root)] == []
    assert [line for line in said if "404" not in line] == []
    context.close()


def test_addresses_and_topics_are_copied_with_one_click(browser: Browser, console: Console) -> None:
    context = window(browser, permissions=["clipboard-read", "clipboard-write"])
    page = signed_in(context, console)
    page.goto(console.url + "feeds")
    page.get_by_role("button", name="Copy https://news.example.org/feed.atom").click()
    assert page.evaluate("navigator.clipboard.readText()") == "https://news.example.org/feed.atom"
    page.goto(console.url + "keywords")
    page.get_by_role("button", name="Copy the topic An ninh trật tự").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("[[keywords.topic]]\n")
    context.close()


def test_nothing_in_a_previewed_mail_runs_or_leads_the_page_away(browser: Browser, console: Console) -> None:
    script = "<script>top.document.title = 'taken'</script><img src='https://evil.example/x.png' onerror='top.x = 1'>"
    own = console.folder.root / "own" / "mail"
    own.mkdir(parents=True)
    (own / "digest.html").write_text(f"<html><head><style></style></head><body>{script}Thư</body></html>")
    console.folder.change('path = "seeds"', 'path = "seeds"\n[output]\ntemplates = "own"')
    console.stop.ask()
    with served(Console(console.folder)) as other:
        context = window(browser)
        page = signed_in(context, other)
        failed: dict[str, str | None] = {}
        page.on("requestfailed", lambda request: failed.update({request.url: request.failure}))
        page.goto(other.url + "preview/daily")
        assert "Thư" in page.frame_locator("iframe.mail").locator("body").inner_text()
        assert page.title().startswith("Preview")
        assert page.evaluate("window.x") is None
        assert failed["https://evil.example/x.png"] == "csp"
        context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    browser: Browser, console: Console, language: str, scheme: Any
) -> None:
    context = window(browser, locale=language, color_scheme=scheme)
    door = context.new_page()
    door.goto(f"{console.url}sign-in")
    found = {"sign-in": faults(door)}
    page = signed_in(context, console)
    console.doing = Doing("delivering", 31, 48, NOW)
    for path in PAGES:
        page.goto(console.url + path)
        page.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")
        found[path] = faults(page)
    page.set_viewport_size({"width": 360, "height": 800})
    for path in ("", "editions/15", "deliveries"):
        page.goto(console.url + path)
        found[f"{path} on a phone"] = faults(page)
    assert {path: lines for path, lines in found.items() if lines} == {}
    context.close()


def faults(page: Page) -> list[str]:
    """What axe-core finds on a page, and in its frames."""
    violations = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in violations for node in each["nodes"]]
