"""The list of all feeds (OPML 2.0, opml.org/spec2.opml)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed in the list; `xml` and `html` are URLs."""

    title: str
    description: str
    xml: str
    html: str


def document(title: str, owner: str, groups: Sequence[tuple[str, Sequence[Outline]]]) -> bytes:
    """A list of feeds in named groups. `type` is ``rss`` for every format, as the specification has it.

    It has no date: it changes with its feeds only, and not with the clock.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    if owner:
        etree.SubElement(head, "ownerName").text = owner
    body = etree.SubElement(root, "body")
    for name, outlines in groups:
        group = etree.SubElement(body, "outline", text=name)
        for line in outlines:
            facts = {"text": line.title, "title": line.title, "type": "rss", "xmlUrl": line.xml}
            if line.description:
                facts["description"] = line.description
            etree.SubElement(group, "outline", facts | {"htmlUrl": line.html})
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
