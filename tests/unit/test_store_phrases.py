"""What is found in texts is counted by the change alone, and the counts are always those of what stands there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from conftest import NOW
from databases import DATABASES, Raw, fresh

from publisher.model import Frequencies, Keyword, Plan
from publisher.store import Store

KEYS = [*(f"cụm {letter}" for letter in "abcdef"), "Ủ\u0323", "100 %", "it's", "a\\b"]


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    with fresh(request.param, tmp_path, tables=True) as found:
        yield found


def record(store: Store, phrases: dict[str, str], *keywords: str) -> None:
    named = tuple(Keyword(f"k{KEYS.index(key)}", key, key) for key in keywords)
    store.record(Plan(now=NOW, keywords=named, phrases=phrases), {})


def articles(place: Path | str, number: int) -> None:
    raw = Raw(place)
    for at in range(number):
        raw.execute(
            "INSERT INTO article (id, page, title, published_at, published_offset, updated_at, updated_offset,"
            f" digest, version, body, withdrawn) VALUES ('a{at}', 'p{at}/', 't', 1, 0, 1, 0, '', '', '{{}}', FALSE)"
        )
    raw.close()


def test_counts_are_those_of_what_stands_there(place: Path | str) -> None:
    articles(place, 30)
    store, rng, stands = Store.open(place), Random(7), dict[str, str]()
    for _ in range(25):
        some = rng.sample([f"a{at}" for at in range(30)], rng.randint(1, 12))
        change = {key: "\n".join(rng.sample(KEYS, rng.choice((0, 1, 3, 5)))) for key in some}
        record(store, change)
        stands = {key: found for key, found in {**stands, **change}.items() if found}
        counted = Counter(key for found in stands.values() for key in found.split("\n"))
        assert store.frequencies_of([*KEYS, "unknown"]) == counted
        assert store.phrases([f"a{at}" for at in range(30)]) == stands
    record(store, dict.fromkeys(stands, ""))
    assert store.frequencies_of(KEYS) == {} and store.frequencies() == Frequencies()


def test_frequencies_are_told_of_keywords_alone(place: Path | str) -> None:
    articles(place, 3)
    store = Store.open(place)
    assert store.frequencies() == Frequencies()
    record(store, {"a0": "cụm a\ncụm b", "a1": "cụm a", "a2": "cụm c"}, "cụm a", "cụm c", "cụm d")
    assert store.frequencies() == Frequencies(3, {"cụm a": 2, "cụm c": 1})


def test_a_store_that_remembers_nothing_counts_nothing(tmp_path: Path) -> None:
    with Store.read_only(tmp_path / "none.db") as store:
        assert store.frequencies() == Frequencies()
        assert store.frequencies_of(["a"]) == store.phrases(["a"]) == {}
