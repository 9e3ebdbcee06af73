"""Real pages, copied as text: the table of what is read in them, and how much must be right."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from documented import ROOT

from publisher.errors import SeedError
from publisher.model import Draft
from publisher.reading import Options, read

FOLDER = ROOT.parent / "shared" / "articles"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NEVER = datetime(1999, 1, 1, tzinfo=ZONE)
"""Stands in for a date that nobody wrote."""
ENOUGH = 0.9


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def expected() -> list[dict[str, Any]]:
    file = FOLDER / "expected.jsonl"
    if not file.exists():
        pytest.skip("no shared articles beside this checkout")
    every = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [each for each in every if each["file"].endswith((".txt", ".html"))]


def found(name: str, undated: datetime | None) -> Draft | None:
    try:
        return read((FOLDER / name).read_bytes(), name, Options(zone=ZONE, language="vi", undated=undated))
    except SeedError:
        return None


def shares(rows: Sequence[tuple[str, bool, bool, bool]]) -> list[float]:
    return [sum(row[column] for row in rows) / len(rows) for column in (1, 2, 3)]


def test_titles_dates_and_keywords_of_real_pages_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    rows = []
    for want in expected():
        draft = found(want["file"], NEVER)
        assert draft is not None, want["file"]
        moment = want["published"][:16] if want["published"] else NEVER.isoformat()[:16]
        rows.append(
            (
                want["file"],
                plain(draft.title) == plain(want["title"]),
                moment
                in (draft.published.isoformat()[:16], f"{draft.published.astimezone(UTC):%Y-%m-%dT%H:%M}"),
                [plain(label) for label in draft.keywords] == [plain(label) for label in want["keywords"]],
            )
        )
    with capsys.disabled():
        for row in rows:
            marks = " ".join(
                name if right else "-" * len(name)
                for name, right in zip(("title", "date", "keywords"), row[1:], strict=True)
            )
            sys.stdout.write(f"\n{row[0]:40} {marks}")
        sys.stdout.write("\nright: " + ", ".join(f"{share:.0%}" for share in shares(rows)) + "\n")
    assert min(shares(rows)) >= ENOUGH


def test_a_page_that_shows_no_date_gets_none() -> None:
    undated = [want["file"] for want in expected() if not want["published"]]
    assert len(undated) >= 6
    assert [name for name in undated if found(name, None)] == []
