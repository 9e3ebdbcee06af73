"""Plain text as it is copied from a newspaper's page: title, date, one block a line, furniture."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from publisher.errors import SeedError
from publisher.model import Block, BlockKind, Draft
from publisher.reading.cleaning import clean_line
from publisher.reading.copied import read_copied
from publisher.reading.dates import parse_date
from publisher.reading.declared import split_keywords
from publisher.reading.lines import bare_authors, is_caption, marked_authors
from publisher.reading.markers import KEYWORDS, is_tail, split_marker
from publisher.reading.options import Options

_LONGEST_TITLE = 300
_LINES_TO_THE_DATE = 4
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
    """The draft in cleaned plain text; SeedError where there is no title, date or text.

    A title and a date above the text are taken at their word; else the whole page is looked at.
    """
    try:
        return _read_plainly(text, options, None)
    except SeedError:
        if (found := read_copied(text, options)) is not None:
            return found
        if options.undated is None:
            raise
    return _read_plainly(text, options, options.undated)


def _read_plainly(text: str, options: Options, undated: datetime | None) -> Draft:
    lines = [_Line(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    first = next((index for index, line in enumerate(lines) if line.text), None)
    if first is None:
        raise SeedError("the file is empty")
    title = _title(lines[first], options)
    published, at = _date(lines, first, options, undated)
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


def _date(lines: list[_Line], title: int, options: Options, undated: datetime | None) -> tuple[datetime, int]:
    """The date and the index of its line; without one, what stands in for it and the title's."""
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
    if undated is not None:
        return undated, title
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
        if marked := marked_authors(line.text, options):
            body.authors = marked
        elif not is_caption(line.text):
            body.blocks.append(Block(BlockKind.PARAGRAPH, line.text))


def _read_body(lines: list[_Line], body: _Body, options: Options) -> None:
    markers = KEYWORDS + options.keyword_markers
    for index, line in enumerate(lines):
        if not line.text:
            continue
        if is_tail(line.text, options.tail_markers):
            break
        if body.blocks and (values := split_marker(line.text, markers)) is not None:
            below = lines[index + 1].text if index + 1 < len(lines) else ""
            body.keywords = split_keywords(values or _values_below(below, options))
            break
        caption = body.blocks and is_caption(line.text)
        body.blocks.append(Block(BlockKind.CAPTION if caption else BlockKind.PARAGRAPH, line.text))
    _take_byline(body, options)


def _values_below(line: str, options: Options) -> str:
    # Under an empty marker mostly stands the comment box; only what looks like a list is one.
    listed = any(separator in line for separator in ",;#")
    return line if listed and not is_tail(line, options.tail_markers) else ""


def _take_byline(body: _Body, options: Options) -> None:
    """Move the last block to the authors where it is their line; the lead never is."""
    if len(body.blocks) < 2:
        return
    line = body.blocks[-1].text
    if authors := marked_authors(line, options) or bare_authors(line):
        body.authors = body.authors or authors
        body.blocks.pop()
