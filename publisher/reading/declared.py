"""Keywords and names as people list them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from publisher.reading.cleaning import clean_line

_LONGEST_KEYWORD = 60
_MOST_WORDS = 8
_MOST_NAMES = 10
_LONGEST_NAME = 100
_LISTED = re.compile("[,;#\n]")
_NAMED = re.compile(r"[,;&/|]|\s[-–—]\s|\s(?:và|and)\s")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}")
_EDGES = " \t\"'“”‘’.…"


def split_keywords(line: str) -> tuple[str, ...]:
    """The keywords in a line, split at commas, semicolons and number signs."""
    return keywords(_LISTED.split(line))


def keywords(values: Iterable[str]) -> tuple[str, ...]:
    """`values` as keywords: each once, and none that is a sentence."""
    tidy = (clean_line(value).strip(_EDGES + "#") for value in values)
    return tuple(dict.fromkeys(value for value in tidy if _is_keyword(value)))


def split_names(line: str) -> tuple[str, ...]:
    """The names in a line, split at commas, dashes and the word “and”."""
    return names(_NAMED.split(line))


def names(values: Iterable[str]) -> tuple[str, ...]:
    """`values` as names: each once, and none that is a paragraph."""
    tidy = (clean_line(value) for value in values)
    return tuple(dict.fromkeys(value for value in tidy if 0 < len(value) <= _LONGEST_NAME))[:_MOST_NAMES]


def language_tag(text: str) -> str:
    """A tag of a language (BCP 47, roughly); empty where `text` is none."""
    return text if _LANGUAGE.fullmatch(text) else ""


def _is_keyword(value: str) -> bool:
    worded = any(character.isalnum() for character in value)
    return worded and len(value) <= _LONGEST_KEYWORD and len(value.split()) <= _MOST_WORDS
