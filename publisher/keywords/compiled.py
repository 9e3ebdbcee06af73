"""The topics of a configuration, ready to be looked for: their phrases, and what finds these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from publisher.config import Topic
from publisher.keywords.folding import bare, plain, visible
from publisher.keywords.folding import fold as fold_text
from publisher.keywords.phrases import Scanner, exact_tokens, is_capital, loose_tokens, spellings

_ACRONYM_LETTERS = 5
SYLLABLE = re.compile(r"[^\W_]+")


class Phrase(NamedTuple):
    """What one spelling means: its wording and the topics that it counts for."""

    text: str
    topics: Sequence[int]
    inner_capital: bool
    bare: bool


class Wanted(NamedTuple):
    """The numbers of a topic's phrases, in their order."""

    any: Sequence[int]
    all: Sequence[int]


@dataclass(frozen=True, slots=True)
class Compiled:
    """Phrases by number, what each topic wants of them, and what finds those as written, folded, and without marks."""

    phrases: Sequence[Phrase]
    wanted: Sequence[Wanted]
    cased: Scanner
    folded: Scanner
    unmarked: Scanner


def compile_topics(topics: Sequence[Topic], fold: bool) -> Compiled:
    """Make topics ready; `fold` as in the configuration."""
    phrases = tuple(_phrases(topics))
    ids = {phrase.text: number for number, phrase in enumerate(phrases) if not phrase.bare}
    bare_ids = {phrase.text: number for number, phrase in enumerate(phrases) if phrase.bare}
    cased, folded, unmarked = dict[int, str](), dict[int, str](), dict[int, str]()
    for number, phrase in enumerate(phrases):
        as_written = not fold or _is_acronym(phrase.text)
        (unmarked if phrase.bare else cased if as_written else folded)[number] = phrase.text
    return Compiled(
        phrases,
        tuple(
            Wanted((*_numbers(ids, _any(one)), *_numbers(bare_ids, one.bare)), _numbers(ids, one.all))
            for one in topics
        ),
        Scanner(spellings({n: _cased(text) if fold else exact_tokens(text) for n, text in cased.items()})),
        Scanner(spellings({n: loose_tokens(fold_text(text), acronym=False) for n, text in folded.items()})),
        Scanner(
            spellings({n: loose_tokens(bare(fold_text(text)), acronym=False) for n, text in unmarked.items()})
        ),
    )


def _numbers(ids: Mapping[str, int], phrases: Sequence[str]) -> tuple[int, ...]:
    return tuple(ids[visible(phrase)] for phrase in phrases)


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
        yield Phrase(text, numbers, inner, unmarked)


def _cased(phrase: str) -> tuple[str, ...]:
    return loose_tokens(plain(phrase), acronym=True)


def _is_acronym(phrase: str) -> bool:
    return is_capital(phrase) and sum(map(str.isalpha, phrase)) <= _ACRONYM_LETTERS


def starts_upper(syllable: str) -> bool:
    """Whether a word of at least one letter begins with a capital."""
    return syllable[0].isupper()
