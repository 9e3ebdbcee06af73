"""The feeds through the program's own maker; a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.orders import FORMATS, SITE, TITLE, Order, Tally, orders_in, store_in
from publisher import addresses
from publisher.config import Config, Mail, Site
from publisher.model import Chain, Document, DocumentKind, Feed
from publisher.planning import Names
from publisher.render.feeds.maker import FeedMaker
from publisher.store import Store


def main(folder: Path, *, checked: bool = False) -> None:
    """Make every order in every format, and print what was counted; where `checked`, read each back too."""
    tally = Tally(folder / "ours")
    ordered = [
        (number, document(order, form)) for number, order in enumerate(orders_in(folder)) for form in FORMATS
    ]
    with Store.read_only(store_in(folder)) as store:
        feeds = maker(store, [wanted for _, wanted in ordered])
        make = feeds.checked if checked else feeds.feed
        for number, wanted in ordered:
            tally.take(number, wanted.form, make(wanted))
    tally.report()


def maker(store: Store, wanted: Sequence[Document]) -> FeedMaker:
    """The one place that knows how the program's maker is called."""
    config = Config(site=Site(title=TITLE, url=SITE), mail=Mail(sender="news@example.org"))
    names = Names(SITE)
    return FeedMaker(config, store.articles, lambda name: names.urn("feed", name), lambda: "Tin", wanted)


def document(order: Order, form: str) -> Document:
    """What a plan would ask for."""
    feed = Feed(order.folder, order.label, f"{order.label} · {TITLE}", count=len(order.articles))
    path, chain = addresses.feed(order.folder, form), Chain(order.folder)
    return Document(path, DocumentKind.FEED, order.folder, "", order.articles, form, feed=feed, chain=chain)


if __name__ == "__main__":
    main(Path(sys.argv[1]), checked="checked" in sys.argv[2:])
