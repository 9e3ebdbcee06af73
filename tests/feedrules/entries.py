"""Rules about entries together, whatever the format: order, repetitions, dates against each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from feedrules import content, text

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry as its format's module has read it; None where something is missing or unreadable.

    `categories` holds the lists of names that must differ among themselves: terms, labels.
    """

    what: str
    id: str | None
    link: str | None
    published: datetime | None
    updated: datetime | None
    dated: bool
    categories: tuple[tuple[str, ...], ...]
    html: tuple[str, ...]


def together(items: list[Item], changed: datetime | None, now: datetime | None) -> list[str]:
    """What is wrong among `items` in a feed that says it `changed` last at that moment."""
    found = [f"{item.what} does not say when it was published." for item in items if not item.dated]
    for item in items:
        found += [line for markup in item.html for line in content.html(markup, item.what)]
        for names in item.categories:
            found += [
                f"{item.what} repeats the category {name!r}."
                for name in text.repeated(text.fold(name) for name in names)
            ]
    found += [f"Two entries have the id {one!r}." for one in text.repeated(i.id for i in items if i.id)]
    found += [f"Two entries have the link {one!r}." for one in text.repeated(i.link for i in items if i.link)]
    return found + _order(items) + _changed(items, changed) + _future(items, changed, now)


def _order(items: list[Item]) -> list[str]:
    dated = [(item.published, item.what) for item in items if item.published]
    return [
        f"{what} is newer than the entry before it."
        for (before, _), (after, what) in pairwise(dated)
        if after > before
    ]


def _changed(items: list[Item], changed: datetime | None) -> list[str]:
    found = []
    for item in items:
        if item.updated and item.published and item.updated < item.published:
            found.append(f"{item.what} was updated before it was published.")
    newest = max((moment for item in items if (moment := item.updated or item.published)), default=None)
    if changed and newest and changed < newest:
        found.append(f"The feed says that it changed at {changed}, before its newest entry did at {newest}.")
    return found


def _future(items: list[Item], changed: datetime | None, now: datetime | None) -> list[str]:
    # A moment may have a fraction of its second, and be the second that it is now.
    if now is None:
        return []
    found = ["The feed changed in the future."] if changed and changed >= now + _SECOND else []
    for item in items:
        if any(moment and moment >= now + _SECOND for moment in (item.published, item.updated)):
            found.append(f"{item.what} is dated in the future.")
    return found
