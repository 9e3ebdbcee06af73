"""Articles × rules → articles filed under keywords that have slugs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from publisher.keywords import Rules, unique_slug
from publisher.model import Article, Filing, Keyword, KeywordSource, Subject


class Filer:
    """Files articles; gives new keywords their slugs and remembers which labels changed.

    `labels` are those of keywords by key, as they are after the run.
    """

    def __init__(self, rules: Rules, keywords: dict[str, Keyword]) -> None:
        self._rules = rules
        self._by_key = {keyword.key: keyword for keyword in keywords.values()}
        self._slugs = set(keywords)
        self.labels: Mapping[str, str] = {}
        self.changed: dict[str, Keyword] = {}
        self._filings: dict[tuple[object, ...], Filing] = {}

    def file(self, article: Article, subjects: Iterable[Subject]) -> Article:
        """The article under the keywords of its subjects, the best first."""
        filings: dict[str, Filing] = {}
        for subject in subjects:
            keyword = self.keyword(subject.label)
            spelling = subject.label if subject.label != keyword.label else ""
            filings.setdefault(
                keyword.slug, self._once(Filing(keyword, subject.source, subject.score, spelling))
            )
        return replace(article, filings=tuple(filings.values()))

    def _once(self, filing: Filing) -> Filing:
        """The same as one object for all articles; only what was found in a text has a score of its own."""
        key = (filing.keyword.slug, filing.keyword.label, filing.source, filing.score, filing.spelling)
        return filing if filing.source is KeywordSource.FOUND else self._filings.setdefault(key, filing)

    def keyword(self, spelling: str) -> Keyword:
        """The keyword of a spelling, by the label that `labels` give it."""
        key = self._rules.key_of(spelling)
        known, label = self._by_key.get(key), self.labels.get(key, spelling)
        if known is None:
            known = self._renamed(key, label) or Keyword(self._new_slug(key, label), label, key)
        elif key in self.labels and known.label != label:
            known = replace(known, label=label)
        elif not self._has_to_move(known):
            return known
        return self._remember(self._moved(known) if self._has_to_move(known) else known)

    def _remember(self, keyword: Keyword) -> Keyword:
        self._by_key[keyword.key] = keyword
        self._slugs.add(keyword.slug)
        self.changed[keyword.slug] = keyword
        return keyword

    def _new_slug(self, key: str, label: str) -> str:
        wanted = self._rules.slug_of(key)
        return wanted if wanted and wanted not in self._slugs else unique_slug(label, self._slugs)

    def _has_to_move(self, keyword: Keyword) -> bool:
        """Whether a topic asks for another slug, which is free or was its own before."""
        wanted = self._rules.slug_of(keyword.key)
        free = wanted not in self._slugs or _stub(keyword, wanted) in self._by_key
        return bool(wanted) and wanted != keyword.slug and free

    def _moved(self, keyword: Keyword) -> Keyword:
        """The keyword at the address that its topic asks for; what is left at the old one leads to it."""
        wanted = self._rules.slug_of(keyword.key)
        self._by_key.pop(_stub(keyword, wanted), None)
        self._remember(replace(keyword, key=_stub(keyword, keyword.slug)))
        return replace(keyword, slug=wanted, origin=keyword.origin or keyword.slug)

    def _renamed(self, key: str, label: str) -> Keyword | None:
        """The keyword that went by a name that now leads to another: it keeps its slug, and so its feeds their ids."""
        for former in self._rules.former(key):
            if former in self._by_key:
                return replace(self._by_key.pop(former), label=label, key=key)
        return None

    def slug_of(self, label: str) -> str:
        """The slug of a label that articles may stand under, by whatever name; empty where none does."""
        known = self._by_key.get(self._rules.key_of(self._rules.names.get(self._rules.key_of(label), label)))
        return known.slug if known else ""

    @property
    def keywords(self) -> dict[str, Keyword]:
        """Every keyword by slug, as it will be known."""
        return {keyword.slug: keyword for keyword in self._by_key.values()}


def _stub(keyword: Keyword, slug: str) -> str:
    """The key of what is left at an address from which a keyword moved."""
    return f"{keyword.key}\n{slug}"
