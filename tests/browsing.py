"""A real Chromium for tests, and somebody who uses it by the keyboard alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conftest import demand

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
CHROMIUM = shutil.which("chromium")
PHONE = {"width": 360, "height": 640}


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of Playwright."""
    demand("Chromium", CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


class Hands:
    """Somebody with a keyboard and a phone-sized window, whose browser runs no script."""

    def __init__(self, browser: Any, language: str) -> None:
        self._context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale=language)
        self.page = self._context.new_page()

    def close(self) -> None:
        """Close the window."""
        self._context.close()

    def go(self, url: str) -> None:
        """Type an address."""
        assert self.page.goto(url).ok

    def reach(self, selector: str) -> None:
        """Press Tab until what matches has the focus."""
        for _ in range(200):
            if self.page.locator(f":focus:is({selector})").count():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way by Tab to {selector}")

    def press(self, selector: str, key: str) -> None:
        """Press a key on what matches."""
        self.reach(selector)
        self.page.keyboard.press(key)

    def submit(self, selector: str) -> None:
        """Press a button or follow a link, and wait for what comes."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    @property
    def heading(self) -> str:
        """The heading of the page."""
        return str(self.page.locator("h1").inner_text())
