"""Bytes become text, or the reason why they are none."""

from __future__ import annotations

import codecs

from publisher.errors import SeedError

_HINT = "save it as UTF-8"


def decode(raw: bytes) -> str:
    """The text of UTF-8 with or without a byte order mark, or of UTF-16 with one; else SeedError."""
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = _utf16(raw) if wide else _utf8(raw)
    if "\0" in text:
        raise _binary()
    return text


def _utf8(raw: bytes) -> str:
    if b"\0" in raw:
        raise _binary()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        # The codec counts from behind the mark.
        start = fault.start + (len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0)
        line = raw.count(b"\n", 0, start) + 1
        reason = f"not UTF-8 (byte 0x{raw[start]:02X} at line {line})"
        raise SeedError(reason, line=line, hint=_HINT) from fault


def _utf16(raw: bytes) -> str:
    try:
        return raw.decode("utf-16")
    except UnicodeDecodeError as fault:
        raise SeedError(f"not UTF-16 (byte {fault.start})", hint=_HINT) from fault


def _binary() -> SeedError:
    return SeedError("binary data, not text", hint="move it out of the seeds folder, or ignore it")
