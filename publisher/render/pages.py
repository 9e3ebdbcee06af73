"""The plain pages of the site: one method for each kind of page, each a whole document."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

from publisher import addresses
from publisher.config import Config, Digest
from publisher.model import Article, Chain, Edition, Feed, Keyword, KeywordCount, Listing
from publisher.render.blocks import html_of
from publisher.render.templates import Templates

_FEED_NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}
"""The formats as people know them, the one to take in doubt first."""


class FeedLink(NamedTuple):
    """A feed in one format as a page announces it: `href` is absolute."""

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
        self._made_once: dict[tuple[object, ...], str] = {}
        web = config.web.url if config.digest else ""
        self._subscribe = addresses.absolute(web, addresses.SUBSCRIBE) if web else ""

    def index(
        self,
        articles: Sequence[Article],
        keywords: Sequence[KeywordCount],
        digests: Sequence[Digest],
        feed: Feed,
    ) -> str:
        """The front page: the newest articles in the given order, keywords, newsletters, the site's feed."""
        return self._feed_page("index.html", feed, articles, counts=keywords, digests=digests)

    def article(self, article: Article) -> str:
        """The page of an article, its whole text on it."""
        body = html_of(article, self._url(article.page))
        return self._page(
            "article.html",
            article.page,
            self._keyword_links(article),
            article=article,
            body=body,
            standfirst=_standfirst(article),
        )

    def withdrawn(self, listing: Listing) -> str:
        """What stands in place of an article whose seed is gone."""
        return self._page("withdrawn.html", listing.page, listing=listing)

    def keyword(self, keyword: Keyword, articles: Sequence[Article], feed: Feed) -> str:
        """The page of a keyword: its newest articles, how many there are in all, and its feed."""
        return self._feed_page("keyword.html", feed, articles, keyword=keyword)

    def moved(self, feed: Feed, page: str) -> str:
        """What stands at an address that the feed of a keyword left: browsers go on to the new one by themselves."""
        return self._page("moved.html", page, self._links(feed), feed=feed, target=self._url(feed.folder))

    def combined(self, feed: Feed, articles: Sequence[Article]) -> str:
        """The page of a feed of several keywords: its newest articles."""
        return self._feed_page("combined.html", feed, articles)

    def archive(self, feed: Feed, chain: Chain, articles: Sequence[Article]) -> str:
        """The page of a past month of a feed, between those of older and newer ones."""
        places = {addresses.place(other): other for other in feed.archives}
        return self._page(
            "archive.html",
            addresses.place(chain),
            self._links(feed),
            feed=feed,
            chain=chain,
            articles=articles,
            older=places.get(chain.previous or ""),
            newer=places.get(chain.next or ""),
        )

    def feeds(self, catalogue: Sequence[Feed], digests: Sequence[Digest]) -> str:
        """The list of every feed there is, in the given order, and how to subscribe to one."""
        return self._page(
            "feeds.html",
            addresses.FEEDS,
            catalogue=catalogue,
            digests=digests,
            links=self._links,
            editions_links=self._editions_links,
            opml=self._url(addresses.OPML),
        )

    def keywords(self, counts: Sequence[KeywordCount]) -> str:
        """The list of all keywords, in the given order."""
        return self._page("keywords.html", addresses.KEYWORDS, counts=counts)

    def digest(self, digest: Digest, editions: Sequence[Edition]) -> str:
        """The page of a newsletter: its editions in the given order."""
        page = addresses.digest(digest.name)
        return self._page("digest.html", page, self._editions_links(digest), digest=digest, editions=editions)

    def edition(self, digest: Digest, edition: Edition, articles: Mapping[str, Article]) -> str:
        """One edition to read in a browser; articles missing from `articles` were withdrawn."""
        return self._page(
            "edition.html",
            edition.page,
            self._editions_links(digest),
            digest=digest,
            edition=edition,
            sections=shown_sections(edition, articles),
            corrections=[articles[key] for key in edition.corrections if key in articles],
        )

    def reader(self, template: str, page: str, **context: object) -> str:
        """A page that is made when it is asked for, in the language of the templates; nobody else sees it."""
        return self._page(template, page, (), **context)

    def _feed_page(self, template: str, feed: Feed, articles: Sequence[Article], **context: object) -> str:
        return self._page(
            template,
            feed.folder,
            self._links(feed),
            feed=feed,
            articles=articles,
            years=_years(feed.archives),
            **context,
        )

    def _page(self, template: str, page: str, own: Sequence[FeedLink] = (), **context: object) -> str:
        way = _way_from(page)
        return self._templates.render(
            template,
            site=self._config.site,
            language=self._templates.language,
            newsletters=self._config.digest,
            pages=self._config.output.base == "full",
            listed=self._listed,
            subscribe_url=self._subscribe,
            canonical=self._url(page),
            own_feeds=own,
            site_feeds=self._site_feeds,
            by_preference=_by_preference,
            to=way,
            once=partial(self._once, way),
            addresses=addresses,
            **context,
        )

    def _once(self, *key: object, caller: Callable[[], str]) -> str:
        """What a template calls alike for all pages of a depth, by a name of its own."""
        made = self._made_once.get(key)
        if made is None:
            made = self._made_once[key] = caller()
        return made

    def _keyword_links(self, article: Article) -> list[FeedLink]:
        """The feeds of an article's keywords, one format of each: readers ask which to take."""
        form = next(form for form in _FEED_NAMES if form in self._config.feeds.formats)
        site = self._config.site.title
        return [
            link
            for keyword in article.keywords
            if keyword.slug in self._listed
            for link in self._forms(addresses.keyword(keyword.slug), f"{keyword.label} · {site}", [form])
        ]

    def _links(self, feed: Feed) -> list[FeedLink]:
        return self._forms(feed.folder, feed.title, self._config.feeds.formats)

    def _editions_links(self, digest: Digest) -> list[FeedLink]:
        """Editions have a feed in one format, whatever the formats of the articles' feeds."""
        title = f"{digest.title} · {self._config.site.title}"
        return self._forms(addresses.digest(digest.name), title, ["atom"])

    def _forms(self, folder: str, title: str, forms: Sequence[str]) -> list[FeedLink]:
        return [
            FeedLink(
                addresses.FEED_TYPES[form],
                _FEED_NAMES[form],
                f"{title} ({_FEED_NAMES[form]})",
                self._url(addresses.feed(folder, form)),
            )
            for form in forms
        ]

    @cached_property
    def _site_feeds(self) -> list[FeedLink]:
        return self._forms("", self._config.site.title, self._config.feeds.formats)

    def _url(self, path: str) -> str:
        return addresses.absolute(self._config.site.url, path)


def _way_from(page: str) -> Callable[[str], str]:
    """Relative links, so that the tree can be read from a disk and under any address."""
    return _way(addresses.root_from(page))


@lru_cache(maxsize=64)
def _way(root: str) -> Callable[[str], str]:
    # Nearly every link of a page stands on its neighbours too.
    return lru_cache(maxsize=4096)(lambda path: root + quote(path) or "./")


def _years(archives: Sequence[Chain]) -> list[tuple[str, list[Chain]]]:
    """Archived months by year, the newest first."""
    years = groupby(reversed(archives), key=lambda chain: chain.month[:4])
    return [(year, list(chains)) for year, chains in years]


def _by_preference(links: Sequence[FeedLink]) -> list[FeedLink]:
    """The formats of a feed, the one to take in doubt first."""
    return sorted(links, key=lambda link: list(_FEED_NAMES.values()).index(link.name))


def _standfirst(article: Article) -> str:
    """The summary, unless the body says the same words: most summaries are its first paragraph."""
    words = " ".join(article.summary.rstrip("… .").split())
    if article.blocks and words in article.blocks[0].text:  # most are, and then the rest needs no look
        return ""
    body = " ".join(" ".join(block.text for block in article.blocks).split())
    return "" if words in body else article.summary
