"""Rules for single values: characters, URLs, languages, repetitions."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TypeVar
from urllib.parse import urlsplit

Value = TypeVar("Value", bound=Hashable)

_PLANE_ENDS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_UNWANTED = (
    ("a noncharacter", re.compile(f"[\ufdd0-\ufdef{_PLANE_ENDS}]")),
    ("a control character", re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")),
    ("a lone surrogate", re.compile("[\ud800-\udfff]")),
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_EMBEDDINGS, _POP_EMBEDDING = "\u202a\u202b\u202d\u202e", "\u202c"
_ISOLATES, _POP_ISOLATE = "\u2066\u2067\u2068", "\u2069"
_BIDIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069]")


def characters(text: str, what: str) -> list[str]:
    """What no text should hold, wherever it stands."""
    found = []
    for kind, pattern in _UNWANTED:
        bad = pattern.search(text)
        if bad:
            found.append(f"{what} holds {kind}: U+{ord(bad[0]):04X}.")
    if not _balanced(text):
        found.append(f"{what} holds unbalanced bidirectional controls.")
    return found


def title(text: str | None, what: str) -> list[str]:
    """A title is one line that shows something; its characters are asked with all the others."""
    if text is None:
        return [f"{what} has no title."]
    if not any(unicodedata.category(one)[0] not in "CZ" for one in text):
        return [f"{what} has an empty title."]
    if re.search("[\t\n]", text):
        return [f"The title of {what[0].lower()}{what[1:]} holds a control character: tab or newline."]
    return []


def _balanced(text: str) -> bool:
    open_ones: list[str] = []
    for one in _BIDIRECTIONAL.findall(text):
        if one in _EMBEDDINGS:
            open_ones.append(_POP_EMBEDDING)
        elif one in _ISOLATES:
            open_ones.append(_POP_ISOLATE)
        elif one in (_POP_EMBEDDING, _POP_ISOLATE) and (not open_ones or open_ones.pop() != one):
            return False
    return not open_ones


def url(text: str, what: str, *, ascii_only: bool = False) -> list[str]:
    """A link leads to the web from wherever the feed is read."""
    if not is_web(text):
        return [f"{what} is no absolute http URL: {text!r}."]
    if re.search(r"[\s<>\"{}|\\^`\x00-\x1f]", text):
        return [f"{what} holds characters that no URL has: {text!r}."]
    if ascii_only and not text.isascii():
        return [f"{what} is not ASCII: {text!r}."]
    return []


def is_web(text: str) -> bool:
    """Whether `text` is an absolute http or https URL."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def identity(text: str, what: str) -> list[str]:
    """An id of Atom is an absolute IRI; those of the tag and uuid schemes have a form."""
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S", text):
        return [f"{what} is no absolute IRI: {text!r}."]
    if not text.isascii():
        return [f"{what} is not ASCII: {text!r}."]
    forms = {
        "tag:": r"tag:[^\s,:@]+(@[^\s,:@]+)?,\d{4}(-\d\d){0,2}:\S*",
        "urn:uuid:": r"urn:uuid:[\da-f-]{36}",
    }
    for start, form in forms.items():
        if text.startswith(start) and not re.fullmatch(form, text, re.IGNORECASE):
            return [f"{what} is no {start.rstrip(':')} URI: {text!r}."]
    return []


def language(text: object, what: str) -> list[str]:
    """A language is named, as BCP 47 has it."""
    if not text:
        return [f"{what} names no language."]
    if not isinstance(text, str) or not _LANGUAGE.fullmatch(text):
        return [f"{what} names an impossible language: {text!r}."]
    return []


def fold(text: str) -> str:
    """What readers take for the same word, whatever its case and its Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def repeated(values: Iterable[Value]) -> list[Value]:
    """The values that occur more than once."""
    return [value for value, times in Counter(values).items() if times > 1]
