"""Words with which no keyword begins or ends, and words that are none by themselves; the lists are files in `data`.

A paragraph with commas lists words of several syllables, another lists words with blanks between them, and lines
of `#` say what the file holds. To add a language, add its files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from publisher.keywords.folding import fold

_KNOWN = ("vi", "en")
_SAMPLE, _SPOKEN, _DIFFERENT = 1000, 0.2, 3
"""Characters that are looked at; the least share of their words that are stop words of their language, and how many
of these at least: "so" is German, too."""
_WORD = re.compile(r"[^\W\d_]+")


def stopwords(language: str) -> frozenset[str]:
    """The stop words of a language, by the first part of its tag ("vi" of "vi-VN"), folded; often none."""
    return _listed("stop", language.lower().partition("-")[0])


def weak_words(language: str) -> frozenset[str]:
    """The words of a language that are no keyword by themselves, folded; often none."""
    return _listed("weak", language.lower().partition("-")[0])


@lru_cache(maxsize=32)
def _listed(kind: str, language: str) -> frozenset[str]:
    file = files("publisher.keywords").joinpath("data", f"{kind}_{language}.txt")
    if not (language.isalpha() and language.isascii() and file.is_file()):
        return frozenset()
    text = "\n".join(line for line in file.read_text("utf-8").splitlines() if not line.startswith("#"))
    return frozenset(word for part in text.split("\n\n") for word in _words(part))


def language_of(text: str, said: str) -> str:
    """The first part of the tag of the language that a text is in: `said`, unless another's stop words stand in it.

    Articles in another language than their site's often say none.
    """
    name = said.lower().partition("-")[0]
    words = _WORD.findall(fold(text[:_SAMPLE]))
    if _share(words, stopwords(name)) >= _SPOKEN:
        return name
    shares = {one: _share(words, stopwords(one)) for one in _KNOWN}
    best = max(shares, key=lambda one: shares[one])
    return best if shares[best] >= _SPOKEN else name


def _share(words: Sequence[str], stop: frozenset[str]) -> float:
    known = [word for word in words if word in stop]
    return len(known) / len(words) if len(set(known)) >= _DIFFERENT else 0.0


def _words(part: str) -> list[str]:
    return [" ".join(word.split()) for word in part.split(",")] if "," in part else part.split()
