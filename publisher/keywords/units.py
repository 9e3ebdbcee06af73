"""Words → units: names, listed words of several syllables, numbers, and single words. No phrase cuts a unit.

In Vietnamese a word of several syllables is told by the list of `publisher.keywords.segments`; one that begins
small and goes on with a capital is none ("an Ninh" in "Công an Ninh Bình"). Neighbours in capitals are one name.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from publisher.keywords.clauses import Wording
from publisher.keywords.segments import Words, segment

_LONGEST_NAME = 5
_VOWELS = "aăâeêioôơuưyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_SYLLABLE = re.compile(
    rf"(?:ngh?|[cgknpt]h|tr|gi|qu|[bcdđghklmnpqrstvx])?[{_VOWELS}]{{1,3}}(?:ng|nh|ch|[cmnpt])?"
)


class Kind(IntEnum):
    """What a unit is."""

    STOP = 0
    """No phrase begins or ends with it."""
    SINGLE = 1
    """A Vietnamese syllable, which may be half of a word that the list does not know."""
    WORD = 2
    WEAK = 3
    """A word that says little by itself."""
    NUMBER = 4
    NAME = 5
    """Written with a capital, and not only for its place."""


STOP, SINGLE, WORD, WEAK, NUMBER, NAME = Kind
"""By the name of the module a member costs a tenth of what it costs by that of its class."""


class Unit(NamedTuple):
    """The words from `start` to before `end`, which belong together."""

    start: int
    end: int
    kind: Kind


class Lexicon(NamedTuple):
    """What is known of a language: its stop words, its weak words, and words of several syllables where it has such.

    Languages put blanks between words or, if they have such, between syllables.
    """

    stop: frozenset[str]
    weak: frozenset[str]
    listed: Words | None


def is_acronym(word: str) -> bool:
    """Whether it is two to six letters, all of them capitals."""
    return 2 <= len(word) <= 6 and word.isalpha() and word.isupper()


def units(text: Wording, lexicon: Lexicon) -> list[Unit]:
    """The units of a text, in order, without a gap, none of them over the beginning of a clause."""
    if not lexicon.listed:
        return [Unit(at, at + 1, _kind(text, at, at + 1, lexicon)) for at in range(len(text.words))]
    capitals = {at for at, word in enumerate(text.words) if word[0].isupper()}
    starts = segment(text.folded, lexicon.listed, capitals | text.clauses)
    found: list[Unit] = []
    for start, end in pairwise(starts):
        last = found[-1] if found else None
        if last and end - start == 1 and start in capitals and _goes_on(text, last, capitals):
            found[-1] = Unit(last.start, end, NAME)
        else:
            found.append(Unit(start, end, _kind(text, start, end, lexicon)))
    return found


def _goes_on(text: Wording, name: Unit, capitals: set[int]) -> bool:
    """Whether a word in capitals behind it belongs to the name: "An" to "Kiến", but not "Kiến" to "UBND"."""
    end = name.end
    if name.kind is not NAME or end - name.start >= _LONGEST_NAME or end - 1 not in capitals:
        return False
    return end not in text.clauses and not is_acronym(text.words[end]) and not is_acronym(text.words[end - 1])


def _kind(text: Wording, start: int, end: int, lexicon: Lexicon) -> Kind:
    word, folded = text.words[start], text.folded[start]
    if single := end - start == 1:
        if not word.isalpha() and any(map(str.isdigit, word)):
            return NUMBER if word[0].isdigit() else NAME
    else:
        folded = " ".join(text.folded[start:end])
    capital = word[0].isupper() and (start not in text.sentences or is_acronym(word))
    # Vietnamese names are of words that mean something: "Bến Thành" is no "thành".
    if folded in lexicon.stop and not (capital and single and lexicon.listed):
        return STOP
    if folded in lexicon.weak:
        return WEAK
    if capital:
        return NAME
    return SINGLE if single and lexicon.listed and _is_syllable(folded) else WORD


@lru_cache(maxsize=8192)
def _is_syllable(folded: str) -> bool:
    return _SYLLABLE.fullmatch(folded) is not None
