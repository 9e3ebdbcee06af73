"""How articles come under keywords: what the seed declares, then topics, then what is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from publisher.config import Keywords
from publisher.keywords import folding
from publisher.keywords.found import found
from publisher.keywords.topics import Matcher, Place
from publisher.model import Block, BlockKind, KeywordSource, Subject

KEYWORDS_VERSION = 3
"""Raise it whenever the same article would come under other keywords than before."""
LABEL_LIMIT = 60
COUNTED = 12
"""Phrases of a text that are counted; its keywords are the first of them."""


class Rules:
    """The configuration of keywords, ready for use. `fingerprint` changes with whatever articles are filed by."""

    def __init__(self, table: Keywords, kept: Path | None, *, keep: bool) -> None:
        self._table = table
        self.fingerprint = _fingerprint(table)
        self.limit = table.found
        self.matcher = Matcher(table.topic, table.fold, kept, keep=keep)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The labels of keywords that go by other spellings too, by the key of each spelling."""
        topics = self._table.topic
        phrases = ((phrase, topic.name) for topic in topics for phrase in (*topic.any, *topic.bare))
        # A topic's own name goes before another topic's phrase, and the first topic before the others.
        pairs = [*((topic.name, topic.name) for topic in topics), *phrases]
        names = {self.key_of(phrase): _clean(name) for phrase, name in reversed(pairs)}
        aliases = {self.key_of(alias): _clean(label) for alias, label in self._table.aliases.items()}
        for alias in aliases:
            names[alias] = self._end_of(alias, aliases, names)
        names.pop("", None)
        return names

    def _end_of(self, alias: str, aliases: Mapping[str, str], names: Mapping[str, str]) -> str:
        """The label to which an alias leads, through others where these are aliases too; a circle ends anywhere."""
        label, seen = aliases[alias], {alias}
        while (key := self.key_of(label)) in aliases and key not in seen:
            seen.add(key)
            label = aliases[key]
        return names.get(self.key_of(label), label) if self.key_of(label) not in aliases else label

    def slug_of(self, key: str) -> str:
        """The slug that a topic asks for; empty where it asks for none."""
        return self._slugs.get(key, "")

    @cached_property
    def _slugs(self) -> Mapping[str, str]:
        return {self.key_of(topic.name): topic.slug for topic in self._table.topic if topic.slug}

    def former(self, key: str) -> list[str]:
        """The keys of other spellings that lead to a keyword, aliases first."""
        return self._former.get(key, [])

    @cached_property
    def _former(self) -> Mapping[str, list[str]]:
        aliases = set(map(self.key_of, self._table.aliases))
        found: dict[str, list[str]] = {}
        for spelling in sorted(self.names, key=lambda one: one not in aliases):
            if (key := self.key_of(self.names[spelling])) != spelling:
                found.setdefault(key, []).append(spelling)
        return found

    @cached_property
    def _ignored(self) -> frozenset[str]:
        return frozenset(map(self.key_of, self._table.ignore))

    def key_of(self, label: str) -> str:
        """What makes a keyword one: labels with the same key are the same keyword."""
        return folding.key(label) if self._table.fold else _clean(label)

    def subjects(
        self, draft_title: str, summary: str, blocks: Sequence[Block], declared: Sequence[str], language: str
    ) -> list[Subject]:
        """What an article is about, the best first, each keyword once."""
        every = self.every_subject(draft_title, summary, blocks, declared, language)
        return [
            one
            for place, one in enumerate(every)
            if one.source is not KeywordSource.FOUND or place < self.limit
        ]

    def every_subject(
        self, draft_title: str, summary: str, blocks: Sequence[Block], declared: Sequence[str], language: str
    ) -> list[Subject]:
        """The same, and of what is found in the text also what comes after the `limit`: up to `COUNTED`."""
        about = self._topics(draft_title, _searched(summary, blocks)) if self._table.topic else ()
        subjects = list(self._once([*self._declared(declared), *about]))
        if subjects or not self.limit:
            return subjects
        body, lead = _body(blocks), _clean(summary)
        # The lead counts as the lead alone, not as the first paragraph once more.
        automatic = found(
            draft_title,
            lead,
            body.replace(lead, "\n", 1) if lead else body,
            max(COUNTED, self.limit),
            language,
        )
        named = ((self.named(one), score) for one, score in automatic)
        return list(self._once(Subject(one, KeywordSource.FOUND, score) for one, score in named))

    def places(self, title: str, summary: str, blocks: Sequence[Block]) -> Iterator[Place]:
        """Where the phrases of topics stand in an article."""
        return self.matcher.places(title, _searched(summary, blocks))

    def named(self, label: str) -> str:
        """The label under which a spelling is filed; empty where it is ignored."""
        key = self.key_of(label)
        name = self.names.get(key) or _cut(_clean(label))
        return "" if not self._ignored.isdisjoint((key, self.key_of(name))) else name

    def _declared(self, labels: Sequence[str]) -> Iterator[Subject]:
        for place, label in enumerate(labels):
            if name := self.named(label):
                yield Subject(name, KeywordSource.DECLARED, float(len(labels) - place))

    def _topics(self, title: str, body: str) -> Iterator[Subject]:
        # A stable sort: topics of one score stay in the order of the configuration.
        for hit in sorted(self.matcher.match(title, body), key=lambda hit: -hit.score):
            yield Subject(_clean(hit.label), KeywordSource.TOPIC, hit.score)

    def _once(self, subjects: Iterable[Subject]) -> Iterator[Subject]:
        seen = {""}
        for subject in subjects:
            key = self.key_of(subject.label)
            if key not in seen:
                seen.add(key)
                yield subject


def compile_rules(config: Keywords, kept: Path | None = None, *, keep: bool = False) -> Rules:
    """Prepares the configuration of keywords; many topics are read from the file `kept`, or kept there if one may."""
    return Rules(config, kept, keep=keep)


def _fingerprint(config: Keywords) -> str:
    # `min_articles` and `found_articles` only decide what is shown: no article is filed otherwise for it.
    facts = repr((KEYWORDS_VERSION, config.found, config.fold, config.topic, config.aliases, config.ignore))
    return blake2b(facts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _body(blocks: Sequence[Block]) -> str:
    return "\n".join(_clean(block.text) for block in blocks if block.kind is not BlockKind.CODE)


def _searched(summary: str, blocks: Sequence[Block]) -> str:
    """What topics are looked for in, beside the title."""
    body, lead = _body(blocks), _clean(summary)
    return body if lead in body else f"{lead}\n{body}"


def _clean(text: str) -> str:
    return " ".join(folding.visible(text).split())


def _cut(label: str) -> str:
    if len(label) <= LABEL_LIMIT:
        return label
    return label[: LABEL_LIMIT + 1].rpartition(" ")[0].rstrip() or label[:LABEL_LIMIT]
