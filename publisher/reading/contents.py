"""What stands where the seeds are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from publisher.model import SeedFile
from publisher.reading.pictures import path_key
from publisher.reading.sources import Source
from publisher.states import State


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands where the seeds are: what may be seeds, by path, and `pictures` by path in NFC."""

    found: Mapping[str, State] = field(default_factory=dict)
    pictures: Mapping[str, SeedFile] = field(default_factory=dict)

    @property
    def seeds(self) -> tuple[SeedFile, ...]:
        """What may be seeds, in order of their paths."""
        return tuple(SeedFile(path, *state) for path, state in sorted(self.found.items()))


def scan(source: Source) -> Contents:
    """Look there; UsageError where there is no such folder, BucketError where a bucket does not tell."""
    return contents_of(*source.look())


def contents_of(seeds: Mapping[str, State], beside: Mapping[str, State]) -> Contents:
    """The same of what may be seeds and what may be pictures of them, by path."""
    pictures: dict[str, SeedFile] = {}
    for path, state in sorted(beside.items()):
        pictures.setdefault(path_key(path), SeedFile(path, *state))
    return Contents(seeds, pictures)
