"""Document → bytes: the table from what a file is to who makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lxml import etree

from publisher import addresses
from publisher.config import Config, Digest
from publisher.errors import RenderError, SeedError
from publisher.model import Article, Document, DocumentKind, Edition, Feed, Keyword, KeywordCount, Listing
from publisher.render.feeds import opml
from publisher.render.feeds.maker import FeedMaker
from publisher.render.pages import Pages
from publisher.render.templates import Templates

Fetch = Callable[[Sequence[str]], Mapping[str, Article]]


class Renderer:
    """Makes the files of one run. Articles come through `fetch`, pictures beside seeds through `picture`.

    Lists do without the blocks of their articles, which come through `outlines`. `coming` are the documents that
    will be asked for, in about that order.
    """

    def __init__(
        self,
        config: Config,
        templates: Templates,
        fetch: Fetch,
        outlines: Fetch,
        *,
        counts: Sequence[KeywordCount],
        catalogue: Sequence[Feed],
        editions: Sequence[Edition],
        withdrawn: Mapping[str, Listing],
        feed_id: Callable[[str], str],
        order: Callable[[str], Any],
        picture: Callable[[str], bytes],
        coming: Sequence[Document],
    ) -> None:
        self._config, self._templates = config, templates
        self._fetch, self._outlines = fetch, outlines
        self._counts, self._catalogue = counts, catalogue
        self._keywords: dict[str, Keyword] = {count.keyword.slug: count.keyword for count in counts}
        self._editions, self._withdrawn = editions, withdrawn
        self._order, self._picture = order, picture
        self._pages = Pages(config, templates, frozenset(self._keywords))
        self._feeds = FeedMaker(config, fetch, feed_id, self._note, coming)

    @property
    def faults(self) -> Mapping[str, str]:
        """Why articles were left out of the feeds that were made so far, by id."""
        return self._feeds.faults

    def render(self, document: Document) -> bytes:
        """The bytes of a document (`publisher.errors.RenderError` where it cannot be made)."""
        match document.kind:
            case DocumentKind.ASSET:
                return self._asset(document.path)
            case DocumentKind.PICTURE:
                return self._copied(document.subject)
            case DocumentKind.FEED | DocumentKind.ARCHIVE:
                return self._feeds.checked(document)
            case DocumentKind.DIGEST_FEED:
                return self._digest_feed(document)
            case DocumentKind.OPML:
                return self._opml()
            case _:
                return self._page(document).encode()

    def _note(self) -> str:
        return self._templates.render("feed.txt").strip()

    def _asset(self, path: str) -> bytes:
        """A style sheet is a template, for it says things to people; any other file goes as it is."""
        if path.endswith(".css"):
            return self._templates.render(path).encode()
        return self._templates.file(path)

    def _copied(self, source: str) -> bytes:
        try:
            return self._picture(source)
        except SeedError as error:
            raise RenderError(f"{source}: {error.reason}") from error

    def _page(self, document: Document) -> str:
        pages = self._pages
        fetch = self._fetch if document.kind is DocumentKind.ARTICLE else self._outlines
        found = fetch(document.articles)
        articles = [found[identity] for identity in document.articles if identity in found]
        if document.feed:
            return self._feed_page(document, document.feed, articles)
        match document.kind:
            case DocumentKind.ARTICLE:
                return pages.article(articles[0])
            case DocumentKind.WITHDRAWN:
                return pages.withdrawn(self._withdrawn[document.subject])
            case DocumentKind.KEYWORDS:
                return pages.keywords(
                    sorted(self._counts, key=lambda count: self._order(count.keyword.label))
                )
            case DocumentKind.FEEDS:
                return pages.feeds(self._sorted_catalogue(), self._config.digest)
            case DocumentKind.DIGEST:
                return pages.digest(self._digest(document.subject), self._editions_of(document.subject))
            case _:
                edition = next(edition for edition in self._editions if edition.id == document.subject)
                return pages.edition(self._digest(edition.digest), edition, {a.id: a for a in articles})

    def _feed_page(self, document: Document, feed: Feed, articles: list[Article]) -> str:
        match document.kind:
            case DocumentKind.KEYWORD:
                return self._pages.keyword(self._keywords[document.subject], articles, feed)
            case DocumentKind.MOVED:
                return self._pages.moved(feed, document.path)
            case DocumentKind.COMBINED:
                return self._pages.combined(feed, articles)
            case DocumentKind.INDEX:
                return self._pages.index(articles, self._counts, self._config.digest, feed)
            case _ if document.chain:
                return self._pages.archive(feed, document.chain, articles)
            case _:
                raise ValueError(f"no page of a feed: {document.path}")

    def _sorted_catalogue(self) -> list[Feed]:
        """The site's feed, those of several keywords as configured, then keywords by the alphabet."""
        keywords = [feed for feed in self._catalogue if feed.folder.startswith(addresses.KEYWORDS)]
        others = [feed for feed in self._catalogue if not feed.folder.startswith(addresses.KEYWORDS)]
        return others + sorted(keywords, key=lambda feed: self._order(feed.label))

    def _digest(self, name: str) -> Digest:
        return next(digest for digest in self._config.digest if digest.name == name)

    def _editions_of(self, name: str) -> list[Edition]:
        return [edition for edition in reversed(self._editions) if edition.digest == name]

    def _digest_feed(self, document: Document) -> bytes:
        digest = self._digest(document.subject)
        editions = self._editions_of(digest.name)[: self._config.feeds.items]
        return self._feeds.digest_feed(document, f"{digest.title} · {self._config.site.title}", editions)

    def _opml(self) -> bytes:
        site, every = self._config.site, self._sorted_catalogue()
        folders = (addresses.FEEDS, addresses.KEYWORDS)
        groups = [
            (site.title, [self._outline(feed) for feed in every if not feed.folder.startswith(folders)])
        ]
        for folder, name in zip(
            folders, (self._word("Feeds of several keywords"), self._word("Keywords")), strict=True
        ):
            groups.append((name, [self._outline(feed) for feed in every if feed.folder.startswith(folder)]))
        if self._config.output.base == "full":
            digests = [
                self._outline(Feed(addresses.digest(d.name), d.title, d.title), "atom")
                for d in self._config.digest
            ]
            groups.append((self._word("Newsletters"), digests))
        try:
            made = opml.document(site.title, site.author, [group for group in groups if group[1]])
            etree.fromstring(made, etree.XMLParser(resolve_entities=False))
        except (etree.XMLSyntaxError, ValueError) as error:  # lxml refuses characters with a ValueError
            raise RenderError(f"{addresses.OPML}: the document would not parse: {error}") from error
        return made

    def _outline(self, feed: Feed, form: str = "") -> opml.Outline:
        """One line for each feed, whatever its formats: who imports the list should see articles once."""
        form = form or next(form for form in ("atom", "rss", "json") if form in self._config.feeds.formats)
        xml = addresses.absolute(self._config.site.url, addresses.feed(feed.folder, form))
        return opml.Outline(
            feed.label, feed.description, xml, addresses.absolute(self._config.site.url, feed.folder)
        )

    def _word(self, word: str) -> str:
        return self._templates.inline("{{ _(word) }}", word=word)
