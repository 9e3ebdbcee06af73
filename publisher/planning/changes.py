"""Candidates × vocabulary → the articles that change, filed under their keywords. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from publisher.keywords import Rules
from publisher.model import Article, ArticleChange, Known, Subject
from publisher.planning.articles import Candidate, Decisions
from publisher.planning.examining import Examined, examine
from publisher.planning.filing import Filer
from publisher.planning.identity import version_of
from publisher.planning.labelling import labels_of
from publisher.planning.scope import TooWide
from publisher.planning.surroundings import Surroundings
from publisher.planning.vocabulary import Vocabulary, given_by
from publisher.render.blocks import weight_of_labels


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
    decisions.candidates.clear()  # what becomes of them is in the changes, and both at once would be twice the memory
    every = [*(seen for _, seen in looked), *again.values()]
    vocabulary = _vocabulary(known, found_in, every, again, around, narrow)
    chosen = [vocabulary.chosen(seen.subjects, around.rules) for seen in every]
    filer.labels = _labels(known, {*found_in, *again}, chosen, filer, around, anew=bool(again))
    changes = [_change(candidate, seen, vocabulary, around.rules, filer) for candidate, seen in looked]
    for article in _others(known, vocabulary, filer, around, again):
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


def _others(
    known: Known, vocabulary: Vocabulary, filer: Filer, around: Surroundings, again: Mapping[str, Examined]
) -> Iterator[Article]:
    """The articles that must be filed again though their seeds are what they were, each once."""
    if again:
        yield from around.refile()
        return
    late = set(around.holding(vocabulary.shift)) if vocabulary.shift else set()
    # Every article under a keyword shows its label.
    relabelled = {
        slug
        for slug, keyword in known.keywords.items()
        if filer.labels.get(keyword.key, keyword.label) != keyword.label
    }
    late |= {
        key
        for key, item in known.listings.items()
        if not item.withdrawn and not relabelled.isdisjoint(item.keywords)
    }
    yield from around.fetch(sorted(late))


def _labels(
    known: Known,
    leaving: Set[str],
    chosen: Sequence[Sequence[Subject]],
    filer: Filer,
    around: Surroundings,
    *,
    anew: bool,
) -> dict[str, str]:
    """The labels of the keywords that articles come under, or leave; where all are filed `anew`, of every keyword."""
    rules = around.rules
    coming = [(rules.key_of(one.label), one.label) for subjects in chosen for one in subjects]
    if anew:
        return labels_of({}, (), coming)
    keys = {slug: keyword.key for slug, keyword in known.keywords.items()}
    gone = [
        (keys[slug], spelling) for slug, spelling in around.spelled(sorted(leaving & known.listings.keys()))
    ]
    touched = {key for key, _ in (*coming, *gone)}
    standing = around.spellings([slug for slug, key in keys.items() if key in touched])
    return labels_of({keys[slug]: counts for slug, counts in standing.items()}, gone, coming)


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
    version = version_of(filed, digest)
    weight = seen.weight + weight_of_labels(keyword.label for keyword in filed.keywords)
    return ArticleChange(filed, digest, version, candidate.kind, weight, seen.fingerprint, candidate.body)
