"""Mails of made-up local news (`cases/mail/news.toml`), for tests and for the pictures of the documentation."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from publisher import addresses
from publisher.config import Config, Digest, Mail, Site
from publisher.keywords import slugify
from publisher.model import Article, Edition, Filing, Keyword, KeywordSource, Part, Section
from publisher.render.digest import DigestMail, Links
from publisher.render.templates import Templates

NEWS = Path(__file__).parent / "cases" / "mail" / "news.toml"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DUE = datetime(2026, 11, 22, 6, 0, tzinfo=ZONE)
DIGEST = Digest(name="daily", title="Tin sáng Kiến An")
CONFIG = Config(
    site=Site(title="Bản tin Kiến An", url="https://news.example.org/"),
    mail=Mail(
        sender="Bản tin Kiến An <news@example.org>",
        footer="Bản tin Kiến An, 2 Cao Toàn, phường Kiến An, Hải Phòng",
    ),
    digest=(DIGEST,),
)
LINKS = Links(
    "https://reader.example.org/unsubscribe/kx3v9",
    "https://reader.example.org/preferences/kx3v9",
    "mai@example.com",
)


class Sample(NamedTuple):
    """What a mail is composed of."""

    edition: Edition
    part: Part
    articles: Mapping[str, Article]

    def composed(self, links: Links = LINKS, config: Config = CONFIG) -> tuple[str, str]:
        """Its HTML and its text."""
        templates = Templates(None, config.site.language, ZONE)
        mail = DigestMail(config, templates, {filing.slug for filing in self._keywords()})
        return mail.compose(DIGEST, self.edition, self.part, self.articles, links)

    def _keywords(self) -> Iterator[Keyword]:
        for article in self.articles.values():
            yield from article.keywords


def sample(language: str, count: int) -> Sample:
    """A mail of `count` articles under their keywords; the edition is that of the day."""
    articles = {article.id: article for article in islice(_articles(language), count)}
    placed: dict[tuple[str, str], list[str]] = {}
    for article in articles.values():
        best = article.keywords[0] if article.keywords else Keyword("", "", "")
        placed.setdefault((best.slug, best.label), []).append(article.id)
    sections = tuple(Section(slug, label, tuple(ids)) for (slug, label), ids in placed.items())
    page = addresses.edition(DIGEST.name, DUE, timed=False)
    subject = f"{DIGEST.title}: 22 tháng 11, 2026"
    edition = Edition("urn:e", DIGEST.name, page, subject, DUE, DUE, sections)
    return Sample(edition, Part("p", edition.id, language, sections), articles)


def _articles(language: str) -> Iterator[Article]:
    with NEWS.open("rb") as file:
        news = tomllib.load(file)
    wards = cycle(news["wards"])
    for number, told in enumerate(cycle(news[language])):
        ward = next(wards)
        title = told["title"].format(ward=ward)
        published = datetime.fromisoformat(told["at"]).replace(tzinfo=ZONE)
        labels = [label for label in (told["keyword"], *told.get("also", ())) if label]
        yield Article(
            id=f"urn:a{number}",
            page=addresses.article(published, f"{slugify(title)}-{number}"),
            title=title,
            published=published,
            updated=published,
            blocks=(),
            summary=told["lead"].format(ward=ward),
            authors=(),
            declared=(),
            language=language,
            filings=tuple(
                Filing(Keyword(slugify(label), label, label.lower()), KeywordSource.TOPIC) for label in labels
            ),
        )
