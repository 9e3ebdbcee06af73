"""Articles under keyword headings. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from publisher.model import Keyword, Listing, Section


def sections(
    shown: Sequence[Listing], keywords: Mapping[str, Keyword], covers: Callable[[str], bool]
) -> tuple[Section, ...]:
    """Group articles under keyword headings, the fullest section first, those without keyword last."""
    placed: dict[str, list[str]] = {}
    for listing in shown:
        best = next((slug for slug in listing.keywords if covers(slug)), "")
        placed.setdefault(best, []).append(listing.id)
    order = sorted(placed, key=lambda slug: (slug == "", -len(placed[slug]), slug))
    return tuple(Section(slug, keywords[slug].label if slug else "", tuple(placed[slug])) for slug in order)
