"""The topics of a configuration, ready to be looked for: their phrases, and what finds these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.config import Topic
from publisher.keywords.folding import bare, plain, visible
from publisher.keywords.folding import fold as fold_text
from publisher.keywords.phrases import Scanner, exact_tokens, is_capital, loose_tokens

_ACRONYM_LETTERS = 5
SYLLABLE = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What one spelling means: its wording and the topics that it counts for."""

    text: str
    topics: tuple[int, ...]
    inner_capital: bool
    bare: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """The numbers of a topic's phrases."""

    any: frozenset[int]
    all: frozenset[int]


class Compiled:
    """Phrases by number, what each topic wants of them, and what finds those as written, folded, and without marks."""

    def __init__(self, topics: Sequence[Topic], fold: bool) -> None:
        self.phrases = tuple(_phrases(topics))
        ids = {phrase.text: number for number, phrase in enumerate(self.phrases) if not phrase.bare}
        bare_ids = {phrase.text: number for number, phrase in enumerate(self.phrases) if phrase.bare}
        self.wanted = tuple(
            Wanted(_numbers(ids, _any(one)) | _numbers(bare_ids, one.bare), _numbers(ids, one.all))
            for one in topics
        )
        numbered = dict(enumerate(self.phrases))
        unmarked = {n: p for n, p in numbered.items() if p.bare}
        cased = {n: p for n, p in numbered.items() if not p.bare and (not fold or _is_acronym(p.text))}
        folded = numbered.keys() - cased.keys() - unmarked.keys()
        self.cased = Scanner({n: _cased(p.text) if fold else exact_tokens(p.text) for n, p in cased.items()})
        self.folded = Scanner({n: _folded(numbered[n].text) for n in sorted(folded)})
        self.unmarked = Scanner({n: _unmarked(p.text) for n, p in unmarked.items()})


def _numbers(ids: Mapping[str, int], phrases: Sequence[str]) -> frozenset[int]:
    return frozenset(ids[visible(phrase)] for phrase in phrases)


def _any(topic: Topic) -> tuple[str, ...]:
    return topic.any if topic.any or topic.all or topic.bare else (topic.name,)


def _phrases(topics: Sequence[Topic]) -> Iterator[Phrase]:
    """Every wording once. Those of `none` count for no topic: all they do is cover what they are found in."""
    users: dict[tuple[str, bool], list[int]] = {}
    for position, topic in enumerate(topics):
        marked = [(visible(phrase), False) for phrase in (*_any(topic), *topic.all)]
        for spelled in (*marked, *((visible(phrase), True) for phrase in topic.bare)):
            if position not in users.setdefault(spelled, []):
                users[spelled].append(position)
        for phrase in topic.none:
            users.setdefault((visible(phrase), False), [])
    for (text, unmarked), numbers in users.items():
        inner = any(map(starts_upper, SYLLABLE.findall(text)[1:]))
        yield Phrase(text, tuple(numbers), inner, unmarked)


def _cased(phrase: str) -> tuple[str, ...]:
    return loose_tokens(plain(phrase), acronym=True)


def _folded(phrase: str) -> tuple[str, ...]:
    return loose_tokens(fold_text(phrase), acronym=False)


def _unmarked(phrase: str) -> tuple[str, ...]:
    return loose_tokens(bare(fold_text(phrase)), acronym=False)


def _is_acronym(phrase: str) -> bool:
    return is_capital(phrase) and sum(map(str.isalpha, phrase)) <= _ACRONYM_LETTERS


def starts_upper(syllable: str) -> bool:
    """Whether a word of at least one letter begins with a capital."""
    return syllable[0].isupper()
