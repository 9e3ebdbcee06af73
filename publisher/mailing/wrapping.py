"""HTML with lines that fit into a mail, broken at blanks where a line break means the same."""

from __future__ import annotations

import re
from collections.abc import Callable

LONGEST_LINE = 998
"""Octets of a line without its end (RFC 5322, section 2.1.1)."""

_SAFE = "\ufdd2"
"""Stands for a blank that may become a line break; a noncharacter, which no text holds."""

_TOKEN = re.compile(
    r"""(?P<kept><!--.*?-->|<(?P<name>pre|script|style|textarea)\b.*?</(?P=name)\s*>)"""
    r"""|(?P<tag><[a-z/!](?:"[^"]*+"|'[^']*+'|[^"'>]++)*+>)"""
    r"""|[^<]++|<""",
    re.DOTALL | re.IGNORECASE,
)
_QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")


def wrapped(html: str, width: Callable[[str], int]) -> str:
    """`html` with every line broken that is too long and can be; `width` tells the octets of a text.

    A blank in text or between attributes can become a line break; one in an attribute, a comment, a
    style sheet or preformatted text cannot.
    """
    marked = _TOKEN.sub(_marked, html)
    return "\n".join(_broken(line, width) for line in marked.split("\n"))


def _marked(token: re.Match[str]) -> str:
    if token["kept"]:
        return token["kept"]
    if not token["tag"]:
        return token[0].replace(" ", _SAFE)
    outside_first = _QUOTED.split(token["tag"])
    outside_first[::2] = [outside.replace(" ", _SAFE) for outside in outside_first[::2]]
    return "".join(outside_first)


def _broken(line: str, width: Callable[[str], int]) -> str:
    whole = line.replace(_SAFE, " ")
    if width(whole) <= LONGEST_LINE:
        return whole
    rows: list[list[str]] = [[]]
    room = LONGEST_LINE
    for chunk in line.split(_SAFE):
        size = width(chunk) + 1
        if size > room + 1 and rows[-1]:
            rows.append([])
            room = LONGEST_LINE
        rows[-1].append(chunk)
        room -= size
    return "\n".join(" ".join(row).rstrip(" ") for row in rows)
