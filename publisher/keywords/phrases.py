"""Finds many phrases in one pass: a trie as a regular expression finds where, a walk finds which."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_GAP = "gap"  # blanks or a hyphen between two words
_JOINT = "joint"  # the same, or nothing: TP.HCM, TP HCM, TPHCM
_BLANK = "blank"  # blanks alone
# A line's end is a paragraph's end, which no phrase crosses.
_SOURCES = {_GAP: r"(?:[^\S\n]+|-)", _JOINT: r"(?:-|\.?[^\S\n]*)", _BLANK: r"[^\S\n]+"}
_GAPS = {token: re.compile(source) for token, source in _SOURCES.items()}
_BEFORE = r"(?<![^\W_])"
_AFTER = r"(?![^\W_]|[\u0300-\u036f])"
_END = re.compile(_AFTER)
_SEPARATORS = re.compile(r"([\s.\-]+)")


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    phrases: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a phrase may stand: the number of the phrase, and where it starts and ends."""

    phrase: int
    start: int
    end: int


def exact_tokens(phrase: str) -> tuple[str, ...]:
    """A phrase as it is written, but for the width of its blanks."""
    return _tokens(re.split(r"(\s+)", phrase.strip()), lambda _: _BLANK)


def loose_tokens(phrase: str, acronym: bool) -> tuple[str, ...]:
    """A phrase whose words may be apart by blanks or a hyphen; an acronym's parts by nothing at all."""
    parts = _SEPARATORS.split(phrase.strip().rstrip(".-"))
    return _tokens(parts, lambda gap: _JOINT if acronym or "." in gap else _GAP)


def is_capital(phrase: str) -> bool:
    """Whether all of its letters are capitals."""
    return phrase.isupper()


class Scanner:
    """Finds every phrase of a set, overlapping ones too, between characters that are no letters or digits."""

    def __init__(self, phrases: Mapping[int, tuple[str, ...]]) -> None:
        self._root = _Node()
        for number, tokens in phrases.items():
            if tokens:
                self._add(number, tokens)
        source = _pattern(self._root)
        self._starts = re.compile(f"{_BEFORE}(?={source})") if self._root.children else None

    def scan(self, text: str) -> Iterator[Candidate]:
        """All places of all phrases, in the order of their starts."""
        if self._starts is not None:
            for found in self._starts.finditer(text):
                yield from self._walk(text, found.start())

    def _add(self, number: int, tokens: Iterable[str]) -> None:
        node = self._root
        for token in tokens:
            node = node.children.setdefault(token, _Node())
        node.phrases.append(number)

    def _walk(self, text: str, start: int) -> Iterator[Candidate]:
        places = [(self._root, start)]
        while places:
            node, at = places.pop()
            if node.phrases and _END.match(text, at):
                yield from (Candidate(number, start, at) for number in node.phrases)
            places.extend(_steps(node, text, at))


def _steps(node: _Node, text: str, at: int) -> Iterator[tuple[_Node, int]]:
    child = node.children.get(text[at : at + 1])
    if child is not None:
        yield child, at + 1
    for token, gap in _GAPS.items():
        child = node.children.get(token)
        found = gap.match(text, at) if child is not None else None
        if child is not None and found is not None:
            yield child, found.end()


def _tokens(parts: list[str], gap: Callable[[str], str]) -> tuple[str, ...]:
    tokens: list[str] = []
    for position, part in enumerate(parts):
        # Odd parts are separators; one at the very start (".NET") belongs to the name.
        if position % 2 and tokens:
            tokens.append(gap(part))
        else:
            tokens.extend(part)
    return tuple(tokens)


def _pattern(node: _Node) -> str:
    run = ""
    while len(node.children) == 1 and not node.phrases:  # a chain needs no group, nor a deeper call
        token, node = next(iter(node.children.items()))
        run += _SOURCES.get(token) or re.escape(token)
    branches = [
        (_SOURCES.get(token) or re.escape(token)) + _pattern(child) for token, child in node.children.items()
    ]
    if node.phrases:
        branches.append(_AFTER)
    return run + (branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})")
