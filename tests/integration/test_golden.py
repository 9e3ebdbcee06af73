"""The feeds of one fixed site, byte for byte; `UPDATE_GOLDEN=1` writes them anew, to be read before a commit.

The configuration is a copy of the repository's, so that an edit there does not break the comparison.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import Site

from publisher import __version__

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
NAMES = ("feed.rss", "feed.atom", "feed.json", "feeds.opml")


@pytest.fixture
def made(site: Site) -> Path:
    """The output of the golden site."""
    site.configure((GOLDEN / "config.toml").read_text(encoding="utf-8"))
    for seed in sorted((ROOT / "tests/cases/reading").glob("kien_an.txt")):
        site.write("000_ea2d5685bb414729.txt", seed.read_bytes())
    assert site.run().failures == []
    return site.output


@pytest.mark.parametrize("folder", ["", "keywords/kien-an/", "digests/daily/"])
def test_the_feeds_are_those_that_were_looked_at(made: Path, folder: str) -> None:
    for name in NAMES:
        file = made / folder / name
        golden = GOLDEN / "public" / folder / name
        if not file.exists():
            assert not golden.exists()
            continue
        text = file.read_text(encoding="utf-8").replace(f'version="{__version__}"', 'version="VERSION"')
        text = text.replace(f"publisher {__version__}", "publisher VERSION")
        if os.environ.get("UPDATE_GOLDEN"):
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8"), f"{folder}{name}"
