"""What becomes of an article's identity between two runs: folders before and after, and what is expected."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, Site

from publisher.errors import TooManyVanished

CASES = sorted((Path(__file__).parents[1] / "cases" / "identity").glob("*.json"))


def fill(site: Site, seeds: dict[str, str]) -> None:
    for file in [file for file in site.seeds.rglob("*") if file.is_file()]:
        file.unlink()
    for name, text in seeds.items():
        site.write(name, text)


def articles(site: Site) -> dict[str, str]:
    """The article of each seed."""
    with site.reading() as store:
        return {path: seed.article for path, seed in store.known().seeds.items() if seed.article}


def updated(site: Site) -> dict[str, Any]:
    with site.reading() as store:
        return {key: item.updated for key, item in store.known().listings.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda file: file.stem)
def test_an_article_keeps_its_identity_as_expected(site: Site, case: Path) -> None:
    told = json.loads(case.read_text("utf-8"))
    expected = told["expected"]
    fill(site, told["before"])
    site.run()
    old, old_times = articles(site), updated(site)
    fill(site, told["after"])
    if "error" in expected:
        with pytest.raises(TooManyVanished, match=expected["error"]):
            site.run(NOW + timedelta(hours=1))
        assert articles(site) == old
        return
    outcome = site.run(NOW + timedelta(hours=1))
    new = articles(site)
    shared = [[was, now] for was in sorted(old) for now in sorted(new) if old[was] == new[now]]
    assert shared == sorted(expected["same"])
    kinds = ("added", "updated", "withdrawn", "quarantined")
    assert {kind: outcome.counts[kind] for kind in kinds} == dict.fromkeys(kinds, 0) | expected["counts"]
    if "alike" in expected:
        assert [[likeness.path, likeness.other] for likeness in outcome.plan.alike] == expected["alike"]
    if "updated" in expected:
        key = old[shared[0][0]]
        assert (updated(site)[key] > old_times[key]) == (expected["updated"] == "later")


@pytest.mark.parametrize("case", CASES[:3], ids=lambda file: file.stem)
def test_ids_are_the_same_again_where_the_database_was_lost(site: Site, case: Path) -> None:
    fill(site, json.loads(case.read_text("utf-8"))["before"])
    site.run()
    old = articles(site)
    site.config.database_file.unlink()
    site.run()
    assert articles(site) == old
