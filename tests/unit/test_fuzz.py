"""The fuzzer of readers finds what is wrong: a few thousand of its million, and one fault made for it."""

from __future__ import annotations

from pathlib import Path

import fuzz_reading
import pytest

from publisher.errors import SeedError
from publisher.model import Draft


def test_a_few_mutated_seeds_are_articles_or_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert fuzz_reading.main(400, 11) == 0


def test_a_draft_that_no_feed_can_carry_is_found(tmp_path: Path) -> None:
    with pytest.raises(SeedError):
        raise next(
            each for each in fuzz_reading.drafts(b"\0", ".txt", tmp_path) if isinstance(each, SeedError)
        )
    good = fuzz_reading.drafts("Bài\n\n17:26 30/05/2023\n\nThân bài.\n".encode(), ".txt", tmp_path)
    assert isinstance(good[0], Draft)
    assert fuzz_reading.look("Bài\n\n17:26 30/05/2023\n\nThân bài.\n".encode(), ".txt", tmp_path) == {
        "articles": 1
    }
