"""Whole seeds, each beside what is expected of it."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher.model import BlockKind, Draft
from publisher.reading import Options, read

CASES = Path(__file__).parents[1] / "cases" / "reading"
OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")


def texts(draft: Draft, kind: BlockKind) -> list[str]:
    return [block.text for block in draft.blocks if block.kind is kind]


@pytest.mark.parametrize("case", sorted(CASES.glob("*.expected.json")), ids=lambda path: path.name)
def test_a_seed_reads_as_expected(case: Path) -> None:
    expected = json.loads(case.read_text(encoding="utf-8"))
    seed = next(path for path in CASES.glob(f"{case.name.split('.')[0]}.*") if path != case)
    draft = read(seed.read_bytes(), seed.name, OPTIONS)
    assert {
        "title": draft.title,
        "published": draft.published.isoformat(),
        "authors": list(draft.authors),
        "keywords": list(draft.keywords),
        "language": draft.language,
        "summary": draft.summary,
        "captions": texts(draft, BlockKind.CAPTION),
        "paragraphs": texts(draft, BlockKind.PARAGRAPH),
        "blocks": len(draft.blocks),
        "absent": [line for line in expected["absent"] if any(line == block.text for block in draft.blocks)],
    } == {**expected, "absent": []}
