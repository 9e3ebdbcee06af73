"""Vietnamese as it was written before Unicode: text → bytes, by the tables of the program turned around."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from publisher.reading.encodings.legacy import _TCVN3_TABLE, _VNI_LETTERS, _VNI_MARKS

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_HATS = "\u0302\u0306"
_TCVN3 = {letter: byte for byte, letter in _TCVN3_TABLE.items()}
_MARKS = {marks: letter for letter, marks in _VNI_MARKS.items()}
_LETTERS = {meant: letter for letter, meant in _VNI_LETTERS.items()}


def tcvn3(text: str) -> bytes:
    """Capitals with tones become small letters, as the standard has no others."""
    found = (
        letter if letter.isascii() else _TCVN3.get(letter) or _TCVN3.get(letter.lower(), "?")
        for letter in unicodedata.normalize("NFC", text)
    )
    return "".join(found).encode("latin-1")


def vni(text: str) -> bytes:
    return "".join(map(_vni, unicodedata.normalize("NFC", text))).encode("cp1252")


def windows_1258(text: str) -> bytes:
    return b"".join(map(_windows, unicodedata.normalize("NFC", text)))


def _vni(letter: str) -> str:
    small = letter.lower()
    if letter.isascii():
        return letter
    if small in _LETTERS:
        made = _LETTERS[small]
    else:
        vowel, *marks = unicodedata.normalize("NFD", small)
        horned = "\u031b" in marks
        wanted = sorted(set(marks) - {"\u031b"}, key=lambda mark: mark not in _HATS)
        made = ({"o": "ô", "u": "ö"}[vowel] if horned else vowel) + _MARKS.get("".join(wanted), "")
        if not marks:
            return letter
    return made.upper() if letter.isupper() else made


def _windows(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        vowel, *marks = unicodedata.normalize("NFD", letter)
        hat = unicodedata.normalize("NFC", vowel + "".join(mark for mark in marks if mark not in _TONES))
        return (hat + "".join(mark for mark in marks if mark in _TONES)).encode("cp1258")


OLD: dict[str, Callable[[str], bytes]] = {"tcvn3": tcvn3, "vni": vni, "windows-1258": windows_1258}
