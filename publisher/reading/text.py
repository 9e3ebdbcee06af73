"""Plain text as it is copied from a newspaper's page: title, date, one block a line, furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from publisher.errors import SeedError
from publisher.model import Block, BlockKind, Draft
from publisher.reading.cleaning import clean_line
from publisher.reading.dates import parse_date
from publisher.reading.declared import split_keywords, split_names
from publisher.reading.markers import BYLINES, KEYWORDS, is_tail, split_marker, split_opening
from publisher.reading.options import Options

_LONGEST_TITLE = 300
_LONGEST_CAPTION = 200
_LINES_TO_THE_DATE = 4
_CLOSERS = "”’\"'»)]}"
_ENDS = (".", "!", "?", "…", ":", ";")
_BULLET = re.compile(r"(?:[-–—+*•]|[0-9]{1,2}[.)]|[a-zđ][.)])\s")
_INITIALS = re.compile(r"[^\W\d_](?:\.?[^\W\d_]){1,4}\.?")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’-](?=\w|$))*")
_DATE_HINT = "put a date on a line of its own below the title, as in 17:26 30/05/2023"


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


@dataclass(slots=True)
class _Body:
    blocks: list[Block] = field(default_factory=list)
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


def read_text(text: str, options: Options) -> Draft:
    """The draft in cleaned plain text; SeedError where there is no title, date or text."""
    lines = [_Line(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    first = next((index for index, line in enumerate(lines) if line.text), None)
    if first is None:
        raise SeedError("the file is empty")
    title = _title(lines[first], options)
    published, at = _date(lines, first, options)
    body = _Body()
    _read_head(lines[first + 1 : at], body, options)
    _read_body(lines[at + 1 :], body, options)
    if not body.blocks:
        raise SeedError("no text below the date", line=lines[at].number, hint="add the article's text")
    return Draft(
        title=title,
        published=published,
        blocks=tuple(body.blocks),
        summary=body.blocks[0].text,
        authors=body.authors or options.default_authors,
        keywords=body.keywords or options.default_keywords,
        language=options.language,
    )


def _title(line: _Line, options: Options) -> str:
    hint = "put the title on the first line and the date below it"
    if len(line.text) > _LONGEST_TITLE:
        raise SeedError("no title: the first line is a paragraph", line=line.number, hint=hint)
    try:
        dated = parse_date(line.text, options.zone) is not None
    except SeedError:
        dated = True
    if dated:
        raise SeedError("no title: the first line is a date", line=line.number, hint=hint)
    return clean_line(line.text)


def _date(lines: list[_Line], title: int, options: Options) -> tuple[datetime, int]:
    """The date and the index of its line."""
    seen = 0
    for index in range(title + 1, len(lines)):
        line = lines[index]
        if not line.text:
            continue
        if (found := _date_in(line, options)) is not None:
            return found, index
        seen += 1
        if seen == _LINES_TO_THE_DATE:
            break
    raise SeedError("no date", line=lines[title].number, hint=_DATE_HINT)


def _date_in(line: _Line, options: Options) -> datetime | None:
    try:
        return parse_date(line.text, options.zone)
    except SeedError as fault:
        raise SeedError(fault.reason, line=line.number, hint=fault.hint) from fault


def _read_head(lines: list[_Line], body: _Body, options: Options) -> None:
    """Between title and date stand a section's name, the author or already the lead: the name is furniture."""
    for line in lines:
        if not line.text:
            continue
        if marked := _marked_authors(line.text, options):
            body.authors = marked
        elif not _is_caption(line.text):
            body.blocks.append(Block(BlockKind.PARAGRAPH, line.text))


def _read_body(lines: list[_Line], body: _Body, options: Options) -> None:
    for index, line in enumerate(lines):
        if not line.text:
            continue
        if is_tail(line.text, options.tail_markers):
            break
        if (
            body.blocks
            and (values := split_marker(line.text, KEYWORDS + options.keyword_markers)) is not None
        ):
            below = lines[index + 1].text if index + 1 < len(lines) else ""
            body.keywords = split_keywords(values or _values_below(below, options))
            break
        caption = body.blocks and _is_caption(line.text)
        body.blocks.append(Block(BlockKind.CAPTION if caption else BlockKind.PARAGRAPH, line.text))
    _take_byline(body, options)


def _values_below(line: str, options: Options) -> str:
    # Under an empty marker mostly stands the comment box; only what looks like a list is one.
    listed = any(separator in line for separator in ",;#")
    return line if listed and not is_tail(line, options.tail_markers) else ""


def _is_caption(line: str) -> bool:
    if len(line) > _LONGEST_CAPTION or _BULLET.match(line):
        return False
    return not line.rstrip(_CLOSERS).endswith(_ENDS)


def _take_byline(body: _Body, options: Options) -> None:
    """Move the last block to the authors where it is their line; the lead never is."""
    if len(body.blocks) < 2:
        return
    line = body.blocks[-1].text
    if authors := _marked_authors(line, options) or _bare_authors(line):
        body.authors = body.authors or authors
        body.blocks.pop()


def _marked_authors(line: str, options: Options) -> tuple[str, ...]:
    if len(line) > _LONGEST_CAPTION:
        return ()
    markers = BYLINES + options.byline_markers
    if named := split_marker(line, markers):
        return split_names(named)
    # Without a colon “Theo” and “By” begin sentences too: names must follow.
    return _bare_authors(split_opening(line, markers) or "")


def _bare_authors(line: str) -> tuple[str, ...]:
    if not line or len(line) > _LONGEST_CAPTION:
        return ()
    names = split_names(line)
    return names if names and all(_is_name(name) for name in names) else ()


def _is_name(name: str) -> bool:
    if _INITIALS.fullmatch(name) and name.isupper():
        return True
    words = name.split()
    return len(words) <= 5 and all(word[0].isupper() and _NAME.fullmatch(word) for word in words)
