"""A part of an edition as a mail: its subject, its HTML part and its text part."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html import escape
from itertools import accumulate
from secrets import token_hex
from typing import NamedTuple

import css_inline

from publisher import addresses
from publisher.config import Config, Digest
from publisher.model import Article, Edition, Part, Section
from publisher.render.templates import Templates, cut

BUDGET = 90_000
"""Bytes of HTML; Gmail cuts off what is beyond about 102 kB."""
ENCODED = 100_000
"""Octets of the same in quoted-printable: it is said that these do not count, and not said by Gmail."""
LEADS = (300, 200, 120, 0)
"""Characters of a lead where there is room, and where there is less."""
LONGEST_TITLE = 300
"""Characters of a title; it is cut behind them."""
_PLAIN = bytes(octet for octet in range(0x80) if octet != ord("="))
"""What quoted-printable leaves as it is."""
_SAMPLE = 50
"""Articles of the first rendering, from which the size of more is told."""
_TRIES = 4


class Links(NamedTuple):
    """What differs from reader to reader: addresses, or marks of any characters that are replaced later.

    `preferences` and `address` may be empty: the mail then says nothing of them.
    """

    unsubscribe: str
    preferences: str = ""
    address: str = ""


_PLACES = Links(*(f"place{token_hex(8)}" for _ in Links._fields))
"""Stand for the links until all is escaped, cleaned and inlined: no article can hold what nobody knows."""


class Shown(NamedTuple):
    """The articles of a section that there is room for, and how many more it has."""

    keyword: str
    label: str
    articles: tuple[Article, ...]
    more: int = 0


class _Fit(NamedTuple):
    """How much is shown: `lead` characters for each of the first `articles` articles."""

    lead: int
    articles: int


@dataclass(frozen=True)
class _Issue:
    """What both parts of one mail are made from; its sections hold what was not withdrawn since."""

    digest: Digest
    edition: Edition
    part: Part
    links: Links
    sections: tuple[Shown, ...]
    corrections: tuple[Article, ...]

    @cached_property
    def ranked(self) -> list[tuple[int, Article]]:
        """Every article with the number of its section: the first of each, then the second of each."""
        places = [
            (place, number, article)
            for number, section in enumerate(self.sections)
            for place, article in enumerate(section.articles)
        ]
        return [(number, article) for _, number, article in sorted(places, key=lambda item: item[:2])]

    @cached_property
    def since(self) -> datetime | None:
        """The date of its oldest article, where some come from editions before this one."""
        if {*self.edition.shown, *self.edition.omitted}.issuperset(self.part.shown):
            return None
        return min((article.published for _, article in self.ranked), key=datetime.timestamp, default=None)

    def shown(self, articles: int) -> list[Shown]:
        """The sections with the first `articles` of the ranking; those without any fall away."""
        room = [0] * len(self.sections)
        for number, _ in self.ranked[:articles]:
            room[number] += 1
        return [
            section._replace(articles=section.articles[:kept], more=len(section.articles) - kept)
            for section, kept in zip(self.sections, room, strict=True)
            if kept
        ]

    def weight(self, fit: _Fit) -> int:
        """About the bytes of what `fit` shows, without markup."""
        return sum(_weight(article, fit.lead) for _, article in self.ranked[: fit.articles])

    def fitting(self, room: int, markup: int) -> _Fit:
        """As much as fits into `room` bytes with `markup` bytes around each article: titles matter most."""
        for lead in LEADS:
            sizes = list(accumulate(markup + _weight(article, lead) for _, article in self.ranked))
            if sizes[-1] <= room:
                return _Fit(lead, len(sizes))
        return _Fit(0, bisect_right(sizes, room))


class DigestMail:
    """Composes mails. `listed` holds the slugs of the keywords that have a page."""

    def __init__(self, config: Config, templates: Templates, listed: Collection[str]) -> None:
        self._config = config
        self._templates = templates
        self._listed = listed
        # Media queries stay through data-css-inline="keep" in the template: keep_at_rules would put
        # them before the charset, which has to stand in the first 1,024 bytes.
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False)

    def subject(self, digest: Digest, edition_due: datetime, language: str = "") -> str:
        """The subject of the edition due at `edition_due`, on one line; an empty language is the site's."""
        templates = self._templates.speaking(language)
        made = templates.inline(digest.subject, digest=digest, edition={"date": edition_due})
        return " ".join(made.split())

    def subject_of(self, digest: Digest, edition: Edition, part: Part) -> str:
        """The edition's subject as it was recorded, or in the part's language where that is another.

        A part that holds nothing but corrections says so.
        """
        other = part.language not in ("", self._templates.language)
        subject = self.subject(digest, edition.due, part.language) if other else edition.subject
        if part.sections or not part.corrections:
            return subject
        marked = self._templates.speaking(part.language).render("mail/correction.txt", subject=subject)
        return " ".join(marked.split())

    def compose(
        self, digest: Digest, edition: Edition, part: Part, articles: Mapping[str, Article], links: Links
    ) -> tuple[str, str]:
        """The HTML part of at most `BUDGET` bytes, and the text part, which shows the same articles.

        Articles missing from `articles` were withdrawn. Where there is too much, all leads become
        shorter, then the last articles of the longest sections are only counted.
        """
        corrections = tuple(articles[key] for key in part.corrections if key in articles)
        issue = _Issue(digest, edition, part, links, tuple(_sections(part.sections, articles)), corrections)
        html, fit = self._fitted(issue)
        return _placed(html, [escape(link) for link in links]), _placed(
            self._fill("mail/digest.txt", issue, fit), links
        )

    def _fitted(self, issue: _Issue) -> tuple[str, _Fit]:
        """As much as the budget allows: two samples are measured, the rest is arithmetic."""
        whole = len(issue.ranked)
        fit = _Fit(LEADS[0], min(whole, _SAMPLE))
        html, size = self._html(issue, fit)
        if not whole or (fit.articles == whole and size <= BUDGET):
            return html, fit
        # The smaller sample has the headings of all sections, as the larger one has.
        less = _Fit(LEADS[0], min(len(issue.sections), fit.articles // 2))
        frame = self._html(issue, less)[1] - issue.weight(less)
        markup = _rounded_up(size - issue.weight(fit) - frame, fit.articles - less.articles)
        frame -= markup * less.articles
        for _ in range(_TRIES):
            fit = issue.fitting(BUDGET - frame, markup)
            html, size = self._html(issue, fit)
            if size <= BUDGET or not fit.articles:
                return html, fit
            markup = 1 + _rounded_up(size - issue.weight(fit) - frame, fit.articles)
        return self._halved(issue, fit)

    def _halved(self, issue: _Issue, fit: _Fit) -> tuple[str, _Fit]:
        """The last resort, for templates whose size has nothing to do with what they show."""
        html, size = self._html(issue, fit)
        while size > BUDGET and fit.articles:
            fit = _Fit(0, fit.articles // 2)
            html, size = self._html(issue, fit)
        return html, fit

    def _html(self, issue: _Issue, fit: _Fit) -> tuple[str, int]:
        html = self._inliner.inline(self._fill("mail/digest.html", issue, fit))
        return html, _size(html)

    def _fill(self, template: str, issue: _Issue, fit: _Fit) -> str:
        templates = self._templates.speaking(issue.part.language)
        shown = issue.shown(fit.articles)
        counted = sum(len(section.articles) + section.more for section in shown)
        return templates.render(
            template,
            site=self._config.site,
            digest=issue.digest,
            edition=issue.edition,
            subject=self.subject_of(issue.digest, issue.edition, issue.part),
            since=issue.since,
            sections=shown,
            corrections=issue.corrections,
            lead=fit.lead,
            longest_title=LONGEST_TITLE,
            more=issue.part.omitted + len(issue.ranked) - counted,
            whole=self._whole(issue),
            links=Links(*(place if link else "" for place, link in zip(_PLACES, issue.links, strict=True))),
            footer=self._config.mail.footer,
            language=templates.language,
            direction=templates.direction,
            url=self._url,
            listed=self._listed,
            addresses=addresses,
        )

    def _whole(self, issue: _Issue) -> str:
        """Where all of it can be read: the edition, the list of editions if it is of several, or nowhere."""
        if self._config.output.base != "full":
            return ""
        return self._url(addresses.digest(issue.digest.name) if issue.since else issue.edition.page)

    def _url(self, path: str) -> str:
        return addresses.absolute(self._config.site.url, path)


def _sections(sections: tuple[Section, ...], articles: Mapping[str, Article]) -> Iterator[Shown]:
    """The sections with what is left of them."""
    for section in sections:
        left = tuple(articles[id] for id in section.articles if id in articles)
        if left:
            yield Shown(section.keyword, section.label, left)


def _weight(article: Article, lead: int) -> int:
    text = cut(article.summary, lead) if lead else ""
    return _size(f"{article.title[:LONGEST_TITLE]}{article.page}{text}")


def _size(text: str) -> int:
    """What it takes of the budget: its bytes, or those of quoted-printable (RFC 2045, section 6.7) if they are more."""
    raw = text.encode()
    encoded = len(raw) + raw.count(b"\n") + 2 * len(raw.translate(None, _PLAIN))
    with_soft_breaks = encoded + encoded // 25
    return max(len(raw), with_soft_breaks * BUDGET // ENCODED)


def _placed(text: str, links: Iterable[str]) -> str:
    for place, link in zip(_PLACES, links, strict=True):
        text = text.replace(place, link)
    return text


def _rounded_up(total: int, by: int) -> int:
    return -(-total // by)
