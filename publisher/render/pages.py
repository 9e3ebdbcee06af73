"""The plain pages of the site: one method for each kind of page, each a whole document."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from publisher import addresses
from publisher.config import Config, Digest
from publisher.model import Article, Edition, Keyword, KeywordCount, Listing
from publisher.render.blocks import html_of
from publisher.render.templates import Templates

_FEED_NAMES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}


class FeedLink(NamedTuple):
    """A feed as a page announces it: `href` is absolute."""

    type: str
    name: str
    title: str
    href: str


class ShownSection(NamedTuple):
    """A section of an edition without the articles that were withdrawn since; `keyword` is a slug."""

    keyword: str
    label: str
    articles: tuple[Article, ...]


def shown_sections(edition: Edition, articles: Mapping[str, Article]) -> list[ShownSection]:
    """What is left to show of an edition: withdrawn articles and sections emptied by them fall away."""
    sections = (
        ShownSection(
            section.keyword, section.label, tuple(articles[id] for id in section.articles if id in articles)
        )
        for section in edition.sections
    )
    return [section for section in sections if section.articles]


class Pages:
    """Makes pages as text. `listed` holds the slugs of the keywords that have a page of their own."""

    def __init__(self, config: Config, templates: Templates, listed: Collection[str]) -> None:
        self._config = config
        self._templates = templates
        self._listed = listed

    def index(
        self, articles: Sequence[Article], keywords: Sequence[KeywordCount], digests: Sequence[Digest]
    ) -> str:
        """The front page: the newest articles in the given order, keywords and newsletters."""
        return self._page("index.html", "", articles=articles, counts=keywords, digests=digests)

    def article(self, article: Article) -> str:
        """The page of an article, its whole text on it."""
        body = html_of(article, self._url(article.page))
        return self._page(
            "article.html", article.page, article=article, body=body, standfirst=_standfirst(article)
        )

    def withdrawn(self, listing: Listing) -> str:
        """What stands in place of an article whose seed is gone."""
        return self._page("withdrawn.html", listing.page, listing=listing)

    def keyword(self, keyword: Keyword, articles: Sequence[Article], count: int) -> str:
        """The page of a keyword: its newest articles, and how many there are in all."""
        page = addresses.keyword(keyword.slug)
        feeds = self._feeds(page, keyword.label, self._config.feeds.formats)
        return self._page("keyword.html", page, feeds, keyword=keyword, articles=articles, count=count)

    def keywords(self, counts: Sequence[KeywordCount]) -> str:
        """The list of all keywords, in the given order."""
        return self._page("keywords.html", addresses.KEYWORDS, counts=counts)

    def digest(self, digest: Digest, editions: Sequence[Edition]) -> str:
        """The page of a newsletter: its editions in the given order."""
        page = addresses.digest(digest.name)
        return self._page("digest.html", page, self._editions_feed(digest), digest=digest, editions=editions)

    def edition(self, digest: Digest, edition: Edition, articles: Mapping[str, Article]) -> str:
        """One edition to read in a browser; articles missing from `articles` were withdrawn."""
        return self._page(
            "edition.html",
            edition.page,
            self._editions_feed(digest),
            digest=digest,
            edition=edition,
            sections=shown_sections(edition, articles),
        )

    def style(self) -> str:
        """The one style sheet."""
        return self._templates.render(addresses.STYLE)

    def _page(self, template: str, page: str, feeds: Sequence[FeedLink] = (), **context: object) -> str:
        return self._templates.render(
            template,
            site=self._config.site,
            newsletters=self._config.digest,
            listed=self._listed,
            canonical=self._url(page),
            own_feeds=feeds,
            site_feeds=self._feeds("", "", self._config.feeds.formats),
            to=_way_from(page),
            addresses=addresses,
            **context,
        )

    def _feeds(self, folder: str, about: str, forms: Sequence[str]) -> list[FeedLink]:
        title = f"{about} – {self._config.site.title}" if about else self._config.site.title
        return [
            FeedLink(
                addresses.FEED_TYPES[form],
                _FEED_NAMES[form],
                f"{title} ({_FEED_NAMES[form]})",
                self._url(addresses.feed(folder, form)),
            )
            for form in forms
        ]

    def _editions_feed(self, digest: Digest) -> list[FeedLink]:
        """Editions have a feed in one format, whatever the formats of the articles' feeds."""
        return self._feeds(addresses.digest(digest.name), digest.title, ["atom"])

    def _url(self, path: str) -> str:
        return addresses.absolute(self._config.site.url, path)


def _way_from(page: str) -> Callable[[str], str]:
    """Relative links, so that the tree can be read from a disk and under any address."""
    root = addresses.root_from(page)
    return lambda path: root + quote(path) or "./"


def _standfirst(article: Article) -> str:
    """The summary, unless the body says the same words: most summaries are its first paragraph."""
    words = " ".join(article.summary.rstrip("… .").split())
    body = " ".join(" ".join(block.text for block in article.blocks).split())
    return "" if words in body else article.summary
