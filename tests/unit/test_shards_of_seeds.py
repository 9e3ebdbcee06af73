"""Seeds in shards: in which one a seed is says its path."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from publisher.gathering import shards_of
from publisher.model import SeedFile

PATHS = st.lists(
    st.text(min_size=1, max_size=20).filter(lambda path: path.isprintable()), unique=True, max_size=400
)


def files(paths: list[str]) -> list[SeedFile]:
    return [SeedFile(path, 1, 1) for path in sorted(paths)]


def place(path: str, shards: list[list[SeedFile]]) -> list[str]:
    """Who is in the shard of a seed."""
    (shard,) = [shard for shard in shards if path in {file.path for file in shard}]
    return [file.path for file in shard]


@given(PATHS)
def test_each_seed_is_in_one_shard_and_in_order(paths: list[str]) -> None:
    shards = [[file.path for file in shard] for shard in shards_of(files(paths))]
    assert sorted(path for shard in shards for path in shard) == sorted(paths)
    assert all(shard == sorted(shard) for shard in shards)
    assert len(shards) <= -(-len(paths) // 100)


@given(st.sets(st.integers(0, 10_000), min_size=150, max_size=190), st.integers(0, 10_000))
def test_those_who_stand_together_stand_together_whoever_else_there_is(numbers: set[int], other: int) -> None:
    paths = [f"{number}.txt" for number in numbers - {other}]
    before, after = shards_of(files(paths)), shards_of(files([*paths, f"{other}.txt"]))
    for path in paths:
        assert set(place(path, after)) - {f"{other}.txt"} == set(place(path, before))


def test_no_shard_is_much_larger_than_the_others() -> None:
    sizes = [len(shard) for shard in shards_of(files([f"tin/{number}.txt" for number in range(10_000)]))]
    assert len(sizes) == 100
    assert max(sizes) < 150
