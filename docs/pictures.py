"""The pictures of the documentation: a run over the sample seeds, seen through a browser.

    .venv/bin/python docs/pictures.py                  writes the pictures in docs/pictures
    .venv/bin/python docs/pictures.py --all FOLDER     every kind of page and feeds, in six forms
    .venv/bin/python docs/pictures.py --mails FOLDER   mails of made-up news, short, typical and trimmed, in eight
    .venv/bin/python docs/pictures.py --readers FOLDER    every page of the web server for readers, in eight
    .venv/bin/python docs/pictures.py --icon           draws templates/icon.png from docs/pictures/icon.svg

The run happens in a temporary folder at a fixed time; the repository's own output is not touched.
Feeds are pictured as a browser shows them where they are served as application/xml.
Needs a Chromium on the path.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Route, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mails import sample
from reader_pages import pages, with_web

from publisher.config import Config
from publisher.config.load import load
from publisher.pipeline import run

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
ICON = ROOT / "templates" / "icon.png"
ICON_SIZE = 144
"""CSS pixels of a side: the widest that the picture of an RSS channel may be."""
NOW = datetime.fromisoformat("2023-06-12T06:00:00+07:00")
"""When the pictured run takes place."""

WIDTHS = (360, 700, 1280)
SCHEMES = ("light", "dark")
MAIL_WIDTHS = (360, 700)
READER_WIDTHS = (360, 1280)
MAILS = {"short": 1, "typical": 12, "trimmed": 300}
"""Kinds of mails with the number of their articles."""
LOW = 200
"""Height of the window in CSS pixels: lower than any page, so that pages are measured."""
BOX = """part => {
  const root = document.documentElement;
  const box = part ? document.querySelector(part).getBoundingClientRect() : null;
  return box ? {x: box.x, y: box.y, width: box.width, height: box.height}
             : {x: 0, y: 0, width: innerWidth, height: root.scrollHeight};
}"""
"""Where the picture is on the page, which is never scrolled."""
TYPES = {".rss": "application/xml", ".atom": "application/xml", ".html": "text/html"}
"""How files are sent whose names do not say it, or not so that a browser shows them."""
LIMIT = 300_000
"""Bytes that a picture of the repository may have."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Shot:
    """One picture to take: a file of the site, or HTML as it stands in a mail.

    `part` selects, as CSS does, an element that is pictured alone. `address` is the path at which the
    file is shown, if that is not its own.
    """

    name: str
    file: Path
    width: int
    height: int | None = None
    scheme: str = "light"
    part: str = ""
    address: str | None = None


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--all", metavar="FOLDER", type=Path, help="every kind of page instead, into this folder"
    )
    parser.add_argument("--mails", metavar="FOLDER", type=Path, help="mails instead, into this folder")
    parser.add_argument("--readers", metavar="FOLDER", type=Path, help="pages of the web server instead")
    parser.add_argument("--icon", action="store_true", help="the icon instead, into templates/icon.png")
    arguments = parser.parse_args()
    folder: Path | None = arguments.all
    if arguments.icon:
        drawing = Shot(ICON.stem, PICTURES / "icon.svg", ICON_SIZE, ICON_SIZE)
        take(PICTURES, ICON.parent, [drawing])
        return
    with tempfile.TemporaryDirectory() as temporary:
        if arguments.mails:
            take(Path(temporary), arguments.mails, list(every_mail(Path(temporary))))
            return
        config = built(Path(temporary))
        if arguments.readers:
            take(config.output_folder, arguments.readers, list(every_reader_page(config)))
            return
        if folder:
            take(config.output_folder, folder, list(every(config.output_folder)))
            return
        public, mail = config.output_folder, config.root / "mail.html"
        mail.write_text(sample("vi", MAILS["typical"]).composed()[0], encoding="utf-8")
        shots = [
            Shot("page", public / "index.html", 1100, 1060),
            Shot("digest", mail, 700, 1400),
            Shot("keyword", public / "keywords/kien-an/index.html", 900, 1015),
            Shot("keyword-phone", public / "keywords/kien-an/index.html", 360, scheme="dark"),
            Shot("feeds", public / "feeds" / "index.html", 900, 1400),
            Shot("feed-in-browser", public / "feed.atom", 900, 700),
        ]
        take(public, PICTURES, shots)
    for picture in PICTURES.glob("*.png"):
        size = picture.stat().st_size
        print(f"{picture.relative_to(ROOT)}: {size} bytes{' (too large)' if size > LIMIT else ''}")


def built(root: Path) -> Config:
    """Run the repository's configuration over its seeds in another folder."""
    shutil.copy(ROOT / "config.toml", root)
    shutil.copytree(ROOT / "seeds", root / "seeds")
    loaded = load(root / "config.toml")
    config = replace(loaded)  # `root` is not an argument of Config: a copy needs it set again
    object.__setattr__(config, "root", root)
    outcome = run(config, lambda: NOW)
    for failure in outcome.failures:
        print(failure)
    return config


def every_mail(folder: Path) -> Iterator[Shot]:
    """One mail of each kind in each language, at each width and in each colour scheme, made in `folder`."""
    for kind, articles in MAILS.items():
        for language in ("vi", "en"):
            file = folder / f"{kind}-{language}.html"
            file.write_text(sample(language, articles).composed()[0], encoding="utf-8")
            for width in MAIL_WIDTHS:
                for scheme in SCHEMES:
                    yield Shot(f"mail-{kind}-{language}-{width}-{scheme}", file, width, scheme=scheme)


def every_reader_page(config: Config) -> Iterator[Shot]:
    """One picture of each page that readers get from the web server, at each width and in each colour scheme."""
    config = with_web(config)
    run(config, lambda: NOW)  # the pages lead to the form now
    for page in pages(config, NOW):
        file = config.root / f"{page.name}.html"
        file.write_text(page.html, encoding="utf-8")
        for width in READER_WIDTHS:
            for scheme in SCHEMES:
                name = f"{page.name}-{width}-{scheme}"
                yield Shot(name, file, width, scheme=scheme, address=page.path.removeprefix("/"))


def every(public: Path) -> Iterator[Shot]:
    """One page of each kind and feeds, at each width and in each colour scheme."""
    kinds = {
        "index": "index.html",
        "article": "articles/**/index.html",
        "keywords": "keywords/index.html",
        "keyword": "keywords/*/index.html",
        "edition": "digests/*/*/index.html",
        "digest-list": "digests/*/index.html",
        "feeds": "feeds/index.html",
        "combined": "feeds/*/index.html",
        "archive": "**/archive/*/*/index.html",
        "rss": "feed.rss",
        "atom": "feed.atom",
    }
    pages = {kind: next(iter(sorted(public.glob(pattern))), None) for kind, pattern in kinds.items()}
    for kind, page in pages.items():
        if page is None:
            print(f"no page of the kind {kind}")
            continue
        for width in WIDTHS:
            for scheme in SCHEMES:
                yield Shot(f"{kind}-{width}-{scheme}", page, width, scheme=scheme)
                if kind == "keyword":
                    yield Shot(f"follow-{width}-{scheme}", page, width, scheme=scheme, part="#feeds")


def take(public: Path, folder: Path, shots: list[Shot]) -> None:
    """Photograph files; addresses of the site are answered from its output, others not at all."""
    executable = shutil.which("chromium")
    if executable is None:
        raise SystemExit("no chromium on the path")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        for shot in shots:
            photograph(browser, public, shot, folder / f"{shot.name}.png")
        browser.close()


def photograph(browser: Browser, public: Path, shot: Shot, target: Path) -> None:
    """Write one picture."""
    origin = "http://site.invalid"
    own = shot.file.relative_to(public).as_posix() if shot.file.is_relative_to(public) else "mail"
    address = own if shot.address is None else shot.address

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(origin).partition("?")[0].lstrip("/")
        file = shot.file if path == address else public / path
        if route.request.url.startswith(origin) and file.is_file():
            kind = TYPES.get(file.suffix)
            route.fulfill(path=file, content_type=kind)
        else:
            route.abort()

    context = browser.new_context(
        viewport={"width": shot.width, "height": LOW},
        device_scale_factor=1,
        color_scheme="dark" if shot.scheme == "dark" else "light",
    )
    page = context.new_page()
    page.route("**/*", answer)
    page.goto(f"{origin}/{address}")
    overflow = page.evaluate("document.documentElement.scrollWidth") - shot.width
    if overflow > 0:
        print(f"{shot.name}: {overflow} px wider than the window")
    box = page.evaluate(BOX, shot.part)
    clip = {**box, "height": min(box["height"], shot.height or box["height"]), "scale": 1}
    # Not page.screenshot: it never returns where the document is XML.
    session = context.new_cdp_session(page)
    session.send("Emulation.setDefaultBackgroundColorOverride", {"color": {"r": 0, "g": 0, "b": 0, "a": 0}})
    taken = session.send("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    target.write_bytes(base64.b64decode(taken["data"]))
    context.close()


if __name__ == "__main__":
    main()
