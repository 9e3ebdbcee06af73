"""OPML 2.0 as a list of feeds."""

from __future__ import annotations

from datetime import datetime

from feedrules import moments, text, xmldoc


def faults(data: bytes, now: datetime | None) -> list[str]:
    """What is wrong with a list of feeds."""
    found: list[str] = []
    root = xmldoc.parse(data, found)
    if root is None:
        return found
    if root.tag != "opml" or root.get("version") != "2.0":
        found.append("The root element is not opml of version 2.0.")
    if [child.tag for child in root] != ["head", "body"]:
        return [*found, "The document is not one head and one body."]
    found += text.title(root.findtext("head/title"), "The list")
    for name in ("dateCreated", "dateModified"):
        written = root.findtext(f"head/{name}")
        moment = None if written is None else moments.rfc822(written, f"The list's {name}", found)
        if moment and now and moment > now:
            found.append(f"The list's {name} is in the future.")
    outlines = list(root.iterfind("body//outline"))
    if not outlines:
        found.append("The list has no outlines.")
    for number, node in enumerate(outlines, 1):
        found += _outline(dict(node.items()), f"Outline {number}")
    urls = [node.get("xmlUrl") for node in outlines if node.get("xmlUrl")]
    return found + [f"Two outlines have the xmlUrl {one!r}." for one in text.repeated(urls)]


def _outline(facts: dict[str, str], what: str) -> list[str]:
    found = []
    if not facts.get("text", "").strip():
        found.append(f"{what} has no text.")
    if "version" in facts:
        found.append(f"{what} has a version.")
    if facts.get("type") == "rss" and "xmlUrl" not in facts:
        found.append(f"{what} has no xmlUrl.")
    if "xmlUrl" in facts and facts.get("type") != "rss":
        found.append(f"{what} has an xmlUrl but not the type rss.")
    for key in ("xmlUrl", "htmlUrl"):
        if key in facts:
            found += text.url(facts[key], f"The {key} of {what.lower()}")
    return found
