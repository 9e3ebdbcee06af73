"""What goes wrong with Vietnamese articles elsewhere: each trap with what must come out of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import oldbytes
import pytest

from publisher.config import Keywords, Topic
from publisher.errors import SeedError
from publisher.keywords import compile_rules, key, sort_key, unique_slug
from publisher.model import Block, BlockKind, Draft, KeywordSource
from publisher.reading import Options, read

CASES = sorted((Path(__file__).parents[1] / "cases" / "pitfalls").glob("*.json"))
OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")


def said(draft: Draft) -> dict[str, Any]:
    """All that an expectation may name."""
    captions = [block.text for block in draft.blocks if block.kind is BlockKind.CAPTION]
    return {
        "title": draft.title,
        "published": draft.published.isoformat(),
        "authors": list(draft.authors),
        "keywords": list(draft.keywords),
        "summary": draft.summary,
        "captions": captions,
    }


def drafts(case: dict[str, Any]) -> list[Draft]:
    """The seed, in each encoding in which it must be read."""
    name, text = case.get("name", "seed.txt"), case["seed"]
    raws = [getattr(oldbytes, way)(text) for way in case.get("encodings", ())] or [text.encode()]
    return [read(raw, name, OPTIONS) for raw in raws]


def article(case: dict[str, Any]) -> tuple[str, list[Block]]:
    if "text" in case:
        return "", [Block(BlockKind.PARAGRAPH, case["text"])]
    (draft,) = drafts(case)
    return draft.title, list(draft.blocks)


def subjects(case: dict[str, Any], found: int) -> list[tuple[KeywordSource, str]]:
    topics = [
        {name: tuple(v) if isinstance(v, list) else v for name, v in one.items()}
        for one in case.get("topics", [])
    ]
    rules = compile_rules(Keywords(found=found, topic=tuple(Topic(**one) for one in topics)))
    title, blocks = article(case)
    return [(one.source, one.label) for one in rules.subjects(title, "", blocks, [], "vi")]


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_the_trap_is_avoided(file: Path) -> None:
    case, looked = json.loads(file.read_text(encoding="utf-8")), 0
    if "fault" in case or "or_fault" in case:
        looked += _faulty(case)
    if "read" in case and "or_fault" not in case:
        for draft in drafts(case):
            found = said(draft)
            assert {name: found[name] for name in case["read"]} == case["read"]
            looked += 1
    if "longest_keyword" in case:
        (draft,) = drafts(case)
        assert all(len(keyword.split()) <= case["longest_keyword"] for keyword in draft.keywords)
        looked += 1
    if "topics" in case:
        assert sorted(label for _, label in subjects(case, 0)) == sorted(case["labels"])
        looked += 1
    if "found" in case or "never_found" in case:
        labels = {key(label) for _, label in subjects(case, 5)}
        assert labels >= set(case.get("found", ()))
        assert labels.isdisjoint(case.get("never_found", ()))
        assert labels
        looked += 1
    if "slugs" in case:
        taken: set[str] = set()
        for label, slug in zip(case["labels"], case["slugs"], strict=True):
            assert unique_slug(label, taken) == slug
            taken.add(slug)
        looked += 1
    if "unsorted" in case:
        assert sorted(case["unsorted"], key=sort_key) == case["sorted"]
        looked += 1
    assert looked


def _faulty(case: dict[str, Any]) -> int:
    """A seed that is refused, or that may be refused and must be read right where it is not."""
    try:
        (draft,) = drafts(case)
    except SeedError as error:
        assert error.reason == case.get("fault") or case["or_fault"]
        return 1
    assert "or_fault" in case
    assert {name: said(draft)[name] for name in case["read"]} == case["read"]
    return 1
