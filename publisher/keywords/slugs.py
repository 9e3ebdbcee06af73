"""Names for addresses: small ASCII letters, digits and hyphens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from hashlib import blake2b
from itertools import count

# Letters that do not decompose.
_LETTERS = str.maketrans(
    {"đ": "d", "Đ": "d", "\u00d0": "d", "\u00f0": "d", "\u0189": "d", "\u0256": "d"}
    | {"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "ß": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe"}
)
_OTHER = re.compile(r"[^a-z0-9]+")
# Windows opens a device under these names.
_RESERVED = frozenset(
    {"con", "nul", "prn", "aux", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)


def slugify(text: str, limit: int = 80) -> str:
    """The text as a slug of at most `limit` characters, cut between words; may be empty."""
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = "".join(one for one in letters if not unicodedata.combining(one))
    slug = _OTHER.sub("-", bare.lower()).strip("-")
    if len(slug) <= limit:
        return slug
    return slug[: limit + 1].rpartition("-")[0] or slug[:limit]


def unique_slug(label: str, taken: Container[str]) -> str:
    """A slug for a keyword that is not `taken`, is not empty and is a safe name for a folder."""
    base = slugify(label) or f"k-{_digest(label)}"
    if base in _RESERVED:
        base = f"k-{base}"
    if base not in taken:
        return base
    return next(slug for n in count(2) if (slug := f"{base}-{n}") not in taken)


def _digest(label: str) -> str:
    composed = unicodedata.normalize("NFC", label)
    return blake2b(composed.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
