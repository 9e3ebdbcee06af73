"""What people wrote, as feeds say it in titles, names and summaries: plain text that nobody takes for markup. Pure.

Some readers drop what looks like a tag even where it is escaped, and validators warn of it; so angle
brackets around words become ‹ ›. A replacement character stands for a letter that was lost: it becomes a box.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TAG = re.compile(r"<(/?[A-Za-z!?][^<>]*)>")
_END = re.compile(r"<(?=/[A-Za-z])")
_MAILBOX = re.compile(r"\s*<[^<>\s]+@[^<>\s]+>")
LOST, BOX = "\ufffd", "\u25a1"


def plain(text: str) -> str:
    """Words as they stand, without what looks like markup."""
    if "<" in text:
        text = _END.sub("‹", _TAG.sub(r"‹\1›", text))
    return text.replace(LOST, BOX)


def name_of(author: str) -> str:
    """The name of an author, without an address behind it: a feed is no place for that."""
    return plain(_MAILBOX.sub("", author).strip() or author)


@lru_cache(maxsize=4096)
def marked(text: str) -> str:
    """Words for an element or an attribute, with references in hexadecimal (RSS Advisory Board, RSS profile).

    Programs that unescape twice, as validators suspect them to, then find no entity of HTML in them.
    """
    return hexed(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")).replace('"', "&quot;")


def hexed(xml: str) -> str:
    """XML whose references to `&`, `<` and `>` are hexadecimal ones."""
    return xml.replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;").replace("&gt;", "&#x3E;")
