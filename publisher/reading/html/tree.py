"""HTML as a tree: parsed as browsers forgive it, never from the network, with the text that people see."""

from __future__ import annotations

from typing import Any

from lxml import etree, html

from publisher.errors import SeedError
from publisher.reading.cleaning import clean_line

Node = Any
"""An element of lxml, which has no types of its own."""

_LARGEST = 5_000_000
_BREAK = "\x0b"
"""A line break of the page, where ends of lines are blanks."""
_UNSEEN = ("script", "style", "noscript", "template", "iframe", "object", "svg", "canvas", "head")


def parse(text: str) -> Node:
    """The root of a page; SeedError where there is no element in it.

    What is deeper than some two hundred elements is left out by the parser: no person made that.
    """
    if len(text) > _LARGEST:
        raise SeedError("too large for a page: more than 5 MB", hint="save the page as HTML alone")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except (etree.LxmlError, ValueError) as fault:
        raise SeedError("no HTML can be read in it", hint="save the page again, as HTML alone") from fault
    return root


def text_of(node: Node) -> str:
    """What people see of an element, on one line."""
    return clean_line(_seen(node))


def lines_of(node: Node) -> list[str]:
    """The same in the lines that `br` makes of it, without empty ones."""
    return [line for line in map(clean_line, _seen(node).split(_BREAK)) if line]


def _seen(node: Node) -> str:
    parts: list[str] = []
    unseen = 0
    for kind, each in etree.iterwalk(node, events=("start", "end")):
        if each.tag in _UNSEEN and each is not node:
            unseen += 1 if kind == "start" else -1
        if kind == "start" and not unseen:
            parts.append(_BREAK if each.tag == "br" else each.text or "")
        elif kind == "end" and each is not node and not unseen:
            parts.append(each.tail or "")
    return "".join(parts)


def attribute(node: Node, name: str) -> str:
    """An attribute on one line, empty where it is not there."""
    return clean_line(str(node.get(name) or ""))
