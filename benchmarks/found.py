"""How good found keywords are, beside YAKE in the same run, and what one article costs.

`python -m benchmarks.found` prints the program's own keywords and times as JSON; the section asks it in a process.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.process import WORK, measured, python, verdict
from benchmarks.tags import OWN, SHARED, Tagged, tagged
from publisher.keywords import fold, key
from publisher.keywords.found import found
from publisher.keywords.stopwords import stopwords

TOP, ROUNDS, NEAR = 5, 9, 2
"""Keywords that count, how often each article is timed, and by how many words a near miss may be longer or shorter."""
TIMES, CUT, EACH = 2.0, 0.02, 5.0
"""The aims: how often as many as YAKE, the share of phrases that cut a word, milliseconds for an article."""
TEXTS, ROOM = 100_000, 200e6
"""The aim: bytes that the statistics of so many articles take."""
_PEERS = ("yake==0.7.3", "underthesea==9.5.0")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in an article, ours and YAKE's, and the words of a segmenter that we did not write."""

    article: Tagged
    group: str
    ours: Sequence[str]
    yakes: Sequence[str]
    words: Sequence[Sequence[str]]


def section() -> str:
    """Ask both for the same articles."""
    python_of_peers = _peers()
    if python_of_peers is None:
        return f"{_TITLE}\n\nNot measured: {' and '.join(_PEERS)} could not be installed."
    groups = articles()
    ours = json.loads(measured(python("benchmarks.found")).said)
    asked = WORK / "asked.json"
    asked.write_text(json.dumps(_question(article for _, article in groups)), encoding="utf-8")
    theirs = json.loads(measured([python_of_peers, "-m", "benchmarks.yakes", str(asked)]).said)
    answers = [
        Answer(article, group, mine["keywords"], other["keywords"], other["words"])
        for (group, article), mine, other in zip(groups, ours, theirs["articles"], strict=True)
    ]
    room = json.loads(measured(python("benchmarks.phrases", WORK / "phrases", str(TEXTS))).said)
    return f"{_said(answers, ours, theirs)}\n\n{_room(room)}"


def articles() -> list[tuple[str, Tagged]]:
    """The articles with the set to which each belongs."""
    own = [("seen" if place % 2 == 0 else "unseen", each) for place, each in enumerate(tagged(OWN))]
    return [*own, *(("shared", each) for each in (tagged(SHARED) if SHARED.exists() else []))]


def precision(keywords: Sequence[str], tags: Iterable[str], *, near: bool) -> float:
    """The share of the first five that an editor gave, or `near`: that hold one or are held by one."""
    given = {key(tag) for tag in tags}
    said = [key(keyword) for keyword in keywords[:TOP]]
    return sum(any(one == tag or (near and _is_near(one, tag)) for tag in given) for one in said) / TOP


def cutting(keywords: Iterable[str], lines: Sequence[Sequence[str]]) -> list[str]:
    """Those that begin or end within a word of the lines at more than half of their places."""
    runs = [_syllables(line) for line in lines]
    return [keyword for keyword in keywords if _is_cutting(keyword, runs)]


def _syllables(line: Sequence[str]) -> tuple[list[str], set[int]]:
    syllables: list[str] = []
    edges = {0}
    for word in line:
        syllables += map(fold, _WORD.findall(word))
        edges.add(len(syllables))
    return syllables, edges


def _is_cutting(keyword: str, runs: Sequence[tuple[list[str], set[int]]]) -> bool:
    phrase = [fold(part) for part in _WORD.findall(keyword)]
    size = len(phrase)
    places = [
        at in edges and at + size in edges
        for syllables, edges in runs
        for at in range(len(syllables) - size + 1)
        if syllables[at : at + size] == phrase
    ]
    return places.count(False) * 2 > len(places)


def _is_near(one: str, other: str) -> bool:
    shorter, longer = sorted((one.split(), other.split()), key=len)
    gap = len(longer) - len(shorter)
    return gap <= NEAR and any(longer[at : at + len(shorter)] == shorter for at in range(gap + 1))


def _peers() -> str | None:
    """An interpreter that has the peers."""
    folder = WORK / "peers"
    venv.create(folder, with_pip=True)
    done = subprocess.run(
        [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *_PEERS],
        capture_output=True,
        check=False,
    )
    return str(folder / "bin" / "python") if done.returncode == 0 else None


def _question(asked: Iterable[Tagged]) -> dict[str, Any]:
    every = list(asked)
    texts = [
        {"language": each.language, "title": each.title, "text": f"{each.lead}\n{each.body}"}
        for each in every
    ]
    lists = {language: sorted(stopwords(language)) for language in {each.language for each in every}}
    return {"stopwords": lists, "articles": texts}


_TITLE = "## Found keywords"


def _said(answers: Sequence[Answer], ours: Sequence[dict[str, Any]], theirs: dict[str, Any]) -> str:
    vietnamese = [each for each in answers if each.article.language == "vi"]
    sets = {
        "Vietnamese, on which the rules were tried": _of(vietnamese, "seen"),
        "Vietnamese, kept apart": _of(vietnamese, "unseen"),
        "Vietnamese, real pages, looked at as well": _of(vietnamese, "shared"),
        "Vietnamese, all": vietnamese,
        "English, made up": [
            each for each in answers if each.article.language == "en" and each.group != "shared"
        ],
        "English, real pages": [each for each in _of(answers, "shared") if each.article.language == "en"],
        "other languages, real pages": [
            each for each in answers if each.article.language not in ("vi", "en")
        ],
    }
    rows = "\n".join(_row(name, some) for name, some in sets.items() if some)
    times = _mean(vietnamese, lambda each: precision(each.ours, each.article.tags, near=False)) / _mean(
        vietnamese, lambda each: precision(each.yakes, each.article.tags, near=False)
    )
    mine, yakes = (
        _cut(vietnamese, lambda each, name=name: getattr(each, name)) for name in ("ours", "yakes")
    )
    costs = [run["milliseconds"] for run in ours]
    sizes = [run["bytes"] for run in ours]
    per = sum(costs) / sum(sizes) * 4000
    other = sum(run["seconds"] for run in theirs["articles"]) / len(answers) * 1000
    versions = theirs["versions"]
    return f"""\
{_TITLE}

The first {TOP} of each, against the keywords that editors gave: the share that is the same, and in brackets the share
that holds one of theirs or is held by one, at most {NEAR} words longer or shorter. Beside them YAKE {versions["yake"]}
(up to three words, with our stop words) in the same run, in an environment of its own.

| | articles | ours | YAKE |
|---|--:|--:|--:|
{rows}

Phrases that cut a word of underthesea {versions["underthesea"]}: ours {mine:.1%}, YAKE's {yakes:.1%}.
Processor time for an article: ours {sum(costs) / len(costs):.1f} ms on average ({median(costs):.1f} in the middle;
{per:.1f} for 4 kB), YAKE {other:.0f} ms.
The aims: {TIMES:g} times as many as YAKE in Vietnamese: {times:.1f}: {verdict(times >= TIMES)};
below {CUT:.0%} that cut a word: {verdict(mine < CUT)}; at most {EACH:g} ms for 4 kB: {verdict(per <= EACH)}."""


def _room(room: dict[str, float]) -> str:
    return f"""\
Statistics of {TEXTS:,} articles that share no phrase, the worst case: {room["bytes"] / 1e6:.0f} MB in the database,
{room["seconds"] / TEXTS * 1e6:.0f} µs for an article.
The aim: at most {ROOM / 1e6:.0f} MB: {verdict(room["bytes"] <= ROOM)}."""


def _of(answers: Iterable[Answer], group: str) -> list[Answer]:
    return [each for each in answers if each.group == group]


def _row(name: str, some: Sequence[Answer]) -> str:
    cells = []
    for who in ("ours", "yakes"):
        strict, near = (
            _mean(
                some,
                lambda each, who=who, near=near: precision(getattr(each, who), each.article.tags, near=near),
            )
            for near in (False, True)
        )
        cells.append(f"{strict:.2f} ({near:.2f})")
    return f"| {name} | {len(some)} | {cells[0]} | {cells[1]} |"


def _mean(some: Sequence[Answer], of: Callable[[Answer], float]) -> float:
    return sum(map(of, some)) / len(some)


def _cut(some: Sequence[Answer], of: Callable[[Answer], Sequence[str]]) -> float:
    phrases = sum(len(of(each)) for each in some)
    return sum(len(cutting(of(each), each.words)) for each in some) / phrases


def _ours() -> list[dict[str, Any]]:
    told = []
    for _, each in articles():
        times = []
        for _ in range(ROUNDS):
            started = time.process_time()
            labels = found(each.title, each.lead, each.body, TOP, each.language)
            times.append(time.process_time() - started)
        size = len(f"{each.title}\n{each.lead}\n{each.body}".encode())
        told.append(
            {"keywords": [label for label, _ in labels], "milliseconds": median(times) * 1000, "bytes": size}
        )
    return told


if __name__ == "__main__":
    json.dump(_ours(), sys.stdout, ensure_ascii=False)
