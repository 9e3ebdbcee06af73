"""The languages of pages that are made when they are asked for, by what a browser wishes."""

from __future__ import annotations

from collections.abc import Sequence

from publisher.config import Config
from publisher.web.conditions import weights

NAMES = {"vi": "Tiếng Việt", "en": "English"}
"""The languages that have every word, by their own names."""


def offered(config: Config) -> tuple[str, ...]:
    """The languages to choose from: the site's first, and all in `NAMES`."""
    return tuple(dict.fromkeys((config.site.language, *NAMES)))


def wanted(field: bytes, choice: Sequence[str]) -> str:
    """The language of `choice` that `Accept-Language` wants most; the first where it wants none (RFC 4647, 3.4).

    A range such as ``en-GB`` stands for ``en`` too, as no page is in the English of one country.
    """
    ranges = weights(field)
    for tag in sorted(ranges, key=lambda tag: ranges[tag], reverse=True):
        if ranges[tag] <= 0:
            break
        if tag == "*":
            return choice[0]
        for language in choice:
            if language.lower() == tag or language.lower().partition("-")[0] == tag.partition("-")[0]:
                return language
    return choice[0]
