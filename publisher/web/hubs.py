"""Feeds that get news name their hubs in a header field too (WebSub, section 4)."""

from __future__ import annotations

from collections.abc import Sequence

from publisher import addresses
from publisher.kinds import is_current_feed
from publisher.web.shelf import Fields


class Hubs:
    """The `Link` field of a file by its name; `site_url` is where the output is served."""

    def __init__(self, hubs: Sequence[str], site_url: str) -> None:
        self._hubs, self._site_url = hubs, site_url

    def __call__(self, name: str) -> Fields:
        """The field, where the file is a feed that hubs are told of."""
        if not self._hubs or not is_current_feed(name):
            return []
        links = [*((hub, "hub") for hub in self._hubs), (addresses.absolute(self._site_url, name), "self")]
        return [(b"link", ", ".join(f'<{url}>; rel="{kind}"' for url, kind in links).encode())]
