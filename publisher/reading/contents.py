"""The seeds folder as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from publisher.model import SeedFile
from publisher.reading.pictures import path_key
from publisher.states import State, seeds_and_pictures


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in the seeds folder: what may be seeds, by path, and `pictures` by path in NFC."""

    found: Mapping[str, State] = field(default_factory=dict)
    pictures: Mapping[str, SeedFile] = field(default_factory=dict)

    @property
    def seeds(self) -> tuple[SeedFile, ...]:
        """What may be seeds, in order of their paths."""
        return tuple(SeedFile(path, *state) for path, state in sorted(self.found.items()))


def scan(folder: Path, ignore: Sequence[str]) -> Contents:
    """The regular files of the folder; UsageError where there is no such folder."""
    seeds, beside = seeds_and_pictures(folder, ignore)
    pictures: dict[str, SeedFile] = {}
    for path, state in sorted(beside.items()):
        pictures.setdefault(path_key(path), SeedFile(path, *state))
    return Contents(seeds, pictures)
