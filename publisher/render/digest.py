"""An edition as a mail: its subject, its HTML part and its text part."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import css_inline

from publisher import addresses
from publisher.config import Config, Digest
from publisher.model import Article, Edition
from publisher.render.pages import ShownSection, shown_sections
from publisher.render.templates import Templates

BUDGET = 90_000
"""Bytes of HTML; Gmail cuts off what is beyond about 102 kB."""
LEAD = 300
"""Characters of a lead where there is room."""


class _Fit(NamedTuple):
    """How much of an edition is shown: `lead` characters for each of the first `articles` articles."""

    lead: int
    articles: int

    def shorter(self, size: int) -> _Fit:
        """The next to try where this one made `size` bytes: leads go first, titles matter more."""
        if self.lead:
            return self._replace(lead=LEAD // 2 if self.lead == LEAD else 0)
        return self._replace(articles=min(self.articles - 1, self.articles * BUDGET // size))


class _Issue(NamedTuple):
    """What both parts of one mail are made from."""

    digest: Digest
    edition: Edition
    sections: list[ShownSection]
    unsubscribe: str

    @property
    def articles(self) -> int:
        return _count(self.sections)


class DigestMail:
    """Composes the mail of an edition. `listed` holds the slugs of the keywords that have a page."""

    def __init__(self, config: Config, templates: Templates, listed: Collection[str]) -> None:
        self._config = config
        self._templates = templates
        self._listed = listed
        # Media queries stay through data-css-inline="keep" in the template: keep_at_rules would put
        # them before the charset, which has to stand in the first 1,024 bytes.
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False)

    def subject(self, digest: Digest, edition_due: datetime) -> str:
        """The subject of the edition due at `edition_due`, on one line."""
        made = self._templates.inline(digest.subject, digest=digest, edition={"date": edition_due})
        return " ".join(made.split())

    def compose(
        self, digest: Digest, edition: Edition, articles: Mapping[str, Article], unsubscribe: str
    ) -> tuple[str, str]:
        """The HTML part of at most `BUDGET` bytes, and the text part, which shows the same articles."""
        issue = _Issue(digest, edition, shown_sections(edition, articles), unsubscribe)
        fit = _Fit(LEAD, issue.articles)
        html = self._html(issue, fit)
        while (size := len(html.encode())) > BUDGET and fit.articles:
            fit = fit.shorter(size)
            html = self._html(issue, fit)
        return html, self._fill("mail/digest.txt", issue, fit)

    def _html(self, issue: _Issue, fit: _Fit) -> str:
        return self._inliner.inline(self._fill("mail/digest.html", issue, fit))

    def _fill(self, template: str, issue: _Issue, fit: _Fit) -> str:
        shown = list(_first(issue.sections, fit.articles))
        return self._templates.render(
            template,
            site=self._config.site,
            digest=issue.digest,
            edition=issue.edition,
            unsubscribe=issue.unsubscribe,
            sections=shown,
            lead=fit.lead,
            more=len(issue.edition.omitted) + issue.articles - _count(shown),
            url=self._url,
            listed=self._listed,
            addresses=addresses,
        )

    def _url(self, path: str) -> str:
        return addresses.absolute(self._config.site.url, path)


def _count(sections: Sequence[ShownSection]) -> int:
    return sum(len(section.articles) for section in sections)


def _first(sections: list[ShownSection], limit: int) -> Iterator[ShownSection]:
    """The sections with only the first `limit` articles of the edition."""
    for section in sections:
        kept = section.articles[:limit]
        limit -= len(kept)
        if kept:
            yield section._replace(articles=kept)
