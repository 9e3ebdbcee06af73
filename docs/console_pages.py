"""Pictures of the console: a site with two weeks behind it, served for the while, seen through a browser.

    .venv/bin/python docs/console_pages.py             writes the two pictures in docs/pictures
    .venv/bin/python docs/console_pages.py FOLDER      every page, in both languages, both schemes, two widths

Needs a Chromium on the path.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from consoles import NOW, PASSWORD, Console, Doing, filled, served
from pictures import ARGUMENTS, LIMIT, PICTURES, ROOT
from playwright.sync_api import Browser, sync_playwright

PAGES = {
    "sign-in": "sign-in",
    "overview": "",
    "editions": "editions",
    "edition": "editions/15",
    "edition-held": "editions/16",
    "deliveries": "deliveries",
    "preview": "preview/daily",
    "subscribers": "subscribers",
    "subscriber": "subscribers/12",
    "feeds": "feeds",
    "keywords": "keywords",
    "runs": "runs",
    "quarantine": "quarantine",
    "absent": "absent",
}
WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
LANGUAGES = ("vi", "en")


class Shot(NamedTuple):
    """One picture to take; `height` cuts it off."""

    name: str
    path: str
    width: int
    language: str
    scheme: str = "light"
    height: int = 0


OWN = (
    Shot("console", "", 1280, "vi", height=1150),
    Shot("console-phone", "editions/15", 360, "en", "dark", height=900),
)
"""The pictures of the repository."""


def every() -> Iterator[Shot]:
    """Each page in every form."""
    for name, path in PAGES.items():
        for language in LANGUAGES:
            for width in WIDTHS:
                for scheme in SCHEMES:
                    yield Shot(f"{name}-{language}-{width}-{scheme}", path, width, language, scheme)


def take(browser: Browser, console: Console, folder: Path, shots: Iterator[Shot]) -> None:
    """Photograph pages as somebody who is signed in sees them."""
    for shot in shots:
        context = browser.new_context(
            viewport={"width": shot.width, "height": 800},
            locale=shot.language,
            color_scheme="dark" if shot.scheme == "dark" else "light",
        )
        page = context.new_page()
        if shot.path != "sign-in":
            page.goto(f"{console.url}sign-in")
            page.fill("#password", PASSWORD)
            page.click("button.main")
        page.goto(console.url + shot.path)
        page.wait_for_timeout(400)  # frames inside of it
        overflow = page.evaluate("document.documentElement.scrollWidth") - shot.width
        if overflow > 0:
            print(f"{shot.name}: {overflow} px wider than the window")
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": shot.width, "height": min(height, shot.height or height)})
        page.screenshot(path=folder / f"{shot.name}.png")
        context.close()


def main() -> None:
    """Take the pictures."""
    os.environ["PUBLISHER_CONSOLE_PASSWORD"] = PASSWORD
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    only = sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    executable = shutil.which("chromium")
    if executable is None:
        raise SystemExit("no chromium on the path")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        console = Console(filled(Path(temporary) / "site"))
        console.doing = Doing("delivering", 31, 48, NOW)
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        shots = (
            OWN if folder == PICTURES else (s for s in every() if not only or s.name.startswith(tuple(only)))
        )
        with served(console):
            take(browser, console, folder, iter(shots))
        browser.close()
    for shot in OWN if folder == PICTURES else ():
        size = (PICTURES / f"{shot.name}.png").stat().st_size
        print(
            f"{(PICTURES / shot.name).relative_to(ROOT)}.png: {size} bytes{' (too large)' if size > LIMIT else ''}"
        )


if __name__ == "__main__":
    main()
