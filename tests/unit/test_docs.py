"""The documents: links lead somewhere, the checklist of feeds names tests that exist, configurations load."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from documented import ROOT, blocks

from publisher.config.load import load
from publisher.planning.streams import LARGEST_PART, PART
from publisher.reading.dates import EARLIEST, LATEST
from publisher.render.blocks import LARGEST_ENTRY
from publisher.render.feeds.readback import LARGEST_DOCUMENT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FEEDS = ROOT / "docs/reference/feeds.md"
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_TEST = re.compile(r"\[`(\w+)`\]\(([^)\s]+)\)")


@cache
def anchors(document: Path) -> set[str]:
    """The fragments that lead to the headings of a document, as they are made on GitHub and by MyST."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken(document: Path) -> list[str]:
    """The relative links of a document that lead nowhere."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = []
    for link in _LINK.findall(text):
        path, _, fragment = link.partition("#")
        target = document.parent / path if path else document
        if "://" not in link and (not target.exists() or (fragment and fragment not in anchors(target))):
            found.append(link)
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    assert broken(document) == []


def test_every_document_is_reached_from_the_list_of_documents() -> None:
    index = ROOT / "docs/index.md"
    linked = {(index.parent / link).resolve() for link in _LINK.findall(index.read_text(encoding="utf-8"))}
    assert {path for path in DOCUMENTS if path.is_relative_to(ROOT / "docs")} - {index} <= linked


def names_in(file: Path) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def unheld(text: str) -> list[str]:
    """The lines of a checklist that link to no test, and the links to tests that do not exist."""
    found = []
    for line in re.findall(r"^- (.*)$", text, re.MULTILINE):
        tests = _TEST.findall(line)
        found += [] if tests else [line]
        for name, path in tests:
            file = (FEEDS.parent / path).resolve()
            if not file.is_relative_to(ROOT / "tests") or not file.is_file() or name not in names_in(file):
                found.append(f"{name} in {path}")
    return found


def test_every_line_of_the_checklist_of_feeds_is_held_by_tests_that_exist() -> None:
    checklist = FEEDS.read_text(encoding="utf-8").split("## Checklist against the standards\n")[1]
    assert unheld(checklist) == []
    assert checklist.count("\n- ") > 80


def test_a_line_without_a_test_and_a_test_that_is_gone_are_noticed() -> None:
    here = "../../tests/unit/test_docs.py"
    held = f"- Held: [`test_a_line_without_a_test_and_a_test_that_is_gone_are_noticed`]({here})"
    lines = ["- Not held.", held, f"- Gone: [`test_gone`]({here})", "- No file: [`test_x`](../../tests/x.py)"]
    assert unheld("\n".join(lines)) == ["Not held.", f"test_gone in {here}", "test_x in ../../tests/x.py"]


def test_the_page_of_feeds_tells_the_limits_of_the_program() -> None:
    limits = FEEDS.read_text(encoding="utf-8").split("## Limits\n")[1].split("\n## ")[0]
    for number in (LARGEST_DOCUMENT, LARGEST_ENTRY, PART, LARGEST_PART, 2 * LARGEST_PART):
        assert re.search(rf"\b{number:,}\b", limits), number
    assert f"{EARLIEST} to {LATEST}" in limits


CONFIGURATIONS = [
    (path.relative_to(ROOT).as_posix(), text)
    for path in DOCUMENTS
    for text in chain.from_iterable(blocks(str(path.relative_to(ROOT)), "toml").values())
]


@pytest.mark.parametrize(
    ("document", "text"), CONFIGURATIONS, ids=lambda value: value[:40].replace("\n", " ")
)
def test_every_piece_of_configuration_in_the_documents_loads(
    document: str, text: str, tmp_path: Path
) -> None:
    if "[site]" not in text:
        text += '\n[site]\ntitle = "News"\nurl = "https://news.example.org/"\n'
    if "[mail]" not in text:
        text += '\n[mail]\nsender = "news@example.org"\n'
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    load(tmp_path / "config.toml")
