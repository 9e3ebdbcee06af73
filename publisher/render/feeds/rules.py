"""What must hold of an article before it is made an entry, asked once for all formats."""

from __future__ import annotations

import re

from publisher.characters import FORBIDDEN, any_of
from publisher.errors import EntryError
from publisher.render.feeds.entry import Entry

# Attribute by attribute from the start of a tag, for the value of a title may look like a link.
_LOST_LINK = re.compile(
    r"""<[a-z][a-z0-9]*(?:\s+[a-z-]+="[^"]*")*?\s+(?:href|src|cite)="(?!https?://|mailto:)[^"]*""",
    re.IGNORECASE,
)
_FORBIDDEN = any_of(FORBIDDEN)


def article_is_sound(entry: Entry) -> None:
    """No character in the words that XML forbids or that means nothing; content whose links are absolute.

    What can be seen in a document is asked when it is read back: see `readback`.
    """
    for text in (entry.title, entry.summary, *entry.authors, *entry.categories):
        if found := _FORBIDDEN.search(text):
            raise EntryError(f"a character that no feed may hold: U+{ord(found[0]):04X}")
    if '="' in entry.html and (lost := _LOST_LINK.search(entry.html)):
        raise EntryError(f"a link that leads nowhere: {lost[0][:100]}")
