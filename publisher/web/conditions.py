"""What a request asks of an answer (RFC 9110): which coding, whether it is news, and which part. Pure.

Header fields come as bytes, as they were sent. What is not well-formed counts as not sent.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

CODINGS = ("br", "gz")
"""Codings that files have, by the suffix of the sibling, the better first."""
LONGEST = 1000
"""Octets of a list that are looked at; no browser says half as much. What is kept of strangers must be small."""
_NAMES = {"br": "br", "gz": "gzip"}
_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_RANGE = re.compile(rb"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE)


def name_of(coding: str) -> str:
    """A coding as `Content-Encoding` says it."""
    return _NAMES[coding]


def weights(field: bytes) -> dict[str, float]:
    """Names of a list with quality values, such as `Accept-Encoding`, in small letters (section 12.4.2)."""
    return _weights(_cut(field))


def _cut(field: bytes) -> bytes:
    """The items of a list that end within `LONGEST`."""
    return field if len(field) <= LONGEST else field[:LONGEST].rpartition(b",")[0]


@lru_cache(maxsize=256)
def _weights(field: bytes) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in field.decode("latin-1").split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        values = [_WEIGHT.fullmatch(parameter) for parameter in parameters]
        if name and all(values):
            found[name.lower()] = min((float(value[1]) for value in values if value), default=1.0)
    return found


def codings(field: bytes) -> tuple[str, ...]:
    """The codings that a client takes rather than none, the one that it wants most first (section 12.5.3)."""
    return _codings(_cut(field))


@lru_cache(maxsize=256)
def _codings(field: bytes) -> tuple[str, ...]:
    wanted = _weights(field)
    rest = wanted.get("*", 0.0)
    plain = wanted.get("identity", 0.0)

    def weight(coding: str) -> float:
        name = _NAMES[coding]
        return wanted.get(name, wanted.get(f"x-{name}", rest))

    taken = [coding for coding in CODINGS if weight(coding) > 0 and weight(coding) >= plain]
    return tuple(sorted(taken, key=weight, reverse=True))


def chosen(field: bytes, available: Collection[str]) -> str:
    """The coding of the answer among those `available`; empty for none."""
    return next((coding for coding in codings(field) if coding in available), "")


def names_tag(field: bytes, tag: bytes) -> bool:
    """Whether `If-None-Match` names the entity tag, compared weakly as it must be (section 13.1.2)."""
    return field == tag or field.strip() == b"*" or tag in _TAG.findall(field)


def seconds(field: bytes) -> int | None:
    """A date of HTTP (section 5.6.7) in seconds since 1970."""
    try:
        moment = parsedate_to_datetime(field.decode("ascii"))
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def is_news(none_match: bytes | None, modified_since: bytes | None, tag: bytes, modified: int) -> bool:
    """Whether a client has to be sent the content; a tag says more than a date (section 13.2.2)."""
    if none_match is not None:
        return not names_tag(none_match, tag)
    since = seconds(modified_since) if modified_since is not None else None
    return since is None or modified > since


@dataclass(frozen=True, slots=True)
class Span:
    """Octets from `first` up to and without `end`; an empty one is a range that the content does not have."""

    first: int
    end: int

    def __len__(self) -> int:
        return max(self.end - self.first, 0)


def span(field: bytes | None, if_range: bytes | None, tag: bytes, modified: int, size: int) -> Span | None:
    """The one range of octets that is asked for (section 14.2); None for the whole, as for several ranges.

    `If-Range` must name the tag strongly, or the very date (section 13.1.5).
    """
    asked = _RANGE.fullmatch(field.strip()) if field is not None else None
    if asked is None or not any(asked.groups()):
        return None
    if if_range is not None and if_range.strip() != tag and seconds(if_range) != modified:
        return None
    first, last = asked.groups()
    if not first:
        return Span(max(size - int(last), 0), size if int(last) else 0)
    if last and int(last) < int(first):
        return None
    return Span(int(first), min(int(last) + 1, size) if last else size)
