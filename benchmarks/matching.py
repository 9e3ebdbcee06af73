"""How long it takes to find tens of thousands of phrases in an article, beside a walk over its syllables."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.corpus import Corpus
from benchmarks.process import measured, python, verdict
from publisher.config import Topic
from publisher.keywords import Matcher, fold
from publisher.keywords.folding import visible
from publisher.keywords.kept import WORTH_IT
from publisher.keywords.segments import word_list

PHRASES, ARTICLES, ROUNDS, LENGTH = (1_000, 10_000, 50_000), 200, 5, 4_000
AIM, BUILDING = 1.0, 2.0
"""Milliseconds of the processor for an article of `LENGTH` bytes, and seconds to make ready, of most phrases."""


def section() -> str:
    """Make the table; each row is a process of its own."""
    rows = [_row(number) for number in PHRASES]
    *_, (_, milliseconds, _, seconds, _, _) = rows
    lines = [
        f"| {number:,} | {ours:.2f} | {naive:.2f} | {made:.2f} | {again:.2f} | {peak:.0f} |"
        for number, ours, naive, made, again, peak in rows
    ]
    return f"""\
## Phrases of topics

So many topics of one phrase each, of two to six syllables, in {ARTICLES} articles of about {LENGTH:,} bytes: folding,
search, longest phrase first, and the decision. Milliseconds of the processor for an article, median of {ROUNDS} rounds.
The walk looks up every run of up to six syllables of a folded text in a dictionary: it knows no acronyms, hyphens or
overlaps.

| phrases | ms | the walk, ms | made in, s | taken from what was kept, s | peak memory, MiB |
|--:|--:|--:|--:|--:|--:|
{chr(10).join(lines)}

The aims: {AIM:g} ms with {max(PHRASES):,} phrases ({verdict(milliseconds <= AIM)}), made in {BUILDING:g} s \
({verdict(seconds <= BUILDING)}). They are made ready when
a text is read, in each process that reads, and kept for the runs to come from {WORTH_IT:,} topics on."""


def _row(number: int) -> tuple[int, float, float, float, float, float]:
    run = measured(python("benchmarks.matching", str(number)))
    ours, naive, made, again = map(float, run.said.split())
    return number, ours, naive, made, again, run.peak


def phrases(number: int) -> list[str]:
    """Words of the list that the program knows, and pairs of them, the same on every machine."""
    rng, words = Random(2026), sorted(word_list())
    pairs = (f"{rng.choice(words)} {rng.choice(words)}" for _ in range(2 * number))
    every = list(dict.fromkeys([*words, *pairs]))
    rng.shuffle(every)
    return every[:number]


def texts() -> list[tuple[str, str]]:
    """Title and body of articles, of about `LENGTH` bytes."""
    corpus, found = Corpus.of(500), list[tuple[str, str]]()
    for number in range(ARTICLES):
        title, _, *lines = corpus.article(number).split("\n\n")
        body = "\n".join(lines).encode()
        while len(body) < LENGTH:
            body += body
        found.append((title, body[:LENGTH].decode(errors="ignore")))
    return found


def _timed(work: Callable[[str, str], object], articles: Iterable[tuple[str, str]]) -> float:
    started = time.process_time()
    for title, body in articles:
        work(title, body)
    return (time.process_time() - started) / ARTICLES * 1000


def _made(topics: list[Topic], kept: Path) -> tuple[Matcher, float]:
    started = time.process_time()
    matcher = Matcher(topics, fold=True, kept=kept, keep=True)
    matcher.match("", "một")  # with this it is made ready
    return matcher, time.process_time() - started


def _measure(number: int) -> None:
    articles, some = texts(), phrases(number)
    topics = [Topic(name=phrase) for phrase in some]
    with TemporaryDirectory() as folder:
        matcher, made = _made(topics, Path(folder, "topics"))
        matcher, again = _made(topics, Path(folder, "topics"))
    known = {fold(phrase) for phrase in some}

    def walk(title: str, body: str) -> int:
        hits = 0
        for text in (title, body):
            words = fold(visible(text)).replace("-", " ").split()
            for start in range(len(words)):
                hits += sum(" ".join(words[start:end]) in known for end in range(start + 1, start + 7))
        return hits

    ours = median(_timed(matcher.match, articles) for _ in range(ROUNDS))
    naive = median(_timed(walk, articles) for _ in range(ROUNDS))
    print(ours, naive, made, again)


if __name__ == "__main__":
    _measure(int(sys.argv[1]))
