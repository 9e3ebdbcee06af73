"""Articles that changed since an edition of a digest had them. Pure.

A revision of an article is known by its `updated`: each is a correction in one edition of a digest, ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from publisher.model import Listing

_LATEST = timedelta(days=31)
"""A change that is older corrects nothing: so a digest that begins to correct does not begin with all of the past."""


def corrections(
    articles: Mapping[str, Listing], had: Mapping[str, datetime], moment: datetime
) -> tuple[str, ...]:
    """The articles that are not what they were when the digest had them last, the latest change first.

    `articles` are those that are out; `had` is the `updated` that each article of the digest had then.
    """
    found = [
        (articles[key].updated.timestamp(), key)
        for key, updated in had.items()
        if key in articles and articles[key].updated > updated and articles[key].updated >= moment - _LATEST
    ]
    return tuple(key for _, key in sorted(found, reverse=True))
