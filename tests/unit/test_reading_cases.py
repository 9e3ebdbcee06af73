"""Whole seeds, each beside what is expected of it: `NAME` and `NAME.expected.json`."""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from publisher.errors import SeedError
from publisher.model import BlockKind, Draft, SeedFile
from publisher.reading import Options, parts_of, read

CASES = Path(__file__).parents[1] / "cases" / "reading"
SUFFIX = ".expected.json"
OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")


def texts(draft: Draft, kind: BlockKind) -> list[str]:
    return [block.text for block in draft.blocks if block.kind is kind]


def said(draft: Draft) -> dict[str, Any]:
    """All that an expectation may name."""
    return {
        "title": draft.title,
        "published": draft.published.isoformat(),
        "authors": list(draft.authors),
        "keywords": list(draft.keywords),
        "language": draft.language,
        "summary": draft.summary,
        "captions": texts(draft, BlockKind.CAPTION),
        "paragraphs": texts(draft, BlockKind.PARAGRAPH),
        "blocks": len(draft.blocks),
    }


def cases(folder: Path) -> list[Any]:
    """Each seed with its expectation."""
    found = {file.name.removesuffix(SUFFIX): file for file in sorted(folder.glob(f"*{SUFFIX}"))}
    assert found
    return [
        pytest.param(folder / name, json.loads(file.read_text(encoding="utf-8")), id=name)
        for name, file in found.items()
    ]


@pytest.mark.parametrize(("seed", "expected"), cases(CASES))
def test_a_seed_reads_as_expected(seed: Path, expected: dict[str, Any]) -> None:
    draft = read(seed.read_bytes(), seed.name, OPTIONS)
    lines = expected.pop("absent", [])
    found = said(draft)
    assert {key: found[key] for key in expected} == expected
    assert not [line for line in lines if any(line == block.text for block in draft.blocks)]


@pytest.mark.parametrize(("seed", "expected"), cases(CASES / "many"))
def test_a_file_of_many_reads_as_expected(seed: Path, expected: list[dict[str, Any]]) -> None:
    found = [draft for _, _, draft in parts_of(seed.parent, SeedFile(seed.name, 1, 1), OPTIONS)]
    drafts = [said(draft) for draft in found if isinstance(draft, Draft)]
    assert len(drafts) == len(found)
    assert [
        {key: draft[key] for key in wanted} for draft, wanted in zip(drafts, expected, strict=True)
    ] == expected


@pytest.mark.parametrize(("seed", "expected"), cases(CASES / "faulty"))
def test_a_seed_that_cannot_be_read_says_why(seed: Path, expected: dict[str, Any]) -> None:
    with pytest.raises(SeedError) as told:
        read(seed.read_bytes(), seed.name, OPTIONS)
    fault = told.value
    assert {"reason": fault.reason, "line": fault.line, "hint": fault.hint} == expected
