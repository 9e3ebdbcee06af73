"""Mails in a real Chromium: read as written, legible in both colour schemes, and usable with a thumb."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from mails import sample

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
CHROMIUM = shutil.which("chromium")

TEXTS = """() => {
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return colour;
    }
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (texts.currentNode.textContent.trim() && node.getClientRects().length)
      found.push([texts.currentNode.textContent.trim(), getComputedStyle(node).color, ground(node)]);
  }
  return found;
}"""
"""Each text that is seen, its colour and that of its ground."""

OUTLOOK = """() => {
  // What the Outlook apps do in their dark mode: dark grounds and light texts of their own, written into
  // the elements; what was there before is kept in attributes.
  for (const node of document.querySelectorAll('[style]')) {
    if (node.style.color) { node.dataset.ogsc = node.style.color; node.style.color = '#777'; }
    if (node.style.backgroundColor) {
      node.dataset.ogsb = node.style.backgroundColor;
      node.style.backgroundColor = '#666';
    }
  }
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        assert os.environ.get("CI") != "true", "Chromium is missing where it must be there"
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def opened(browser: Any, html: str, *, width: int = 360, scheme: str = "light") -> Any:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.on("request", lambda request: pytest.fail(f"asks for {request.url}"))
    page.set_content(html)
    return page


def mail_of(language: str, count: int, title: str = "") -> str:
    """A mail that has more to say; with a `title`, for all of its articles."""
    made = sample(language, count)
    titled = {id: replace(article, title=title or article.title) for id, article in made.articles.items()}
    return made._replace(part=replace(made.part, omitted=2), articles=titled).composed()[0]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("language", "count"), [("vi", 0), ("vi", 1), ("vi", 14), ("en", 12), ("vi", 300)])
def test_a_browser_reads_the_mail_as_it_is_written(browser: Any, language: str, count: int) -> None:
    html = mail_of(language, count)
    page = opened(browser, html)
    assert page.evaluate("document.compatMode") == "CSS1Compat"
    assert page.evaluate("document.documentElement.outerHTML") == html.removeprefix("<!DOCTYPE html>")
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark", "outlook"])
@pytest.mark.parametrize("count", [14, 300])
def test_every_text_stands_out_from_its_ground(browser: Any, scheme: str, count: int) -> None:
    page = opened(browser, mail_of("vi", count), scheme="dark" if scheme == "dark" else "light")
    if scheme == "outlook":
        page.evaluate(OUTLOOK)
    texts = page.evaluate(TEXTS)
    assert len(texts) > 40
    for text, colour, ground in texts:
        assert contrast(colour, ground) >= 4.5, (text, colour, ground)
    grounds = {luminance(ground) for _, _, ground in texts}
    assert max(grounds) < 0.05 if scheme != "light" else min(grounds) > 0.8
    page.context.close()


@pytest.mark.parametrize("width", [320, 360, 700, 1280])
def test_a_mail_is_one_column_that_fits(browser: Any, width: int) -> None:
    page = opened(browser, mail_of("vi", 40, "Dài" * 90), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.evaluate(
        "[...document.querySelectorAll('td.cell')].map(e => e.getBoundingClientRect().toJSON())"
    )
    assert len({(box["x"], box["width"]) for box in boxes}) == 1
    assert boxes[0]["width"] == min(600, width if width <= 480 else width - 16)
    page.context.close()


def test_links_are_large_enough_for_a_thumb_on_a_phone(browser: Any) -> None:
    page = opened(browser, mail_of("vi", 14, "Ngắn"))
    boxes = page.evaluate(
        "[...document.querySelectorAll('a')].map(a => [a.className, a.getBoundingClientRect().toJSON()])"
    )
    assert len(boxes) > 20
    for name, box in boxes:
        least = 44 if "title" in name or "tap" in name else 24
        assert box["height"] >= least, name
    tops = sorted((box["y"], box["y"] + box["height"]) for _, box in boxes)
    assert all(under[0] >= over[1] for over, under in pairwise(tops))
    page.context.close()


def test_the_preheader_takes_no_room(browser: Any) -> None:
    page = opened(browser, mail_of("vi", 14))
    assert page.evaluate("document.querySelector('.preheader').getClientRects().length") == 0
    assert page.evaluate("document.querySelector('.outer').getBoundingClientRect().y") == 0
    page.context.close()
