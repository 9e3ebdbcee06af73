"""HTML as a tree: parsed as browsers forgive it, never from the network, with the text that people see."""

from __future__ import annotations

from typing import Any

from lxml import etree, html

from publisher.errors import SeedError
from publisher.reading.cleaning import clean_line

Node = Any
"""An element of lxml, which has no types of its own."""

_BREAK = "\x0b"
"""A line break of the page, where ends of lines are blanks."""
_UNSEEN = ("script", "style", "noscript", "template", "iframe", "object", "svg", "canvas", "head")


def parse(text: str) -> Node:
    """The root of a page; SeedError where there is no element in it.

    What is deeper than some two hundred elements is left out by the parser: no person made that.
    """
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
    for kind, each in etree.iterwalk(node, events=("start", "end")):
        if each.tag in _UNSEEN:
            continue
        if kind == "start" and each.text and not _inside(each, node):
            parts.append(each.text)
        elif kind == "end" and each is not node and each.tail:
            parts.append(each.tail)
        if each.tag == "br" and kind == "start":
            parts.append(_BREAK)
    return "".join(parts)


def attribute(node: Node, name: str) -> str:
    """An attribute on one line, empty where it is not there."""
    return clean_line(str(node.get(name) or ""))


def _inside(each: Node, root: Node) -> bool:
    while each is not root and each is not None:
        if each.tag in _UNSEEN:
            return True
        each = each.getparent()
    return False
