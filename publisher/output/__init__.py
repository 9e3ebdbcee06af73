"""Bytes → the files of the output, whole and only when they differ: in a folder, or as objects in a bucket.

Paths are those of `publisher.addresses`, and none leads out of the output. What stands there is known by its state,
two numbers that change with its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

from publisher import schedules
from publisher.config import Config
from publisher.model import FEED_KINDS, Document
from publisher.output.folder import COMPRESSED, Folder, brotlied, gzipped
from publisher.states import State

__all__ = ["COMPRESSED", "Folder", "Output", "brotlied", "gzipped", "output_of", "siblings_of"]

Given = TypeVar("Given")
Made = TypeVar("Made")


class Output(Protocol):
    """Where documents go."""

    at_once: int
    """Documents that are worth being put together."""

    def state(self, path: str, siblings: Collection[str] = ()) -> State | None:
        """What stands at `path`; None where nothing does, or a sibling is amiss."""

    def amiss(self, documents: Mapping[str, State], siblings: Collection[str]) -> bool:
        """Whether any of the documents is not in place, or a feed's sibling is not."""

    def put(self, path: str, content: bytes, siblings: Collection[str] = ()) -> bool:
        """Put `content` in place in one step; false where the same bytes stood there already."""

    def remove(self, path: str) -> bool:
        """Take what stands at `path` away with its siblings; whether anything did."""

    def remove_siblings(self, path: str, keep: Collection[str] = ()) -> None:
        """Take the compressed forms of a document away, but for those to `keep`."""

    def sweep(self) -> None:
        """Take away what writers that were killed left half-written; none may be at work."""

    def leave_sign(self) -> str:
        """Leave a sign by which a process on another machine sees that it has the same output before it."""

    def has_sign(self, sign: str) -> bool:
        """Whether this is the output in which the sign was left."""

    def each(self, do: Callable[[Given], Made], some: Iterable[Given]) -> Iterator[Made]:
        """Do something that puts for each of some, in their order; at once where that pays."""


def output_of(config: Config) -> Output:
    """Where the documents of a site go (`publisher.errors.BucketError` where that cannot be)."""
    if not config.bucket:
        return Folder(config.output_folder)
    from publisher.output.bucket import Bucket  # and with it obstore

    keep = 60 * schedules.minutes_between(config.schedule.feeds)
    return Bucket(config.output, keep)


def siblings_of(document: Document, config: Config) -> Collection[str]:
    """The compressed forms that stand beside a document; nobody would ask a bucket for them."""
    return config.feeds.compressed if document.kind in FEED_KINDS and not config.bucket else ()
