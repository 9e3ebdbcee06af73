"""Automatic keywords for articles that have no others: few, and rather none than half a phrase.

::

    title, lead, body ─ clauses ─▶ units ─ recurring ─▶ runs that recur ─ worthy ─▶ phrases ─ scored, chosen ─▶ keywords

Phrases are runs of units (`publisher.keywords.units`), so none cuts a word. What stands in the title and the lead
counts for more. How many other articles hold a phrase does not count: that lifts bystanders and rare words, and an
article would change its keywords without changing itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from publisher.keywords.clauses import Wording, wording
from publisher.keywords.folding import key
from publisher.keywords.recurring import LONGEST, Hit, recurring
from publisher.keywords.segments import Words, word_list
from publisher.keywords.stopwords import language_of, stopwords, weak_words
from publisher.keywords.units import NAME, SINGLE, STOP, Lexicon, Unit, units

_TITLE, _LEAD, _BODY = 3.0, 2.0, 1.0
_READ = 40_000
"""Characters of title, lead and body that are looked at: what a longer text is about is said by then."""
_LOOSE = 4
"""Places that a phrase of single syllables needs: they may be halves of words that the list does not know."""
_TIED = 0.7
"""The share of its places at which the same word stands beside a phrase, from which on it is a part of another."""
_INSIDE = 0.5
"""What a place within a longer phrase counts for."""
_LONGER = 0.5
"""What each further unit adds, up to the third: longer phrases say more and recur less."""


_SAID = 50
"""The closeness of a stop word or weak word of two syllables that the word list has not; each further adds as much."""


class _Phrase(NamedTuple):
    """A phrase that may become a keyword."""

    words: tuple[str, ...]
    label: str
    name: bool
    score: float


class _Read(NamedTuple):
    """What was read: the text, its units, and the phrases that may become keywords, with their places."""

    text: Wording
    units: Sequence[Unit]
    phrases: Mapping[str, Sequence[Hit]]


def found(title: str, lead: str, body: str, limit: int, language: str) -> list[tuple[str, float]]:
    """Up to `limit` keywords with their scores, the best first; the same text always gives the same."""
    if limit <= 0:
        return []
    zones = [(title[:_READ], _TITLE), (lead[:_READ], _LEAD), (body[:_READ], _BODY)]
    lexicon = _lexicon(language_of("\n".join(zone for zone, _ in zones), language))
    text = wording(zones)
    parts = units(text, lexicon)
    runs = recurring(text, parts, bool(lexicon.stop))
    worthy = {run: hits for run, hits in runs.items() if _is_worthy(text, parts, hits)}
    phrases = _without_short_names(list(_scored(_Read(text, parts, worthy))))
    return [(phrase.label, round(phrase.score, 3)) for phrase in _chosen(phrases, limit)]


@lru_cache(maxsize=8)
def _lexicon(language: str) -> Lexicon:
    stop, weak = stopwords(language), weak_words(language)
    if language != "vi":
        return Lexicon(stop, weak, None)
    said = {word: _SAID * word.count(" ") for word in stop | weak if " " in word}
    return Lexicon(stop, weak, Words.of({**said, **word_list()}))


def _is_worthy(text: Wording, parts: Sequence[Unit], hits: Sequence[Hit]) -> bool:
    first = hits[0]
    run = parts[first.first : first.last]
    if len(hits) < _LOOSE and all(unit.kind is SINGLE for unit in run):
        return False
    return not _is_tied(text, parts, hits)


def _is_tied(text: Wording, parts: Sequence[Unit], hits: Sequence[Hit]) -> bool:
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for start, end, first, last in hits:
        if start not in text.clauses and parts[first - 1].kind is not STOP:
            before[text.folded[start - 1]] += 1
        if end < len(text.words) and end not in text.clauses and parts[last].kind is not STOP:
            after[text.folded[end]] += 1
    least = max(2, _TIED * len(hits))
    return any(count >= least for side in (before, after) for count in side.values())


def _scored(read: _Read) -> Iterator[_Phrase]:
    """The phrases that stand for themselves: twice, or at half of their places, and not within longer ones."""
    reach: dict[int, int] = {}
    for hits in read.phrases.values():
        for hit in hits:
            reach[hit.start] = max(hit.end, reach.get(hit.start, 0))
    for run, hits in read.phrases.items():
        alone = [hit for hit in hits if not _is_inside(hit, reach)]
        if len(alone) < 2 and len(alone) * 2 < len(hits):
            continue
        weight = _INSIDE * _weight(read.text, hits) + (1 - _INSIDE) * _weight(read.text, alone)
        longer = _LONGER * (min(hits[0].last - hits[0].first, 3) - 1)
        words = tuple(run.split(" "))
        yield _Phrase(words, _label(read.text, hits), _is_name(read.units, hits), weight * (1 + longer))


def _weight(text: Wording, hits: Iterable[Hit]) -> float:
    return sum(text.weights[hit.start] for hit in hits)


def _is_inside(hit: Hit, reach: Mapping[int, int]) -> bool:
    """Whether a longer phrase holds this place; `reach` says how far the longest goes that begins at a word."""
    earlier = range(hit.start - LONGEST + 1, hit.start)
    return reach[hit.start] > hit.end or any(reach.get(start, 0) >= hit.end for start in earlier)


def _is_name(parts: Sequence[Unit], hits: Sequence[Hit]) -> bool:
    """Whether it is written as a name more often than not."""
    named = sum(all(unit.kind is NAME for unit in parts[hit.first : hit.last]) for hit in hits)
    return named * 2 > len(hits)


def _label(text: Wording, hits: Sequence[Hit]) -> str:
    """The spelling that is most frequent; that of a sentence's beginning counts for less."""
    forms: Counter[str] = Counter()
    for hit in hits:
        forms[" ".join(text.words[hit.start : hit.end])] += 1 if hit.start in text.sentences else 2
    return min(forms, key=lambda form: (-forms[form], form.swapcase()))


def _without_short_names(phrases: Sequence[_Phrase]) -> list[_Phrase]:
    """Without the last words of longer names: who is called in full once is called by one word from then on."""
    short = {one.words[0]: one for one in phrases if one.name and len(one.words) == 1}
    whole: dict[str, _Phrase] = {}
    for one in phrases:
        if one.name and len(one.words) > 1 and one.words[-1] in short:
            known = whole.get(one.words[-1])
            whole[one.words[-1]] = min(known, one, key=_rank) if known else one
    credit = {one.words: short[last].score for last, one in whole.items()}
    return [
        one._replace(score=one.score + credit.get(one.words, 0.0))
        for one in phrases
        if not (one.name and len(one.words) == 1 and one.words[0] in whole)
    ]


def _rank(phrase: _Phrase) -> tuple[float, bool, int, tuple[str, ...]]:
    return -phrase.score, not phrase.name, -len(phrase.words), phrase.words


def _chosen(phrases: Iterable[_Phrase], limit: int) -> list[_Phrase]:
    chosen: dict[str, _Phrase] = {}
    for one in sorted(phrases, key=_rank):
        chosen.setdefault(key(one.label), one)
        if len(chosen) == limit:
            break
    return list(chosen.values())
