"""Rules that all XML documents share, and those of archives (RFC 5005) and links in RSS and Atom."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from feedrules import text

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
SNIFFED = 512
"""Bytes in which clients and validators look for the root where the media type says only XML."""

_BEFORE_ROOT = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>)*", re.DOTALL)


def parse(data: bytes, found: list[str]) -> Any:
    """The root; None, and the reason in `found`, where the document is not well-formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        found.append(f"The document is not well-formed XML: {fault.msg}.")
        return None
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    if encoding.upper() != "UTF-8":
        found.append(f"The document declares the encoding {encoding}, not UTF-8.")
    before = _BEFORE_ROOT.match(data)
    if before and before.end() + len(etree.QName(root).localname) + 1 > SNIFFED:
        found.append(f"The root element begins beyond the first {SNIFFED} bytes.")
    for node in root.iter(etree.Element):
        found += _strings(node)
    return root


def _strings(node: Any) -> list[str]:
    name = etree.QName(node).localname
    found = text.characters(node.text or "", f"A {name} element")
    found += text.characters(node.tail or "", f"The text behind a {name} element")
    for key, value in node.items():
        found += text.characters(value, f"The attribute {etree.QName(key).localname} of a {name} element")
    return found


def links(node: Any, what: str) -> list[str]:
    """Atom's links, in either format, lead to the web; enclosures say how long they are, in digits."""
    found = []
    for link in node.findall(f"{ATOM}link"):
        rel = link.get("rel", "alternate")
        found += text.url(link.get("href", ""), f"The {rel} link of {what}")
        if link.get("length") is not None and not re.fullmatch("[0-9]+", link.get("length")):
            found.append(f"The {rel} link of {what} has a length that is no number.")
    return found


def self_link(node: Any) -> list[str]:
    """A feed says where it stands and what it is."""
    own = [link for link in node.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(own) != 1:
        return [f"The feed has {len(own) or 'no'} self link{'s' * (len(own) > 1)}."]
    return [] if own[0].get("type") else ["The self link of the feed has no type."]


def archives(node: Any) -> list[str]:
    """RFC 5005: sections 2 (complete feeds) and 4 (archived feeds). Relative links are `links`' to find."""
    rels = {link.get("rel") for link in node.findall(f"{ATOM}link")}
    archive = node.find(f"{HISTORY}archive") is not None
    found = []
    if archive and "current" not in rels:
        found.append("The archive has no link to its current feed.")
    if archive and "self" not in rels:
        found.append("The archive has no link to itself.")
    if node.find(f"{HISTORY}complete") is not None and (archive or rels & {"prev-archive", "next-archive"}):
        found.append("The feed is both complete and archived.")
    return found
