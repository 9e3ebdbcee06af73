"""What one line of a text is: a caption, a byline, a name."""

from __future__ import annotations

import re

from publisher.reading.declared import split_names
from publisher.reading.markers import BYLINES, split_marker, split_opening
from publisher.reading.options import Options

_LONGEST_CAPTION = 200
_CLOSERS = "”’\"'»)]}"
_ENDS = (".", "!", "?", "…", ":", ";")
_BULLET = re.compile(r"(?:[-–—+*•]|[0-9]{1,2}[.)]|[a-zđ][.)])\s")
_INITIALS = re.compile(r"[^\W\d_](?:\.?[^\W\d_]){1,4}\.?")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’-](?=\w|$))*")


def is_caption(line: str) -> bool:
    """Whether a line stands under a picture, or is a heading: it is short and no sentence."""
    if len(line) > _LONGEST_CAPTION or _BULLET.match(line):
        return False
    return not line.rstrip(_CLOSERS).endswith(_ENDS)


def marked_authors(line: str, options: Options) -> tuple[str, ...]:
    """The names behind a marker such as “Tác giả”; none where the line is no byline."""
    if len(line) > _LONGEST_CAPTION:
        return ()
    markers = BYLINES + options.byline_markers
    if named := split_marker(line, markers):
        return split_names(named)
    # Without a colon “Theo” and “By” begin sentences too: names must follow.
    return bare_authors(split_opening(line, markers) or "")


def bare_authors(line: str) -> tuple[str, ...]:
    """The names of a line that holds nothing else."""
    if not line or len(line) > _LONGEST_CAPTION:
        return ()
    names = split_names(line)
    return names if names and all(_is_name(name) for name in names) else ()


def _is_name(name: str) -> bool:
    if _INITIALS.fullmatch(name) and name.isupper():
        return True
    words = name.split()
    return len(words) <= 5 and all(word[0].isupper() and _NAME.fullmatch(word) for word in words)
