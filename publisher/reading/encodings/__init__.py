"""Bytes become text, or the reason why they are none: by marks and rules where there are some, else by evidence.

What is not UTF-8 may be one of the encodings that Vietnamese had before: the text decides, and where it does
not, nobody guesses. `publisher.errors.SeedError` names the candidates then.
"""

from __future__ import annotations

import codecs
import re

from publisher.errors import SeedError
from publisher.reading.encodings.legacy import LEGACY
from publisher.reading.encodings.syllables import Evidence, evidence

__all__ = ["AUTO", "ENCODINGS", "decode"]

AUTO = "auto"
ENCODINGS = (AUTO, "utf-8", *LEGACY)
"""What a configuration may ask for."""

_CERTAIN, _DOUBTFUL = 0.9, 0.6
"""Of the words with marks: so many must be possible in one encoding, and fewer in all others."""
_FEW = 3
"""With fewer words than this nothing may speak for another encoding at all."""
_AGAINST_UTF8 = 10
"""So many words must speak for another encoding where the bytes are good UTF-8."""
_WIDE = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"} | {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f]")
_HINT = "save it as UTF-8, or say under [seeds] which encoding it has"


def decode(raw: bytes, encoding: str = AUTO) -> str:
    """The text of `raw`; `encoding` is one of `ENCODINGS` (SeedError where it has another, or none is sure).

    A mark of the byte order decides (The Unicode Standard, section 23.8), then the rules of UTF-8 (RFC 3629),
    then NUL bytes at every other place, which only UTF-16 has; else the text.
    """
    if encoding in LEGACY:
        return _chosen(raw, encoding)
    for mark, wide in _WIDE.items():
        if raw.startswith(mark):
            return _plain(_as(raw, wide))
    if b"\0" in raw:
        return _plain(_without_mark(raw))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        if encoding == AUTO and not raw.startswith(codecs.BOM_UTF8):
            return _by_evidence(raw, fault)
        raise _not_utf8(raw, fault) from fault
    return (_copied(text) or text) if encoding == AUTO else text


def _chosen(raw: bytes, encoding: str) -> str:
    text = LEGACY[encoding](raw)
    if text is None:
        raise SeedError(f"not {encoding}, as [seeds] has it", hint="set encoding to “auto”")
    return _plain(text)


def _as(raw: bytes, wide: str) -> str:
    try:
        return raw.decode(wide)
    except UnicodeDecodeError as fault:
        raise SeedError(f"not {wide.upper()} (byte {fault.start})", hint=_HINT) from fault


def _without_mark(raw: bytes) -> str:
    """UTF-16 without a mark: blanks and ends of lines have their NUL always on the same side."""
    for wide, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        nuls, others = raw[at::2].count(0), raw[1 - at :: 2].count(0)
        if not others and nuls * 4 > len(raw) and not len(raw) % 2:
            text = _as(raw, wide)
            if not _CONTROL.search(text):
                return text
    raise _binary()


def _plain(text: str) -> str:
    if "\0" in text:
        raise _binary()
    return text


def _by_evidence(raw: bytes, fault: UnicodeDecodeError) -> str:
    texts = {name: text for name, decoder in LEGACY.items() if (text := decoder(raw)) is not None}
    found = {name: evidence(text) for name, text in texts.items()}
    if best := _sure(found):
        return _plain(texts[best])
    likely = sorted((name for name in found if found[name].possible), key=lambda name: -found[name].share)
    raise _not_utf8(raw, fault, likely) from fault


def _sure(found: dict[str, Evidence]) -> str:
    """The one encoding in which the text is Vietnamese; empty where there is none, or not one alone."""
    best = max(found, key=lambda name: found[name].share, default="")
    others = [each for name, each in found.items() if name != best]
    if not best or found[best].share < _CERTAIN or any(each.share >= _DOUBTFUL for each in others):
        return ""
    if found[best].possible < _FEW and any(each.possible for each in others):
        return ""
    return best


def _copied(text: str) -> str:
    """What a text means that is good UTF-8 and was copied out of a document in an old font, or decoded wrongly."""
    try:
        raw = text.encode("cp1252")
    except UnicodeEncodeError:  # as in nearly every text of Vietnamese, after a few letters
        return ""
    plain = evidence(text)
    if plain.marked < _AGAINST_UTF8 or plain.share >= _DOUBTFUL:
        return ""
    texts = {"utf-8": _again(raw)} | {name: decoder(raw) for name, decoder in LEGACY.items()}
    found = {name: evidence(meant) for name, meant in texts.items() if meant}
    best = _sure(found)
    return (texts[best] or "") if best and found[best].possible >= _AGAINST_UTF8 else ""


def _again(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _not_utf8(raw: bytes, fault: UnicodeDecodeError, likely: list[str] | None = None) -> SeedError:
    # The codec counts from behind the mark.
    start = fault.start + (len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0)
    line = raw.count(b"\n", 0, start) + 1
    reason = f"not UTF-8 (byte 0x{raw[start]:02X} at line {line})"
    if likely:
        reason += f", and not surely {' or '.join(likely)}"
    return SeedError(reason, line=line, hint=_HINT)


def _binary() -> SeedError:
    return SeedError("binary data, not text", hint="move it out of the seeds folder, or ignore it")
