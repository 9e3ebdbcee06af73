"""The eight-bit encodings of Vietnamese from before Unicode: bytes → text, whatever the bytes are.

Each gives the text in NFC, or nothing where a byte means nothing in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

_TCVN3 = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộ"
    "ờởỡớợùỖủũúụừửữứựỳỷỹýỵ"
)
"""What 0xA1 to 0xFE mean (TCVN 5712:1993). Fonts made capitals of small letters; below stand Windows' quotes."""

_VNI_MARKS = {
    "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
"""What a letter of Windows-1252 behind a vowel adds to it."""

_VNI_LETTERS = {"ñ": "đ", "ô": "ơ", "ö": "ư", "ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
"""What one that stands by itself means."""

_VNI = re.compile(f"([aeouyôö])([{''.join(_VNI_MARKS)}])|[{''.join(_VNI_LETTERS)}]", re.IGNORECASE)
_EIGHT_BITS = re.compile("[\x80-\xff]")


def windows_1258(raw: bytes) -> str | None:
    """Microsoft's code page: vowels with their hats, tones as marks behind them."""
    try:
        return unicodedata.normalize("NFC", raw.decode("cp1258"))
    except UnicodeDecodeError:
        return None


def tcvn3(raw: bytes) -> str | None:
    """The national standard of the north, with fonts named .VnTime and the like."""
    text = _EIGHT_BITS.sub(lambda found: _TCVN3_TABLE.get(found[0], "\ufffd"), raw.decode("latin-1"))
    return None if "\ufffd" in text else unicodedata.normalize("NFC", text)


def vni(raw: bytes) -> str | None:
    """The encoding of the south, with fonts named VNI-Times and the like: a vowel, then a letter for its marks."""
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return unicodedata.normalize("NFC", _VNI.sub(_vni_meant, text))


def _vni_meant(found: re.Match[str]) -> str:
    letter, marks = (found[1], _VNI_MARKS[found[2].lower()]) if found[1] else (found[0], "")
    meant = _VNI_LETTERS.get(letter.lower(), letter.lower()) + marks
    return meant if letter.islower() else meant.upper()


_TCVN3_TABLE = {chr(0xA1 + at): letter for at, letter in enumerate(_TCVN3)} | {
    chr(code): bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA1)
}

LEGACY: Mapping[str, Callable[[bytes], str | None]] = MappingProxyType(
    {"windows-1258": windows_1258, "tcvn3": tcvn3, "vni": vni}
)
"""Decoders by the names that the configuration uses."""
