"""Articles with the keywords that editors gave them, as the program reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.process import HERE
from publisher.keywords import fold
from publisher.model import BlockKind
from publisher.reading import Options, load, read, scan
from publisher.reading.sources import Folder

OWN = HERE / "tagged"
SHARED = HERE.parent.parent / "shared" / "articles"
"""A folder of others' articles, where it stands beside this repository."""
_TAGS = ("tags.jsonl", "expected.jsonl")
_OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi", undated=datetime(2026, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Tagged:
    """An article: its language, its texts, and the keywords that an editor gave it, folded."""

    file: str
    language: str
    title: str
    lead: str
    body: str
    tags: frozenset[str]


def tagged(folder: Path) -> list[Tagged]:
    """The text articles of a folder that have tags, in the order of its list."""
    tags = dict(_tags(folder))
    seeds = {seed.path: seed for seed in scan(Folder(folder, ())).seeds}
    articles = []
    for name, (language, given) in tags.items():
        seed = seeds.get(name)
        if seed is None:
            continue
        draft = read(load(folder, seed, _OPTIONS), seed.path, _OPTIONS)
        body = "\n".join(block.text for block in draft.blocks if block.kind is not BlockKind.CODE)
        body = body.replace(draft.summary, "\n", 1) if draft.summary else body
        articles.append(Tagged(name, language, draft.title, draft.summary, body, given))
    return articles


def _tags(folder: Path) -> Iterator[tuple[str, tuple[str, frozenset[str]]]]:
    for name in _TAGS:
        if not (folder / name).exists():
            continue
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            facts = json.loads(line)
            given = facts.get("editor_keywords") or facts.get("keywords") or []
            # One article may stand there in two formats: the one in plain text counts.
            if given and facts["file"].endswith((".txt", ".md")):
                yield facts["file"], (facts["lang"], frozenset(map(fold, given)))
