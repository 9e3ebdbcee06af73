"""What people wrote, as feeds say it in titles, names and summaries: plain text that nobody takes for markup. Pure.

Some readers drop what looks like a tag of HTML even where it is escaped, and validators warn of it; so the
brackets of one become ‹ ›, and others stay. A replacement character stands for a letter that was lost: it
becomes a box.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ELEMENTS = """a abbr address area article aside audio b base bdi bdo big blockquote body br button canvas caption
center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure
font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link
main map mark menu meta meter nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby
s samp script section select small source span strike strong style sub summary sup svg table tbody td template textarea
tfoot th thead time title tr track tt u ul var video wbr"""
_TAG = re.compile(rf"<(/?(?:{'|'.join(_ELEMENTS.split())})(?:[\s/][^<>]*)?)>", re.IGNORECASE)
_MAILBOX = re.compile(r"\s*<[^<>\s]+@[^<>\s]+>")
LOST, BOX = "\ufffd", "\u25a1"


def plain(text: str) -> str:
    """Words as they stand, without what looks like markup."""
    if "<" in text:
        text = _TAG.sub(r"‹\1›", text)
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
