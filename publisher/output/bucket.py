"""Documents as objects of a bucket, each put whole.

One list of the objects tells a run what stands where (1,000 of them a request); an object is known by its size and
its entity tag.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import md5
from typing import Any, TypeVar

from publisher import addresses, buckets, config
from publisher.kinds import kind_of
from publisher.states import State

Given = TypeVar("Given")
Made = TypeVar("Made")

_SAID = ("Content-Type", "Cache-Control")
"""What is said of each object."""


class Bucket:
    """The bucket that `output` names, and the beginning of the names in it; current feeds keep for so many seconds."""

    at_once = buckets.AT_ONCE

    def __init__(self, output: config.Output, feeds_keep: int) -> None:
        self._keep = feeds_keep
        self._seen: dict[str, State | None] = {}
        self._bucket = buckets.Bucket("output", output)

    def state(self, path: str, siblings: Collection[str] = ()) -> State | None:
        """Size in bytes and the number of the entity tag of what stands at `path`."""
        name = addresses.file_of(path)
        return self._seen[name] if name in self._seen else self._listed.get(name)

    def amiss(self, documents: Mapping[str, State], siblings: Collection[str]) -> bool:
        """Whether any of the documents is not in place."""
        return any(self.state(path) != state for path, state in documents.items())

    def put(self, path: str, content: bytes, siblings: Collection[str] = ()) -> bool:
        """Put `content` in place with its type and for how long it keeps; false where it stood there already."""
        name = addresses.file_of(path)
        kind = kind_of(name, self._keep)
        said = {"Content-Type": kind.type, "Cache-Control": f"public, max-age={kind.keeps}"}
        state = (len(content), buckets.number_of(md5(content, usedforsecurity=False).hexdigest()))
        if self._stands(name) == (state, said):
            self._seen[name] = state
            return False
        self._seen[name] = len(content), buckets.number_of(self._bucket.put(name, content, said))
        return True

    def remove(self, path: str) -> bool:
        """Take an object away; whether there was one."""
        name = addresses.file_of(path)
        stood = self._stands(name) is not None
        self._bucket.delete(name)
        self._seen[name] = None
        return stood

    def remove_siblings(self, path: str, keep: Collection[str] = ()) -> None:
        """Nothing: there are none."""

    def sweep(self) -> None:
        """Nothing: an object is whole or not there."""

    def leave_sign(self) -> str:
        """Nothing: a bucket is the same from everywhere."""
        return ""

    def has_sign(self, sign: str) -> bool:
        """Always."""
        return True

    def each(self, do: Callable[[Given], Made], some: Iterable[Given]) -> Iterator[Made]:
        """Do it for several at once."""
        return self._bucket.each(do, some)

    @cached_property
    def _listed(self) -> Mapping[str, State]:
        return {thing.name: (thing.size, buckets.number_of(thing.tag)) for thing in self._bucket.things()}

    def _stands(self, name: str) -> tuple[State, dict[Any, str]] | None:
        """State of an object, and its type and how long it keeps."""
        if not (found := self._bucket.about(name)):
            return None
        size, tag, attributes = found
        return (size, buckets.number_of(tag)), {key: attributes[key] for key in _SAID if key in attributes}
