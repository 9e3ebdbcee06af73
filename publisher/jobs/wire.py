"""What goes from the process that plans to those that work, and back, as JSON (RFC 8259).

Nothing that is read back can be anything but what is declared here: plain values of `publisher.model`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from publisher import gathering, shards
from publisher.config import Config
from publisher.errors import PublisherError
from publisher.model import (
    Document,
    DocumentKind,
    Draft,
    Edition,
    Fault,
    Feed,
    KeywordCount,
    Listing,
    SeedFile,
)
from publisher.planning import Reading
from publisher.planning.examining import Examined
from publisher.reading import Options, source_of


@dataclass(frozen=True, slots=True)
class _ReadOrder:
    pictures: Mapping[str, SeedFile]


@dataclass(frozen=True, slots=True)
class _RenderOrder:
    site: str
    counts: tuple[KeywordCount, ...]
    catalogue: tuple[Feed, ...]
    editions: tuple[Edition, ...]
    withdrawn: Mapping[str, Listing]


class _Read(NamedTuple):
    """`publisher.planning.Reading` as it is on its way, and its body."""

    file: SeedFile
    digest: str
    draft: Draft | None
    fault: Fault | None
    examined: Examined | None
    body: str


class Apart(PublisherError):
    """A machine that is not like the one where the run is: it must leave that work to others."""


class Kind(NamedTuple):
    """A kind of shards: how orders, shards and results are written and read, and what does them."""

    order: Callable[[Any], bytes]
    make: Callable[[Config, bytes], Callable[[bytes], bytes]]
    shard: Callable[[Any], bytes]
    done: Callable[[bytes], Any]


def _reader(config: Config, order: bytes) -> Callable[[bytes], bytes]:
    given = _adapter(_ReadOrder).validate_json(order)
    made = gathering.reader(gathering.Order(config, Options.from_config(config), given.pictures, keep=True))

    def do(shard: bytes) -> bytes:
        files = _adapter(list[SeedFile]).validate_json(shard)
        _look(config, {file.path: file.size for file in files})
        read = made(files)
        rows = [_Read(one.file, one.digest, one.draft, one.fault, one.examined, body) for one, body in read]
        return _adapter(list[_Read]).dump_json(rows)

    return do


def _bench(config: Config, order: bytes) -> Callable[[bytes], bytes]:
    given = _adapter(_RenderOrder).validate_json(order)
    made = shards.bench(
        shards.Order(config, given.site, given.counts, given.catalogue, given.editions, given.withdrawn)
    )

    def do(shard: bytes) -> bytes:
        documents = _adapter(list[Document]).validate_json(shard)
        _look(config, dict.fromkeys(one.subject for one in documents if one.kind is DocumentKind.PICTURE))
        return _adapter(shards.Done).dump_json(made(documents))

    return do


def _look(config: Config, files: Mapping[str, int | None]) -> None:
    """`Apart` where one of these is not where the seeds are for this machine, or has another size than there.

    A file that changed since the run looked is left to it, too, which does no harm.
    """
    source = source_of(config)
    for path, size in files.items():
        if not source.sees(path, size):
            raise Apart(f"this machine sees other seeds than the run: {path}")


def _read_order(order: gathering.Order) -> bytes:
    return _adapter(_ReadOrder).dump_json(_ReadOrder(order.pictures))


def _render_order(order: shards.Order) -> bytes:
    return _adapter(_RenderOrder).dump_json(
        _RenderOrder(order.site, order.counts, order.catalogue, order.editions, order.withdrawn)
    )


def _readings(done: bytes) -> list[tuple[Reading, str]]:
    return [
        (Reading(row.file, row.digest, row.draft, row.fault, row.examined), row.body)
        for row in _adapter(list[_Read]).validate_json(done)
    ]


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _dumped(kind: Any, value: Sequence[object]) -> bytes:
    return _adapter(kind).dump_json(list(value))


KINDS: Mapping[str, Kind] = {
    "read": Kind(_read_order, _reader, partial(_dumped, list[SeedFile]), _readings),
    "render": Kind(
        _render_order,
        _bench,
        partial(_dumped, list[Document]),
        lambda done: _adapter(shards.Done).validate_json(done),
    ),
}
"""By the name of the queue."""

NAMES: Mapping[Callable[..., Any], str] = {gathering.reader: "read", shards.bench: "render"}
"""The kind that each function does."""
