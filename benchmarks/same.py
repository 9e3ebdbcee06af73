"""Whether both ways made the same feeds: their samples read by feedparser and compared; a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import feedparser


def main(folder: Path) -> None:
    """Stop at the first difference; print how much was compared as JSON."""
    names = sorted(file.name for file in (folder / "ours").iterdir())
    if not names or names != sorted(file.name for file in (folder / "plain").iterdir()):
        raise SystemExit("the samples are not of the same feeds")
    entries = 0
    for name in names:
        ours, plain = (list(shown(folder / way / name)) for way in ("ours", "plain"))
        entries += len(ours)
        if not ours or len(ours) != len(plain):
            raise SystemExit(f"{name}: {len(ours)} entries of ours, {len(plain)} of feedgen's")
        for one, other in zip(ours, plain, strict=True):
            if one != other:
                raise SystemExit(f"{name}: an entry differs:\n{one}\n{other}")
    print(json.dumps({"documents": len(names), "entries": entries}))


def shown(file: Path) -> Iterator[tuple[object, ...]]:
    """Of each entry its id, title, summary, dates to the second and content; RSS itself has but one date."""
    if file.suffix == ".json":
        for item in json.loads(file.read_bytes())["items"]:
            names = ("id", "title", "summary", "date_published", "date_modified", "content_html")
            yield tuple(item[name] for name in names)
        return
    parsed = feedparser.parse(file.read_bytes(), sanitize_html=False, resolve_relative_uris=False)
    if parsed.bozo:
        raise SystemExit(f"{file}: {parsed.bozo_exception}")
    dates = ["published_parsed"] if file.suffix == ".rss" else ["published_parsed", "updated_parsed"]
    for entry in parsed.entries:
        moments = [tuple(entry[date]) for date in dates]
        yield entry.id, entry.title, entry.summary, *moments, *(content.value for content in entry.content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
