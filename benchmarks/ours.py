"""The feeds through the program's own maker; a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
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
    with Store.read_only(store_in(folder)) as store:
        made = maker(store, checked=checked)
        for number, order in enumerate(orders_in(folder)):
            for form in FORMATS:
                tally.take(number, form, made(order, form))
    tally.report()


def maker(store: Store, *, checked: bool = False) -> Callable[[Order, str], bytes]:
    """The one place that knows how the program's maker is called."""
    config = Config(site=Site(title=TITLE, url=SITE), mail=Mail(sender="news@example.org"))
    names = Names(SITE)
    feeds = FeedMaker(config, store.articles, lambda name: names.urn("feed", name), lambda: "Tin")

    def make(order: Order, form: str) -> bytes:
        feed = Feed(order.folder, order.label, f"{order.label} · {TITLE}", count=len(order.articles))
        path, chain = addresses.feed(order.folder, form), Chain(order.folder)
        document = Document(
            path, DocumentKind.FEED, order.folder, "", order.articles, form, feed=feed, chain=chain
        )
        return feeds.checked(document) if checked else feeds.feed(document)

    return make


if __name__ == "__main__":
    main(Path(sys.argv[1]), checked="checked" in sys.argv[2:])
