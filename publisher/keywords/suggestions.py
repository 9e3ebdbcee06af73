"""Keywords that were found often → topics to put into the configuration, as TOML. Pure.

A topic gathers what is one subject in several spellings: the same words without their marks, and the
capitals that stand for them (``ANTT`` for “an ninh trật tự”).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.config import Keywords
from publisher.keywords.folding import fold

_LEAST = 3
"""Articles that a keyword has before it is worth a topic."""
_MOST = 20
_SHORTEST_CAPITALS = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A topic that could be: its name, the phrases that stand for it, and how many articles were found under them."""

    name: str
    phrases: tuple[str, ...]
    articles: int

    @property
    def toml(self) -> str:
        """A table to paste into config.toml."""
        phrases = ", ".join(json.dumps(phrase, ensure_ascii=False) for phrase in self.phrases)
        return f"[[keywords.topic]]\nname = {json.dumps(self.name, ensure_ascii=False)}\nany = [{phrases}]\n"


def phrases_of(keywords: Keywords) -> list[str]:
    """The names and phrases of the topics of a configuration."""
    return [
        phrase for topic in keywords.topic for phrase in (topic.name, *topic.any, *topic.bare, *topic.all)
    ]


def suggestions(
    found: Iterable[tuple[str, Mapping[str, int]]], topics: Iterable[str], least: int = _LEAST
) -> list[Suggestion]:
    """Topics for keywords that were found or declared under `least` articles or more, the fullest first.

    `found` are labels with their articles by source; what is a topic already (its name or one of its
    phrases stands in `topics`) is left out.
    """
    taken = {fold(topic) for topic in topics}
    labels = {
        label: sum(sources.values())
        for label, sources in found
        if not sources.get("topic") and fold(label) not in taken
    }
    groups = list(_groups(sorted(labels, key=lambda label: (-labels[label], label))))
    made = [Suggestion(_name(group), tuple(group), sum(labels[label] for label in group)) for group in groups]
    worth = [each for each in made if each.articles >= least]
    return sorted(worth, key=lambda each: (-each.articles, each.name))[:_MOST]


def _groups(labels: Sequence[str]) -> Iterator[list[str]]:
    """Labels that are one subject, each with the fullest first."""
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(_bare(label), []).append(label)
    spelled = {initials: bare for bare in groups if len(initials := _initials(bare)) >= _SHORTEST_CAPITALS}
    for bare, group in list(groups.items()):
        capitals = [label for label in group if label.isupper() and " " not in label]
        whole = spelled.get(bare)
        if capitals and whole and whole != bare and whole in groups:
            groups[whole] += groups.pop(bare)
    yield from groups.values()


def _name(group: Sequence[str]) -> str:
    """The fullest that is no abbreviation."""
    return next((label for label in group if not (label.isupper() and " " not in label)), group[0])


def _bare(label: str) -> str:
    """Letters without their marks, in one case."""
    plain = unicodedata.normalize("NFD", label.casefold().replace("đ", "d"))
    return "".join(mark for mark in plain if not unicodedata.combining(mark))


def _initials(bare: str) -> str:
    words = bare.replace("-", " ").split()
    return "".join(word[0] for word in words) if len(words) > 1 else ""
