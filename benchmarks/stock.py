"""Articles under keywords, put into a store for both ways of making feeds; a process of its own.

Every keyword's feed is full. Above that, keywords are as frequent as Zipf's law has it: the first stands
over a quarter of the articles, the second over half as many, and so on down to one full feed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.corpus import NEWEST, Corpus
from benchmarks.orders import SITE, Order, store_in, write_orders
from publisher import addresses
from publisher.keywords.slugs import unique_slug
from publisher.model import (
    Article,
    ArticleChange,
    Block,
    BlockKind,
    Draft,
    Filing,
    Keyword,
    KeywordSource,
    Picture,
    Plan,
)
from publisher.planning import Names
from publisher.reading import Options, read
from publisher.render.blocks import weight_of, weight_of_labels
from publisher.store import Store

ARTICLES, KEYWORDS, ENTRIES = 10_000, 1000, 50
MARKED, PICTURED, EDITED = 10, 20, 7
"""Of every so many articles one has links and emphasis, one a picture, one was edited later."""

_BATCH = 500
_OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")


def main(folder: Path) -> None:
    """Fill the store, write the orders, and print what they are like as JSON."""
    corpus, rng = Corpus.of(KEYWORDS), Random("stock")
    names, keywords = Names(SITE), _keywords(corpus)
    articles = [_article(corpus, names, number) for number in range(ARTICLES)]
    newest_first = sorted(articles, key=lambda article: (article.published, article.id), reverse=True)
    filings: dict[str, list[Filing]] = {article.id: [] for article in articles}
    orders = list[Order]()
    for rank, keyword in enumerate(keywords, 1):
        places = sorted(rng.sample(range(ARTICLES), max(ENTRIES, ARTICLES // 4 // rank)))
        found = [newest_first[place].id for place in places]
        for key in found:
            filings[key].append(Filing(keyword, KeywordSource.DECLARED))
        orders.append(Order(addresses.keyword(keyword.slug), keyword.label, tuple(found[:ENTRIES])))
    store = Store.open(store_in(folder))
    filed = [replace(article, filings=tuple(filings[article.id])) for article in articles]
    for start in range(0, ARTICLES, _BATCH):
        changes = tuple(map(_change, filed[start : start + _BATCH]))
        store.record(Plan(NEWEST, articles=changes, keywords=tuple(keywords if start == 0 else ())), {})
    write_orders(folder, orders)
    carried = len({key for order in orders for key in order.articles})
    filed_under = sum(map(len, filings.values())) / ARTICLES
    print(json.dumps({"carried": carried, "times": KEYWORDS * ENTRIES / carried, "filings": filed_under}))


def _keywords(corpus: Corpus) -> list[Keyword]:
    made: dict[str, Keyword] = {}
    for label in corpus.labels:
        slug = unique_slug(label, made)
        made[slug] = Keyword(slug, label, label.casefold())
    return list(made.values())


def _article(corpus: Corpus, names: Names, number: int) -> Article:
    draft = read(corpus.article(number).encode(), "seed.txt", _OPTIONS)
    blocks, pictures = _body(draft, number)
    return Article(
        id=names.urn("article", str(number)),
        page=addresses.article(draft.published, f"bai-{number}"),
        title=draft.title,
        published=draft.published,
        updated=draft.published + timedelta(hours=0 if number % EDITED else 5),
        blocks=blocks,
        summary=draft.summary,
        authors=draft.authors,
        declared=(),
        language=draft.language,
        pictures=pictures,
    )


def _body(draft: Draft, number: int) -> tuple[tuple[Block, ...], tuple[Picture, ...]]:
    blocks = draft.blocks if number % MARKED else tuple(map(_marked, draft.blocks))
    if number % PICTURED:
        return blocks, ()
    image = Block(BlockKind.IMAGE, "Ảnh", '<img src="anh.jpg" alt="Ảnh">')
    picture = Picture("anh.jpg", "image/jpeg", 48_000 + number, f"anh/{number}.jpg", 1)
    return (image, Block(BlockKind.CAPTION, draft.title), *blocks), (picture,)


def _marked(block: Block) -> Block:
    """A paragraph as Markdown would have it, with a link to another site and one within this."""
    words = block.text.split()
    if block.kind is not BlockKind.PARAGRAPH or len(words) < 12:
        return block
    words[1] = f"<em>{words[1]}</em>"
    words[3:5] = [f'<a href="https://example.com/?a=1&amp;b=2">{" ".join(words[3:5])}</a>']
    words[6] = f"<strong>{words[6]}</strong>"
    words[8:10] = [f'<a href="../tin-khac/">{" ".join(words[8:10])}</a>']
    return Block(block.kind, block.text, f"<p>{' '.join(words)}</p>")


def _change(article: Article) -> ArticleChange:
    weight = weight_of(article) + weight_of_labels(keyword.label for keyword in article.keywords)
    return ArticleChange(article, article.id, article.id, "added", weight)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
