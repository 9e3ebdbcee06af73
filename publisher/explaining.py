"""Why an article stands under its keywords: what it declares, which phrase stands where, what its text came back to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from publisher.config import Config
from publisher.errors import SeedError, UsageError
from publisher.keywords import Rules, compile_rules, fold
from publisher.model import Draft, KeywordSource, SeedFile, Subject
from publisher.planning.vocabulary import Vocabulary
from publisher.reading import Options, attach, holds_many, load, parts_of, read, source_of
from publisher.store import Store

_AROUND = 40
"""Characters of the text on each side of a phrase."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A place in an article: the `phrase` as it stands there, between what stands `before` and `after` it."""

    zone: str
    before: str
    phrase: str
    after: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A keyword of an article, its source and score; `said` are the spellings that were declared."""

    subject: Subject
    said: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """An article and why it stands where it does; `ignored` are labels that it declares for nothing."""

    title: str
    reasons: tuple[Reason, ...]
    ignored: tuple[str, ...]


def explain(config: Config, store: Store, seed: str) -> Explanation:
    """Why the article of a seed is filed as it is, read as it stands now among those that are published.

    `seed` is a path below the seeds folder, or to a file in it. `publisher.errors.UsageError` where there is no such
    seed, `publisher.errors.SeedError` where it cannot be read.
    """
    path, rules = _path(config, seed), compile_rules(config.keywords, config.topics_file)
    draft = _draft(config, path, seed)
    every = rules.every_subject(draft.title, draft.summary, draft.blocks, draft.keywords, draft.language)
    vocabulary = _vocabulary(store, path)
    subjects = [_told(one, vocabulary, rules) for one in vocabulary.chosen(every, rules)]
    reasons = tuple(_reason(draft, rules, subject) for subject in subjects)
    return Explanation(draft.title, reasons, tuple(one for one in draft.keywords if not rules.named(one)))


def _vocabulary(store: Store, path: str) -> Vocabulary:
    """The keywords that other articles are given."""
    with store.excerpts() as excerpts:
        if excerpts is None:
            return Vocabulary({}, {})
        vocabulary = Vocabulary(store.given(), excerpts.keywords())
        articles = [seed.article for seed in excerpts.seeds_at([path]).values()]
        for listing in excerpts.listings(articles).values():
            vocabulary.leave(listing)
        return vocabulary


def _told(subject: Subject, vocabulary: Vocabulary, rules: Rules) -> Subject:
    """A subject with its source as it is shown."""
    known = subject.source is KeywordSource.FOUND and vocabulary.holds(rules.key_of(subject.label))
    return replace(subject, source=KeywordSource.VOCABULARY) if known else subject


def _reason(draft: Draft, rules: Rules, subject: Subject) -> Reason:
    key = rules.key_of(subject.label)
    match subject.source:
        case KeywordSource.DECLARED:
            said = (one for one in draft.keywords if rules.key_of(rules.named(one)) == key)
            return Reason(subject, said=tuple(said))
        case KeywordSource.TOPIC:
            return Reason(subject, quotes=tuple(_of_topic(draft, rules, key)))
        case _:
            return Reason(subject, quotes=tuple(_in_text(draft, subject.label)))


def _of_topic(draft: Draft, rules: Rules, key: str) -> Iterator[Quote]:
    for place in rules.places(draft.title, draft.summary, draft.blocks):
        if rules.key_of(place.label) == key:
            yield _quote(place.zone, place.text, place.start, place.end)


def _in_text(draft: Draft, label: str) -> Iterator[Quote]:
    """Where a phrase stands that was found in the text, whatever its capitals."""
    phrase = fold(label)
    for zone, text in (("title", draft.title), *(("body", block.text) for block in draft.blocks)):
        folded, at = fold(text), -1
        while (at := folded.find(phrase, at + 1)) >= 0:
            yield _quote(zone, text, at, at + len(phrase))


def _quote(zone: str, text: str, start: int, end: int) -> Quote:
    line, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    before, after = text[line:start], text[end:stop]
    if len(before) > _AROUND:
        before = "…" + before[-_AROUND:].partition(" ")[2]
    if len(after) > _AROUND:
        after = after[:_AROUND].rpartition(" ")[0] + "…"
    return Quote(zone, before, text[start:end], after)


def _draft(config: Config, path: str, seed: str) -> Draft:
    options = Options.from_config(config)
    file = SeedFile(path, 0, 0)
    many = path.rpartition("/")[0]
    if holds_many(many):
        return _part(config, SeedFile(many, 0, 0), path, options)
    if holds_many(path):
        raise UsageError(f"{seed}: it holds many articles", hint=f"name one of them: {seed}/KEY")
    with source_of(config).at_hand([file]) as folder:
        raw = load(folder, file, options.of(file))
    return attach(read(raw, path, options.of(file)), path, {})


def _part(config: Config, file: SeedFile, path: str, options: Options) -> Draft:
    with source_of(config).at_hand([file]) as folder:
        for part, _, draft in parts_of(folder, file, options.of(file)):
            if part.path == path:
                if isinstance(draft, SeedError):
                    raise draft
                return draft
    raise UsageError(f"{path}: no such article")


def _path(config: Config, seed: str) -> str:
    """The path of a seed below the seeds folder, however it was named; in a bucket it is the name of the object."""
    if config.seeds_bucket:
        return seed.removeprefix(config.seeds_bucket).lstrip("/")
    folder = config.seeds_folder.resolve()
    for start in (folder, Path.cwd()):
        path = (start / seed).resolve()
        inside = path.is_relative_to(folder)
        if inside and (path.is_file() or path.parent.is_file()):
            return path.relative_to(folder).as_posix()
    raise UsageError(f"{seed}: no such seed in {config.seeds_folder}")
