"""One spelling for what readers take as one: case, Unicode form, tone placement, dashes and blanks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_BLANKS = "\u00a0\u2007\u2009\u202f\u3000"
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_PLAIN = (
    {**dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_BLANKS, " "), "\u00d0": "Đ", "\u0189": "Đ"}
    # The small twins stand in text that something else has lowered already.
    | {"\u00f0": "đ", "\u0256": "đ"}
)
# The old placement puts the tone on the last vowel. After q the u belongs to the consonant: quý stays.
_OLD_TONE = re.compile(r"(?:o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])(?![^\W\d_]|[\u0300-\u036f])")
_NEW_TONE = {
    first + old: new + last
    for first, news in (("o", "òóỏõọ"), ("u", "ùúủũụ"))
    for last, olds in (("a", "àáảãạ"), ("e", "èéẻẽẹ"), ("y", "ỳýỷỹỵ"))
    for old, new in zip(olds, news, strict=True)
}


def nfc(text: str) -> str:
    """The text composed (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def visible(text: str) -> str:
    """The text composed, without soft hyphens and zero-width characters."""
    # What can be printed is none of these, which is told at a tenth of the price of looking for them.
    return nfc(text if text.isprintable() else _INVISIBLE.sub("", text))


def plain(text: str) -> str:
    """The text composed, with one blank, one dash and one Đ; as long as the composed text."""
    text = nfc(text)
    for one, other in _PLAIN.items():  # most of them are in no text, which is told at once
        if one in text:
            text = text.replace(one, other)
    return text


def fold(text: str) -> str:
    """The text without differences of case, tone placement, dashes and blanks; as long as its NFC."""
    return lowered(plain(text))


def lowered(text: str) -> str:
    """A `plain` text without differences of case and tone placement; as long as it is."""
    return _OLD_TONE.sub(lambda found: _NEW_TONE[found[0]], _lower(text))


def bare(text: str) -> str:
    """A `lowered` text without its marks, as people write without an input method; as long as it is."""
    return "".join(map(_bare, text))


def key(label: str) -> str:
    """What makes a keyword one: labels with the same key are the same keyword."""
    # Dots go first: what they kept apart may compose or take a tone.
    folded = fold(visible(label).replace(".", "")).replace("-", " ")
    # Only here may the length change: Straße is STRASSE.
    return " ".join(nfc(folded.casefold()).split())


@lru_cache(maxsize=4096)
def _bare(character: str) -> str:
    return "d" if character == "đ" else unicodedata.normalize("NFD", character)[0]


def _lower(text: str) -> str:
    # str.lower() looks at the neighbours of a sigma and makes two characters of İ.
    lowered = "".join(map(_lower_one, text)) if "İ" in text or "Σ" in text else text.lower()
    if lowered.isascii() or unicodedata.is_normalized("NFC", lowered):
        return lowered
    # A small letter may compose with a mark where its capital does not (J and caron): it stays.
    pairs = zip(text, text[1:] + " ", strict=True)
    careful = "".join(one if unicodedata.combining(after) else _lower_one(one) for one, after in pairs)
    return careful if unicodedata.is_normalized("NFC", careful) else text


def _lower_one(character: str) -> str:
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character
