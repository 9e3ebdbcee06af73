"""The making of feeds, side by side with the straightforward use of feedgen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.orders import FORMATS
from benchmarks.process import WORK, Measured, measured, python, spread, verdict
from benchmarks.stock import ARTICLES, EDITED, ENTRIES, KEYWORDS, MARKED, PICTURED

ROUNDS = 5
WAYS = {
    "ours": ("benchmarks.ours",),
    "checked": ("benchmarks.ours", "checked"),
    "plain": ("benchmarks.plain",),
    "shared": ("benchmarks.shared",),
}
"""Each way with its module and what it is told behind the folder."""
SHARE = 0.25
"""The aim: at most this share of feedgen's time."""
MEMORY = 300e6
"""And less memory than this, in bytes."""

_MEBI = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Round:
    """One process of each: our way, the same with each document read back, feedgen's, and what of it is no building."""

    ours: Measured
    checked: Measured
    plain: Measured
    shared: Measured

    @property
    def share(self) -> float:
        """Our part of feedgen's time."""
        return self.ours.seconds / self.plain.seconds

    @property
    def proven(self) -> float:
        """The same where we parse every document that we made, and feedgen's way none."""
        return self.checked.seconds / self.plain.seconds


def section() -> str:
    """Fill a store, let both ways make the feeds in turn, and compare what they made."""
    folder = WORK / "feeds"
    folder.mkdir(parents=True)
    stock = _said(measured(python("benchmarks.stock", folder)))
    rounds = list[Round]()
    for number in range(ROUNDS):
        turn = number % len(WAYS)
        order = [*WAYS][turn:] + [*WAYS][:turn]
        done = {way: measured(python(WAYS[way][0], folder, *WAYS[way][1:])) for way in order}
        rounds.append(Round(**done))
    same = _said(measured(python("benchmarks.same", folder)))
    return "\n\n".join([_task(stock), _table(rounds), _aims(rounds), _sameness(rounds, same)])


def _said(process: Measured) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(process.said)
    return found


def _task(stock: dict[str, Any]) -> str:
    return f"""\
## {KEYWORDS:,} feeds in {len(FORMATS)} formats from {ARTICLES:,} articles

Each feed holds {ENTRIES} whole articles, the newest under its keyword. How many articles stand under a keyword
follows Zipf's law, with {ENTRIES} as the least; an article stands under {stock["filings"]:.1f} keywords on average.
The feeds carry {stock["carried"]:,} of the articles, each {stock["times"]:.1f} times on average.
One article in {MARKED} has links and emphasis, one in {PICTURED} a picture, one in {EDITED} was edited.

Both ways read the articles from one SQLite file and drop a document once it is counted. Ours is told what
will be asked for, as by a run's plan, and reads the articles of feeds to come ahead.
feedgen's way is one generator for each feed and format, every entry added anew, and `json.dumps` for JSON Feed.
It keeps each article's HTML once made, so that only the building of feeds differs."""


def _table(rounds: Sequence[Round]) -> str:
    rows = {
        "publisher": [each.ours for each in rounds],
        "publisher, each document read back": [each.checked for each in rounds],
        "feedgen, nothing read back": [each.plain for each in rounds],
        "of feedgen's: reading articles, making their HTML": [each.shared for each in rounds],
    }
    lines = "\n".join(
        f"| {label} | {spread(run.seconds for run in runs)} | {max(run.peak for run in runs):.0f} |"
        for label, runs in rows.items()
    )
    return f"""\
Whole processes in turn, median of {ROUNDS}; in brackets the least and the most. Shares are those of each round.

| | seconds | most memory, MiB |
|---|--:|--:|
{lines}
| publisher's share of feedgen's time | {spread(each.share for each in rounds)} | |
| publisher's share of feedgen's time where it alone reads back | {spread(each.proven for each in rounds)} | |"""


def _aims(rounds: Sequence[Round]) -> str:
    share = median(each.share for each in rounds)
    peak = max(run.peak for each in rounds for run in (each.ours, each.checked)) * _MEBI
    return f"""\
The aims, for whole processes: at most {SHARE:.0%} of feedgen's time: {verdict(share <= SHARE)};
memory below {MEMORY / 1e6:.0f} MB ({MEMORY / _MEBI:.0f} MiB): {verdict(peak < MEMORY)}."""


def _sameness(rounds: Sequence[Round], same: dict[str, Any]) -> str:
    ours = [_said(run) for each in rounds for run in (each.ours, each.checked)]
    plain = [_said(each.plain) for each in rounds]
    sums = [len({said["sum"] for said in way}) for way in (ours, plain)]
    if ours[0]["documents"] != plain[0]["documents"] or sums != [1, 1]:
        raise SystemExit(f"not the same documents in every round: {ours} {plain}")
    return f"""\
Each made {ours[0]["documents"]:,} documents, the same bytes in every round: {ours[0]["bytes"] / 1e6:,.0f} MB of ours,
{plain[0]["bytes"] / 1e6:,.0f} MB of feedgen's. Ids, titles, summaries, dates and contents
of {same["documents"]} documents with {same["entries"]:,} entries were compared,
RSS and Atom as feedparser reads them: they are equal."""
