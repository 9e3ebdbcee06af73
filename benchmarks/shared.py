"""What the straightforward way does beside building: read every article once, make its HTML; a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.orders import SITE, orders_in, store_in
from publisher.model import Article
from publisher.render.blocks import html_of
from publisher.store import Store


@dataclass(frozen=True, slots=True)
class Item:
    """An article without its blocks, its address and its HTML."""

    article: Article
    url: str
    html: str

    @property
    def enclosures(self) -> list[tuple[str, int, str]]:
        """Its pictures: address, bytes, media type."""
        return [(self.url + picture.url, picture.length, picture.type) for picture in self.article.pictures]


class Shelf:
    """Items by id; each is read from the store and made once, and kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, Item] = {}

    def items(self, ids: Sequence[str]) -> list[Item]:
        """The items in this order; the absent ones are read together."""
        absent = [key for key in ids if key not in self._kept]
        for article in self._store.articles(absent).values() if absent else ():
            url = SITE + article.page
            self._kept[article.id] = Item(replace(article, blocks=()), url, html_of(article, url))
        return [self._kept[key] for key in ids]


def main(folder: Path) -> None:
    """Take what every order wants from the shelf, and make nothing of it."""
    with Store.read_only(store_in(folder)) as store:
        shelf = Shelf(store)
        for order in orders_in(folder):
            shelf.items(order.articles)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
