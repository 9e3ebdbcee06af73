"""A page copied whole → the draft in it: lead, body, captions, author and keywords around what `page` found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from publisher.model import Block, BlockKind, Draft
from publisher.reading.cleaning import clean_line
from publisher.reading.datelines import date_within
from publisher.reading.declared import keywords, split_keywords
from publisher.reading.lines import bare_authors, is_caption, marked_authors
from publisher.reading.markers import KEYWORDS, PAGE_KEYWORDS, is_tail, split_marker
from publisher.reading.options import Options
from publisher.reading.page import Anatomy, anatomy, is_credit, is_prose

_BELOW, _ABOVE = 45, 8
"""Lines below the prose, and above the title, in which keywords are looked for."""
_MOST, _LONGEST, _WORDS = 15, 60, 6
"""Keywords of a list, and characters and words of one."""
_FEWEST = 3
"""Keywords of a list that no marker stands above."""
_AFTER = 12
"""Sentences below the prose that may still be captions."""
_NO_KEYWORD = re.compile(r"[.:!?…|×]\s*\Z|\A[:|]|\d{1,2}:\d\d|\(\d+\)\s*\Z")


def read_copied(text: str, options: Options) -> Draft | None:
    """The draft in a page that was copied whole; nothing where no article, or no date of its own, can be told."""
    lines = [line for line in map(clean_line, text.split("\n")) if line]
    found = anatomy(lines, options.zone, options.tail_markers)
    published = (found.published or options.undated) if found else None
    if found is None or published is None:
        return None
    blocks = list(dict.fromkeys(_blocks(lines, found, options)))
    if not blocks:
        return None
    return Draft(
        title=lines[found.title],
        published=published,
        blocks=tuple(blocks),
        summary=next((block.text for block in blocks if block.kind is BlockKind.PARAGRAPH), blocks[0].text),
        authors=_authors(lines, found, options) or options.default_authors,
        keywords=_keywords(lines, found, blocks, options) or options.default_keywords,
        language=options.language,
    )


def _blocks(lines: Sequence[str], found: Anatomy, options: Options) -> Iterator[Block]:
    """Lead, prose and captions, each once; what a page says between them of itself is left out."""
    for at in range(found.title + 1, found.first):
        line = lines[at]
        if at != found.dated and line != lines[found.title] and (is_prose(line) or is_credit(line)):
            yield _block(line, caption=is_credit(line))
    for line in lines[found.first : found.last + 1]:
        if not is_tail(line, options.tail_markers):
            yield _block(line, caption=not is_prose(line) and is_caption(line))
    for line in lines[found.last + 1 : _end(lines, found, options)]:
        yield _block(line, caption=is_credit(line) or is_caption(line))


def _end(lines: Sequence[str], found: Anatomy, options: Options) -> int:
    """The first line that is not the article's: sentences and captions may follow its longest run."""
    for at in range(found.last + 1, min(len(lines), found.last + 1 + _AFTER)):
        if is_tail(lines[at], options.tail_markers) or not (is_credit(lines[at]) or _is_sentence(lines[at])):
            return at
    return min(len(lines), found.last + 1 + _AFTER)


def _block(line: str, *, caption: bool) -> Block:
    return Block(BlockKind.CAPTION if caption else BlockKind.PARAGRAPH, line)


def _is_sentence(line: str) -> bool:
    return len(line.split()) >= 4 and line.rstrip("”’\"'»)]").endswith((".", "!", "?", "…"))


def _authors(lines: Sequence[str], found: Anatomy, options: Options) -> tuple[str, ...]:
    """Names near the title, or right below the prose."""
    head = lines[found.title + 1 : min(found.first, found.title + _ABOVE)]
    end = _end(lines, found, options)
    for line in (*head, *lines[found.last + 1 : end + 1]):
        if authors := marked_authors(line, options) or bare_authors(line):
            return authors
    return ()


def _keywords(
    lines: Sequence[str], found: Anatomy, blocks: Sequence[Block], options: Options
) -> tuple[str, ...]:
    """Those behind or below a marker, after the prose or right above the title, or a bare list of its subjects."""
    markers = KEYWORDS + PAGE_KEYWORDS + options.keyword_markers
    after = range(found.last + 1, min(len(lines), found.last + 1 + _BELOW))
    for at in (*after, *range(max(0, found.title - _ABOVE), found.title)):
        values = split_marker(lines[at], markers)
        if values is None:
            continue
        end = found.title if at < found.title else len(lines)
        if listed := split_keywords(values) if values else _listed(lines[at + 1 : end], options):
            return listed
    return _bare(lines[_end(lines, found, options) :], blocks, options)


def _listed(lines: Sequence[str], options: Options) -> tuple[str, ...]:
    """A line of keywords, or one keyword a line until something else comes."""
    if lines and any(separator in lines[0] for separator in ",;#"):
        return split_keywords(lines[0]) if not is_tail(lines[0], options.tail_markers) else ()
    values: list[str] = []
    for line in lines[:_MOST]:
        if not _may_be_keyword(line, options):
            break
        values.append(line)
    return keywords(values)


def _bare(lines: Sequence[str], blocks: Sequence[Block], options: Options) -> tuple[str, ...]:
    """A list without a marker, right below the prose and above a page's furniture, if the article speaks of it."""
    values = []
    for line in lines[:_MOST]:
        if is_tail(line, options.tail_markers):
            break
        if not _may_be_keyword(line, options):
            return ()
        values.append(line)
    else:
        return ()
    said = " ".join(block.text for block in blocks).casefold()
    spoken = sum(value.casefold() in said for value in values)
    return keywords(values) if len(values) >= _FEWEST and spoken * 2 >= len(values) else ()


def _may_be_keyword(line: str, options: Options) -> bool:
    if len(line) > _LONGEST or len(line.split()) > _WORDS or _NO_KEYWORD.search(line):
        return False
    return not is_tail(line, options.tail_markers) and date_within(line, options.zone) is None
