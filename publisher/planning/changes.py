"""Candidates × vocabulary → the articles that change, filed under their keywords. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from publisher.keywords import Rules
from publisher.model import ArticleChange, Known
from publisher.planning.articles import Candidate, Decisions
from publisher.planning.examining import Examined, examine
from publisher.planning.filing import Filer
from publisher.planning.identity import version_of
from publisher.planning.scope import TooWide
from publisher.planning.surroundings import Surroundings
from publisher.planning.vocabulary import Vocabulary, given_by
from publisher.render.blocks import weight_of


def changes_of(
    decisions: Decisions,
    around: Surroundings,
    filer: Filer,
    known: Known,
    found_in: dict[str, str],
    *,
    narrow: bool,
) -> list[ArticleChange]:
    """The articles that change.

    `found_in` gets what is found in the text of all that are looked at, and nothing for those that go.
    """
    found_in |= {item.id: "" for item in decisions.withdrawn}
    looked = [_looked_at(candidate, around.rules, found_in) for candidate in decisions.candidates]
    again = {
        article.id: examine(article, around.rules)
        for article in around.refile()
        if article.id not in found_in
    }
    vocabulary = _vocabulary(
        known, found_in, [*(seen for _, seen in looked), *again.values()], again, around, narrow
    )
    changes = [_change(candidate, seen, vocabulary, around.rules, filer) for candidate, seen in looked]
    others = around.refile() if again else around.holding(vocabulary.shift) if vocabulary.shift else ()
    for article in others:
        if article.id in found_in:
            continue
        if narrow:
            raise TooWide("what stands in texts became a keyword, or is none any more")
        seen = again.get(article.id) or examine(article, around.rules)
        old = known.listings[article.id]
        change = _change(Candidate(article, old.digest, "refiled"), seen, vocabulary, around.rules, filer)
        if change.version != old.version:
            changes.append(change)
    found_in |= {key: seen.phrases for key, seen in again.items()}
    return changes


def _looked_at(candidate: Candidate, rules: Rules, found_in: dict[str, str]) -> tuple[Candidate, Examined]:
    seen = candidate.examined or examine(candidate.article, rules)
    found_in[candidate.article.id] = seen.phrases
    return candidate, seen


def _vocabulary(
    known: Known,
    found_in: Mapping[str, str],
    seen: Sequence[Examined],
    again: Iterable[str],
    around: Surroundings,
    narrow: bool,
) -> Vocabulary:
    """The keywords that articles are given, as they are after the changes."""
    if not known.frequencies.texts and not any(one.phrases for one in seen):
        return Vocabulary({}, {})  # no text was searched, so none can come under them
    before = around.given() if narrow else given_by(known.listings.values())
    vocabulary = Vocabulary(before, known.keywords)
    for key in (*found_in, *again):
        vocabulary.leave(known.listings.get(key))
    for one in seen:
        vocabulary.come(one.subjects, around.rules)
    return vocabulary


def _change(
    candidate: Candidate, seen: Examined, vocabulary: Vocabulary, rules: Rules, filer: Filer
) -> ArticleChange:
    subjects, digest = vocabulary.chosen(seen.subjects, rules), candidate.digest
    filed = filer.file(candidate.article, subjects)
    version, weight = version_of(filed, digest), weight_of(filed, seen.weight)
    return ArticleChange(filed, digest, version, candidate.kind, weight, seen.fingerprint, candidate.body)
