"""Saved HTML pages: what they say of themselves to machines, and the article that people see on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from publisher.errors import SeedError
from publisher.model import Block, BlockKind, Draft, Picture
from publisher.reading.datelines import date_within
from publisher.reading.declared import language_tag, split_names
from publisher.reading.html.body import blocks_of
from publisher.reading.html.facts import Facts, facts_of
from publisher.reading.html.tree import Node, lines_of, parse, text_of
from publisher.reading.lines import bare_authors, marked_authors
from publisher.reading.options import Options
from publisher.reading.page import anatomy

_MOSTLY = 0.4
_HALF = timedelta(hours=12)
_MOST_LINES = 20_000


def read_html(text: str, options: Options) -> Draft:
    """The draft in a cleaned HTML page; SeedError where there is no title, date or text."""
    root = parse(text)
    facts = facts_of(root, options.zone)
    blocks = list(blocks_of(root, facts.url))
    if not blocks:
        raise SeedError("no article in the page", hint="save the page of one article, or its text")
    published = _published(root, facts, options)
    if published is None:
        raise SeedError(
            "no date", hint='the page says nowhere when it was published; add <time datetime="…">'
        )
    authors = facts.people or _byline(blocks, options) or split_names(facts.author)
    if not facts.title:
        raise SeedError("no title", hint="add <title> to the page")
    shown = _led(root, facts, [block for block in blocks if not _is_head(block, facts, options)] or blocks)
    return Draft(
        title=facts.title,
        published=published,
        updated=facts.updated if facts.updated and facts.updated > published else None,
        blocks=tuple(shown),
        summary=facts.summary
        or next((b.text for b in shown if b.kind is BlockKind.PARAGRAPH), shown[0].text),
        authors=authors or options.default_authors,
        keywords=facts.keywords or options.default_keywords,
        language=language_tag(facts.language) or options.language,
        declared_id=facts.url,
        pictures=(Picture(url=facts.image, type=""),) if facts.image else (),
    )


def _is_head(block: Block, facts: Facts, options: Options) -> bool:
    """Whether a block only says the title or the date again."""
    if block.text == facts.title:
        return True
    seen = date_within(block.text, options.zone)
    return seen is not None and seen.timed and seen.share > _MOSTLY


def _led(root: Node, facts: Facts, blocks: list[Block]) -> list[Block]:
    """The blocks with the lead in front, where people see it apart from the body."""
    if facts.summary and all(block.text != facts.summary for block in blocks):
        for node in islice(root.iter("p", "h2", "div"), _MOST_LINES):
            if not _holds_blocks(node) and text_of(node) == facts.summary:
                return [Block(BlockKind.PARAGRAPH, facts.summary), *blocks]
    return blocks


def _holds_blocks(node: Node) -> bool:
    """Whether an element is made of others that are lines themselves."""
    return any(child.tag in ("p", "div", "ul", "table", "section", "article", "h1", "h2") for child in node)


def _byline(blocks: list[Block], options: Options) -> tuple[str, ...]:
    """The names in the last block, which is taken away; the lead never is."""
    if len(blocks) < 2 or blocks[-1].kind is not BlockKind.PARAGRAPH:
        return ()
    line = blocks[-1].text
    authors = marked_authors(line, options) or bare_authors(line)
    if authors:
        blocks.pop()
    return authors


def _published(root: Node, facts: Facts, options: Options) -> datetime | None:
    """As machines are told; people where they see another half of the same day; else what stands by the title."""
    if facts.published is None:
        lines = [line for line in _lines(root) if line]
        found = anatomy(lines, options.zone, options.tail_markers)
        return (found.published if found else None) or options.undated
    if facts.published.hour < 12:
        for line in _lines(root):
            seen = date_within(line, options.zone)
            if (
                seen
                and seen.timed
                and seen.moment.replace(second=0) - facts.published.replace(second=0) == _HALF
            ):
                return seen.moment
    return facts.published


def _lines(root: Node) -> Iterator[str]:
    """The words that stand in elements themselves, as lines."""
    for number, node in enumerate(root.iter("p", "h1", "h2", "h3", "div", "span", "time", "li", "td")):
        if number > _MOST_LINES:
            return
        nested = node.tag == "span" and node.getparent().tag in ("span", "p", "li")
        if not nested and not _holds_blocks(node):
            yield from lines_of(node)
