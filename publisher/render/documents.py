"""Document → bytes: the table from what a file is to who makes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lxml import etree

from publisher import addresses
from publisher.config import Config, Digest
from publisher.errors import RenderError
from publisher.model import Article, Document, DocumentKind, Edition, Keyword, KeywordCount, Listing
from publisher.render.blocks import to_html
from publisher.render.feeds import FORMATS, Channel, Entry
from publisher.render.feeds.entry import Category
from publisher.render.feeds.feedgen_door import EPOCH
from publisher.render.feeds.opml import Outline
from publisher.render.feeds.opml import document as opml_document
from publisher.render.pages import Pages
from publisher.render.templates import Templates

Fetch = Callable[[Sequence[str]], Mapping[str, Article]]


class Renderer:
    """Makes the files of one run. Articles come through `fetch`; an entry is serialised once."""

    def __init__(
        self,
        config: Config,
        templates: Templates,
        fetch: Fetch,
        *,
        counts: Sequence[KeywordCount],
        editions: Sequence[Edition],
        withdrawn: Mapping[str, Listing],
        feed_id: Callable[[str], str],
        order: Callable[[str], Any],
    ) -> None:
        self._config, self._templates, self._fetch = config, templates, fetch
        self._counts = counts
        self._keywords: dict[str, Keyword] = {count.keyword.slug: count.keyword for count in counts}
        self._numbers = {count.keyword.slug: count.count for count in counts}
        self._editions, self._withdrawn = editions, withdrawn
        self._feed_id, self._order = feed_id, order
        self._pages = Pages(config, templates, frozenset(self._keywords))
        self._entries: dict[tuple[str, str], bytes] = {}
        self._changed: dict[str, datetime] = {}

    def render(self, document: Document) -> bytes:
        """The bytes of a document (`publisher.errors.RenderError` where it cannot be made)."""
        made = self._make(document)
        _check(document.path, made)
        return made

    def _make(self, document: Document) -> bytes:
        match document.kind:
            case DocumentKind.SITE_FEED | DocumentKind.KEYWORD_FEED:
                return self._feed(document)
            case DocumentKind.DIGEST_FEED:
                return self._digest_feed(document)
            case DocumentKind.OPML:
                return self._opml()
            case _:
                return self._page(document).encode()

    def _page(self, document: Document) -> str:
        pages, articles = self._pages, self._articles(document)
        match document.kind:
            case DocumentKind.STYLE:
                return pages.style()
            case DocumentKind.ARTICLE:
                return pages.article(articles[0])
            case DocumentKind.WITHDRAWN:
                return pages.withdrawn(self._withdrawn[document.subject])
            case DocumentKind.KEYWORD:
                keyword = self._keywords[document.subject]
                return pages.keyword(keyword, articles, self._numbers[keyword.slug])
            case DocumentKind.KEYWORDS:
                return pages.keywords(self._sorted_counts())
            case DocumentKind.INDEX:
                return pages.index(articles, self._counts, self._config.digest)
            case DocumentKind.DIGEST:
                return pages.digest(self._digest(document.subject), self._editions_of(document.subject))
            case _:
                edition = next(edition for edition in self._editions if edition.id == document.subject)
                return pages.edition(self._digest(edition.digest), edition, {a.id: a for a in articles})

    def _articles(self, document: Document) -> list[Article]:
        found = self._fetch(document.articles)
        return [found[identity] for identity in document.articles if identity in found]

    def _sorted_counts(self) -> list[KeywordCount]:
        return sorted(self._counts, key=lambda count: self._order(count.keyword.label))

    def _digest(self, name: str) -> Digest:
        return next(digest for digest in self._config.digest if digest.name == name)

    def _editions_of(self, name: str) -> list[Edition]:
        return [edition for edition in reversed(self._editions) if edition.digest == name]

    def _url(self, path: str) -> str:
        return addresses.absolute(self._config.site.url, path)

    def _feed(self, document: Document) -> bytes:
        form, slug = FORMATS[document.form], document.subject
        missing = [key for key in document.articles if (document.form, key) not in self._entries]
        for article in self._fetch(missing).values():
            self._entries[document.form, article.id] = form.entry(self._entry(article))
            self._changed[article.id] = article.updated
        carried = [key for key in document.articles if (document.form, key) in self._entries]
        site = self._config.site
        title = f"{self._keywords[slug].label} · {site.title}" if slug else site.title
        updated = max((self._changed[key] for key in carried), default=EPOCH)
        folder = addresses.keyword(slug) if slug else ""
        channel = self._channel(document.path, folder, title, updated)
        return form.document(channel, [self._entries[document.form, key] for key in carried])

    def _channel(self, path: str, folder: str, title: str, updated: datetime) -> Channel:
        site = self._config.site
        return Channel(
            id=self._feed_id(folder or "site"),
            title=title,
            description=site.description or title,
            url=self._url(path),
            page=self._url(folder),
            language=site.language,
            author=site.author or site.title,
            updated=updated,
        )

    def _entry(self, article: Article) -> Entry:
        url = self._url(article.page)
        full = self._config.feeds.content == "full"
        scheme = self._url(addresses.KEYWORDS)
        return Entry(
            id=article.id,
            url=url,
            title=article.title,
            published=article.published,
            updated=article.updated,
            summary=article.summary,
            html=to_html(article.blocks, url) if full else "",
            authors=article.authors,
            categories=tuple(Category(k.slug, k.label, scheme) for k in article.keywords),
            language=article.language or self._config.site.language,
        )

    def _digest_feed(self, document: Document) -> bytes:
        digest, form = self._digest(document.subject), FORMATS["atom"]
        editions = self._editions_of(digest.name)[: self._config.feeds.items]
        entries = [form.entry(self._edition_entry(edition)) for edition in editions]
        updated = max(
            (edition.recorded.astimezone(edition.due.tzinfo) for edition in editions), default=EPOCH
        )
        folder = addresses.digest(digest.name)
        title = f"{digest.title} · {self._config.site.title}"
        return form.document(self._channel(document.path, folder, title, updated), entries)

    def _edition_entry(self, edition: Edition) -> Entry:
        labels = [section.label for section in edition.sections if section.label]
        return Entry(
            id=edition.id,
            url=self._url(edition.page),
            title=edition.subject,
            published=edition.due,
            updated=max(edition.recorded, edition.due).astimezone(edition.due.tzinfo),
            summary=" · ".join(labels),
            html="",
            authors=(),
            categories=(),
            language=self._config.site.language,
        )

    def _opml(self) -> bytes:
        site = self._config.site
        groups = [(site.title, self._outlines(site.title, ""))]
        keywords = [count.keyword for count in self._sorted_counts()]
        lines = [line for k in keywords for line in self._outlines(k.label, addresses.keyword(k.slug))]
        groups.append((self._word("Keywords"), lines))
        if self._config.output.base == "full" and self._config.digest:
            folders = [(digest.title, addresses.digest(digest.name)) for digest in self._config.digest]
            digests = [Outline(t, self._url(addresses.feed(f, "atom")), self._url(f)) for t, f in folders]
            groups.append((self._word("Digests"), digests))
        return opml_document(site.title, groups)

    def _word(self, word: str) -> str:
        return self._templates.inline("{{ _(word) }}", word=word)

    def _outlines(self, title: str, folder: str) -> list[Outline]:
        names = {"rss": "RSS", "atom": "Atom", "json": "JSON"}
        every: tuple[str, ...] = self._config.feeds.formats
        forms = [form for form in every if form != "json"] or ["json"]
        return [
            Outline(f"{title} ({names[form]})", self._url(addresses.feed(folder, form)), self._url(folder))
            for form in forms
        ]


def _check(path: str, made: bytes) -> None:
    """Parse a feed document back: one that would not parse must not replace one that does."""
    try:
        if path.endswith((".rss", ".atom", ".opml")):
            etree.fromstring(made, etree.XMLParser(resolve_entities=False, huge_tree=True))
        elif path.endswith(".json"):
            json.loads(made)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RenderError(f"{path}: the document would not parse: {error}") from error
