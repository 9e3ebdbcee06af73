"""What both ways are asked to make, where the articles stand, and what becomes of a document."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

FORMATS = ("rss", "atom", "json")
SITE = "https://news.example.org/"
TITLE = "Bản tin đo"
SAMPLE = 50
"""Of every so many feeds one is left in a folder, to be compared."""


@dataclass(frozen=True, slots=True)
class Order:
    """A feed to make: the folder of its page, its keyword, and the ids of its articles, newest first."""

    folder: str
    label: str
    articles: tuple[str, ...]


def store_in(folder: Path) -> Path:
    """Where the articles stand."""
    return folder / "articles.db"


def write_orders(folder: Path, orders: list[Order]) -> None:
    """Put the orders beside the articles."""
    (folder / "orders.json").write_text(json.dumps([asdict(order) for order in orders]), encoding="utf-8")


def orders_in(folder: Path) -> Iterator[Order]:
    """Every feed to make, in the order of making."""
    for order in json.loads((folder / "orders.json").read_text(encoding="utf-8")):
        yield Order(order["folder"], order["label"], tuple(order["articles"]))


class Tally:
    """Counts documents and their bytes, keeps one sum over all, and leaves a sample in a folder.

    The sum tells rounds apart, no more: a checksum costs half of what a hash does.
    """

    def __init__(self, samples: Path) -> None:
        self._samples = samples
        self._documents = self._size = self._sum = 0

    def take(self, feed: int, form: str, document: bytes) -> None:
        """Count a document of the feed with this number; its bytes are not kept."""
        self._documents += 1
        self._size += len(document)
        self._sum = zlib.crc32(document, self._sum)
        if feed % SAMPLE == 0:
            self._samples.mkdir(parents=True, exist_ok=True)
            (self._samples / f"{feed:04}.{form}").write_bytes(document)

    def report(self) -> None:
        """Print what was counted as JSON."""
        said = {"documents": self._documents, "bytes": self._size, "sum": self._sum}
        print(json.dumps(said))
